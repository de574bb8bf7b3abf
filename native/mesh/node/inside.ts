/** What of a node faces the service: the core, what it wants of the ledger, and what people are told. */
import { ok } from "../../base/base.ts";
import { blobsOf } from "../../ledger/ledger.ts";
import { ALL_RULES, type CoreState, type Slice, startCore } from "../core/core.ts";
import type { Pairing } from "../pairing/pairing.ts";
import type { Frame } from "../transport/transport.ts";
import { createAbsence } from "./absence.ts";
import { createDriver, type Driver } from "./driver.ts";
import { createDropped, type Dropped } from "./dropped.ts";
import { createEffects } from "./effects.ts";
import type { HostRecord } from "./host-record.ts";
import { hostOf } from "./host-record.ts";
import { createIncoming } from "./incoming.ts";
import { coreMembers, rankOf } from "./members.ts";
import type { NodeDeps } from "./node.ts";
import type { Outside } from "./outside.ts";
import { createPeople, type People } from "./people.ts";
import { createReporter, type Reporter } from "./reporter.ts";
import { createSafety, type Safety } from "./safety.ts";
import { createServiceAsks, type ServiceAsks } from "./service-asks.ts";
import { createStoring, type Storing } from "./storing.ts";
import type { Trust } from "./trust.ts";
import { viewOf } from "./view.ts";

/** Everything that faces the service. */
export interface Inside {
	readonly driver: Driver;
	readonly people: People;
	readonly reporter: Reporter;
	readonly safety: Safety;
	readonly asks: ServiceAsks;
	readonly storing: Storing;
	/** A frame came. */
	incoming(from: string, frame: Frame): void;
}

/** What it is made of beside what the node is. */
export interface InsideDeps extends NodeDeps {
	readonly trust: Trust;
	readonly outside: Outside;
	readonly pairing: Pairing;
	readonly incarnation: string;
	readonly port: number;
	readonly hostRecord: HostRecord;
}

/** A core that stands still until its driver is started. */
export function createInside(deps: InsideDeps): Inside {
	const { trust, outside, hostRecord, clock, log, post } = deps;
	const { transport } = outside;
	const safety = createSafety();
	const absence = createAbsence(deps.start.origin);
	const asks = createServiceAsks(post);
	const slices = new Map<string, readonly Slice[]>();
	/** Who sent a log's operations last: the first to be asked for their blobs. */
	const senders = new Map<string, string>();
	for (const place of deps.places) safety.note(place);
	const fail = (message: string): void => post({ kind: "failed", message });
	const dropped = createDropped(deps.dropped);
	const storing = createLedgerDoor(deps, asks, senders, {
		...{ dropped, fail },
		state: () => driver.state,
		tell: (happening) => driver.tell(happening),
	});
	const perform = createEffects({
		...{ log, transport, storing, asks, hostRecord, post, fail },
		epochs: trust.epochs,
		tell: (happening) => driver.tell(happening),
	});
	const driver = createDriver({ core: bootCore(deps), clock, perform, onStep: look });
	const people = createPeople({
		...{ ...trust, pairing: deps.pairing, discovery: outside.discovery, clock },
		name: () => deps.start.name,
		port: () => deps.port,
		state: () => driver.state,
		wishHost,
		onMembers: () => outside.syncMembers(true),
		onCode: () => post({ kind: "code", code: people.code }),
	});
	const incoming = createIncoming({
		...{ log, slices, senders, safety, dropped, gossip: outside.gossip, keeping: outside.keeping },
		tell: (message, from) => driver.tell({ kind: "received", from, message }),
		wishHost: (id) => void wishHost(id),
	});
	const reporter = createReporter({
		post,
		view: () => viewOf({ ...factsOf(deps), core: driver.state, slices }),
		others() {
			const levels = safety.look(driver.state);
			const present = absence.look(driver.state, outside.gossip.told);
			return [
				...(levels.length === 0 ? [] : [{ kind: "durability" as const, levels }]),
				...(present === undefined ? [] : [{ kind: "stands-in" as const, present }]),
			];
		},
	});

	function look(before: CoreState, state: CoreState): void {
		const host = hostRecord.host;
		hostRecord.look(state);
		people.look(state);
		// It slept, or stood still: its sockets may be of networks that are gone, and others have given it up.
		if (before.awakeSinceMs !== state.awakeSinceMs) {
			outside.discovery.refresh();
			transport.nudge();
		}
		if (before.tenure === state.tenure && host === hostRecord.host) return;
		outside.gossip.say({ why: state.tenure === null ? null : (hostRecord.host?.why ?? null) });
		reporter.tellNow();
	}

	/** Tells the host whom the owner wants; a host sees to it itself. */
	function wishHost(id: string): boolean {
		const host = hostOf(driver.state)?.device;
		if (host === trust.identity.deviceId) driver.tell({ kind: "hand-over", to: id });
		return host === trust.identity.deviceId || (host !== undefined && transport.send(host, { kind: "wish", host: id }));
	}

	return { driver, people, reporter, safety, asks, storing, incoming };
}

interface LedgerDoorDeps {
	readonly dropped: Dropped;
	state(): CoreState;
	fail(message: string): void;
	readonly tell: Driver["tell"];
}

/** The way of other machines' operations into the ledger. */
function createLedgerDoor(
	{ log, outside }: InsideDeps,
	asks: ServiceAsks,
	senders: ReadonlyMap<string, string>,
	{ dropped, state, fail, tell }: LedgerDoorDeps,
): Storing {
	function senderOf(origin: string): readonly string[] {
		const sender = senders.get(origin);
		return sender === undefined ? [] : [sender];
	}

	return createStoring({
		log,
		blobsOf,
		hasBlob: outside.files.has,
		fetch: (blob, origin) => outside.fetch(blob, senderOf(origin)),
		mayBeGone: (operation) => dropped.mayBeGone(operation, state()),
		async store(operations, gone) {
			const stored = await asks.store(operations, gone);
			if (!stored.ok) return stored;
			tell({ kind: "durable", durable: stored.value });
			return ok(undefined);
		},
		onStranded: () =>
			fail(
				"Results were told of by a machine that is gone since, and nobody else has them; their lines are run again.",
			),
		onTooMany: () => fail("More operations of other machines wait to be stored than this computer can hold."),
	});
}

function bootCore({ start, operations, clock, trust, incarnation }: InsideDeps): CoreState {
	const { identity, membership, epochs } = trust;
	return startCore({
		at: { monotonicMs: clock.monotonicMs(), wallMs: clock.nowMs() },
		device: identity.deviceId,
		origin: start.origin,
		incarnation,
		rank: rankOf(start.hosting),
		mayHost: start.hosting !== "never",
		protection: start.protection,
		publishAt: start.publishAt,
		rules: ALL_RULES,
		members: coreMembers(membership.view(), new Map()),
		...epochs.saved,
		operations,
	});
}

function factsOf({ start, trust, outside, port, hostRecord, clock }: InsideDeps) {
	const { gossip, discovery } = outside;
	return {
		self: trust.identity.deviceId,
		name: start.name,
		port,
		own: gossip.own,
		told: gossip.told,
		membership: trust.membership.view(),
		links: outside.links(),
		host: hostRecord.host,
		sightings: discovery.sightings(),
		trouble: discovery.trouble()[0]?.message ?? outside.strangeVersion(),
		nowMs: clock.nowMs(),
	};
}
