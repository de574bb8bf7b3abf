/**
 * This machine among others: composes identity, trust, door, links, discovery and the core in the mesh's own thread.
 *
 * Owns everything that talks to other machines. Must never open the ledger's database, load a model or wait for either: what it
 * wants of the service it asks by messages, and goes on.
 */
import { randomBytes } from "node:crypto";
import { type Clock, err, type Log, ok, type Result } from "../../base/base.ts";
import { blobsOf } from "../../ledger/ledger.ts";
import { ALL_RULES, type CoreState, type Operation, type Slice, startCore } from "../core/core.ts";
import { type AddressMemory, createDiscovery, type Discovery, openAddressMemory } from "../discovery/discovery.ts";
import { type Connections, createConnections, createDoor, createTurnstile, type Door } from "../door/door.ts";
import { type DeviceIdentity, openIdentity } from "../identity/identity.ts";
import { createMembership, type Membership } from "../membership/membership.ts";
import { createPairing, type Pairing } from "../pairing/pairing.ts";
import { createTransport, type Frame, type LinkView, type Transport } from "../transport/transport.ts";
import { createBlobFiles } from "./blob-files.ts";
import { createDriver } from "./driver.ts";
import { createEffects } from "./effects.ts";
import { type EpochFile, openEpochFile } from "./epoch-file.ts";
import { createGossip } from "./gossip.ts";
import { hasHolder } from "./holders.ts";
import { createHostRecord, hostOf } from "./host-record.ts";
import { createIncoming } from "./incoming.ts";
import { createKeeping } from "./keeping.ts";
import { openMemberFile } from "./member-file.ts";
import { coreMembers, rankOf } from "./members.ts";
import type { BatchPlace, BlobName, FromNode, NodeStart, ToNode } from "./messages.ts";
import { createPeople, type People } from "./questions.ts";
import { createReceiver } from "./receiver.ts";
import { createReporter } from "./reporter.ts";
import { createSafety } from "./safety.ts";
import { createServiceAsks } from "./service-asks.ts";
import { createStoring } from "./storing.ts";
import { isOnline, viewOf } from "./view.ts";

/** What a node is made of. */
export interface NodeDeps {
	readonly start: NodeStart;
	/** What is in the ledger: each log in order. */
	readonly operations: readonly Operation[];
	readonly places: readonly BatchPlace[];
	readonly clock: Clock;
	readonly log: Log;
	/** To the service. */
	post(message: FromNode): void;
	/** For tests, where machines of several meshes share one computer. */
	readonly beaconPort?: number;
}

/** A node at work. */
export interface Node {
	receive(message: ToNode): void;
	/** Says goodbye and closes everything; within a second. */
	stop(): Promise<void>;
}

/** What outlives a node, and who may come in. */
interface Trust {
	readonly identity: DeviceIdentity;
	readonly membership: Membership;
	readonly connections: Connections;
	readonly epochs: EpochFile;
	readonly memory: AddressMemory;
}

/** Begins. The failure is a sentence that says how to mend it. */
export async function startNode(deps: NodeDeps): Promise<Result<Node, string>> {
	const trust = await openTrust(deps);
	if (!trust.ok) return trust;
	const pairing = createPairing({
		...trust.value,
		name: deps.start.name,
		clock: deps.clock,
		log: deps.log,
		onEvent: (event) => late?.people.notePairing(event),
	});
	let late: Composed | null = null;
	const door = createDoor({
		...trust.value,
		turnstile: createTurnstile(deps.clock),
		log: deps.log,
		isPairing: () => pairing.isOpen(),
		onMember: (connection) => void (late === null ? connection.socket.destroy() : late.transport.accept(connection)),
		async onStranger(connection) {
			if (late !== null) return late.transport.acceptStranger(connection);
			connection.socket.destroy();
			return false;
		},
		onPairing: (connection) => void pairing.receive(connection),
	});
	const port = await listen(door, deps.start.port);
	if (!port.ok) return port;
	late = compose(deps, trust.value, { pairing, door, port: port.value });
	await late.discovery.start();
	late.begin();
	deps.post({ kind: "begun", deviceId: trust.value.identity.deviceId, port: port.value });
	return ok(late);
}

async function openTrust({ start, log }: NodeDeps): Promise<Result<Trust, string>> {
	const identity = await openIdentity({ path: start.paths.identity, expectedId: start.expectedId, log });
	if (!identity.ok) return err(identity.error.message);
	const store = openMemberFile(start.paths.members);
	if (!store.ok) return store;
	const epochs = openEpochFile(start.paths.epochs);
	if (!epochs.ok) return epochs;
	const membership: Membership = createMembership({
		identity: identity.value,
		name: start.name,
		store: store.value,
		log,
		onRemoved: (deviceId) => connections.drop(deviceId),
	});
	const connections = createConnections((deviceId) => membership.isMember(deviceId));
	const memory = await openAddressMemory({ path: start.paths.addresses, log });
	return ok({ identity: identity.value, membership, connections, epochs: epochs.value, memory });
}

/** The chosen port, or any free one where another program has it: members hear of it. */
async function listen(door: Door, port: number): Promise<Result<number, string>> {
	const chosen = await door.listen({ port });
	if (chosen.ok) return chosen;
	const any = chosen.error.kind === "port-taken" ? await door.listen({ port: 0 }) : chosen;
	return any.ok ? any : err(any.error.message);
}

interface Composed extends Node {
	readonly people: People;
	readonly transport: Transport;
	readonly discovery: Discovery;
	begin(): void;
}

function compose(
	deps: NodeDeps,
	trust: Trust,
	{ pairing, door, port }: { readonly pairing: Pairing; readonly door: Door; readonly port: number },
): Composed {
	const { start, clock, log, post } = deps;
	const { identity, membership } = trust;
	const self = identity.deviceId;
	const incarnation = randomBytes(8).toString("hex");
	const files = createBlobFiles(start.paths.blobs);
	const hostRecord = createHostRecord(() => clock.nowMs());
	const safety = createSafety();
	const asks = createServiceAsks(post);
	const slices = new Map<string, readonly Slice[]>();
	/** Who sent a log's operations last: the first to be asked for their blobs. */
	const senders = new Map<string, string>();
	let links: readonly LinkView[] = [];
	let otherProtocol: string | null = null;
	for (const place of deps.places) safety.note(place);

	const discovery = createDiscovery({
		deviceId: self,
		name: start.name,
		port,
		clock,
		log,
		memory: trust.memory,
		isPairing: () => pairing.isOpen(),
		isMember: (deviceId) => membership.isMember(deviceId),
		onFound: ({ deviceId }) => call(deviceId),
		onGone: () => {},
		...(deps.beaconPort === undefined ? {} : { beaconPort: deps.beaconPort }),
	});
	const transport = createTransport({
		...trust,
		name: () => start.name,
		incarnation,
		version: start.version,
		port: () => port,
		clock,
		log,
		random: Math.random,
		blobs: files,
		onFrame: (from, frame, { by }) => incoming(from, frame, by),
		onLinks(next) {
			links = next;
			gossip.noteLinks(next);
		},
		onMembersChanged: () => syncMembers(false),
		onOtherProtocol(deviceId) {
			const name = membership.view().members.get(deviceId)?.name ?? deviceId;
			otherProtocol = `${name} runs another version of Nightshift that this one can't work with. Install the same version on both.`;
		},
	});
	const send = (to: string, frame: Frame): boolean => transport.send(to, frame);
	const gossip = createGossip(
		{
			discovery,
			send,
			onTold(from, why) {
				if (why !== null) hostRecord.told(from, why);
				driver.tell({ kind: "members-changed", members: coreMembers(membership.view(), gossip.told) });
			},
		},
		start.hosting,
	);
	const fetch = (blob: BlobName, first: readonly string[]) =>
		transport.fetchBlob({ ...blob, from: holders(first, hostOf(driver.state)?.device ?? null, links) });
	const keeping = createKeeping({
		log,
		files,
		send,
		fetch,
		isThere: (deviceId) => isOnline(driver.state, deviceId),
	});
	const storing = createStoring({
		log,
		blobsOf,
		hasBlob: files.has,
		fetch: (blob, origin) => fetch(blob, senderOf(origin)),
		isHolderThere: (operation) => hasHolder(driver.state, links, operation),
		async store(operations, gone) {
			const stored = await asks.store(operations, gone);
			if (!stored.ok) return stored;
			driver.tell({ kind: "durable", durable: stored.value });
			return ok(undefined);
		},
		onTooMany: () => fail("More operations of other machines wait to be stored than this computer can hold."),
	});
	const fail = (message: string): void => post({ kind: "failed", message });
	const perform = createEffects({
		...{ log, transport, storing, asks, hostRecord, post, fail },
		epochs: trust.epochs,
		tell: (happening) => driver.tell(happening),
	});
	const driver = createDriver({ core: bootCore(deps, trust, incarnation), clock, perform, onStep: look });
	const people = createPeople({
		...{ identity, membership, pairing, discovery, clock },
		name: () => start.name,
		port: () => port,
		state: () => driver.state,
		wishHost: (id) => wishHost(id),
		onMembers: () => syncMembers(true),
		onCode: () => post({ kind: "code", code: people.code }),
	});
	const incoming = createIncoming({
		...{ log, gossip, keeping, slices, senders, safety },
		tell: (message, from) => driver.tell({ kind: "received", from, message }),
		wishHost: (id) => void wishHost(id),
	});
	const reporter = createReporter({
		post,
		view: () =>
			viewOf({
				...{ self, port, links, slices },
				name: start.name,
				own: gossip.own,
				told: gossip.told,
				membership: membership.view(),
				core: driver.state,
				host: hostRecord.host,
				sightings: discovery.sightings(),
				trouble: discovery.trouble()[0]?.message ?? otherProtocol,
				nowMs: clock.nowMs(),
			}),
		others: () => {
			const levels = safety.look(driver.state);
			return levels.length === 0 ? [] : [{ kind: "durability", levels }];
		},
	});

	function look(before: CoreState, state: CoreState): void {
		const host = hostRecord.host;
		hostRecord.look(state);
		people.look(state);
		// It slept, or stood still: its sockets may be of networks that are gone, and others have given it up.
		if (before.awakeSinceMs !== state.awakeSinceMs) {
			discovery.refresh();
			transport.nudge();
		}
		if (before.tenure === state.tenure && host === hostRecord.host) return;
		gossip.say({ why: state.tenure === null ? null : (hostRecord.host?.why ?? null) });
		reporter.tellNow();
	}

	function senderOf(origin: string): readonly string[] {
		const sender = senders.get(origin);
		return sender === undefined ? [] : [sender];
	}

	/** Tells the host whom the owner wants; a host sees to it itself. */
	function wishHost(id: string): boolean {
		const host = hostOf(driver.state)?.device;
		if (host === self) driver.tell({ kind: "hand-over", to: id });
		return host === self || (host !== undefined && send(host, { kind: "wish", host: id }));
	}

	function call(deviceId: string): void {
		if (membership.isMember(deviceId) && deviceId !== self) {
			transport.know(deviceId, discovery.addressesOf(deviceId));
		}
	}

	/** `isOwn`: by this machine's doing, so that others must hear of it. */
	function syncMembers(isOwn: boolean): void {
		const { members } = membership.view();
		gossip.keepOnly(new Set(members.keys()));
		driver.tell({ kind: "members-changed", members: coreMembers(membership.view(), gossip.told) });
		for (const deviceId of members.keys()) call(deviceId);
		if (isOwn) transport.announceMembers();
		reporter.tellNow();
	}

	async function stop(): Promise<void> {
		driver.stop();
		driver.tell({ kind: "leaving" });
		reporter.stop();
		people.stop();
		keeping.stop();
		storing.stop();
		pairing.stop();
		await Promise.all([discovery.stop(), door.close()]);
		await transport.stop();
		await trust.memory.flush();
	}

	const receive = createReceiver({
		...{ asks, driver, people, gossip, keeping, safety, files, fetch, post, stop },
		online: () => [...driver.state.peers.keys()].filter((deviceId) => isOnline(driver.state, deviceId)),
		host: () => hostOf(driver.state)?.device ?? null,
	});
	return {
		...{ people, transport, discovery, receive, stop },
		begin() {
			syncMembers(false);
			driver.start();
			reporter.start();
		},
	};
}

function bootCore(
	{ start, operations, clock }: NodeDeps,
	{ identity, membership, epochs }: Trust,
	incarnation: string,
) {
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

/** Whom to ask for a blob: those likeliest to have it first, then everybody in reach. */
function holders(first: readonly string[], host: string | null, links: readonly LinkView[]): readonly string[] {
	const all = [...first, ...(host === null ? [] : [host]), ...links.map(({ deviceId }) => deviceId)];
	return [...new Set(all)];
}
