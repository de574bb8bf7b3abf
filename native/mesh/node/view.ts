/** What the service is told of the mesh, made anew from all that is known. Pure. */
import type { MachineAbout, MeshHost, MeshMachine, MeshView, Stranger } from "../../contract/contract.ts";
import { ALONE_MS, type CoreState, countLines, type Slice } from "../core/core.ts";
import type { Sighting } from "../discovery/discovery.ts";
import type { MembershipView } from "../membership/membership.ts";
import type { LinkView } from "../transport/transport.ts";
import type { Hosting } from "./messages.ts";
import { apart } from "./names.ts";

/** What a machine said of itself last. */
export interface Told {
	readonly about: MachineAbout;
	readonly hosting: Hosting;
	/** Name of its log; null: it did not say. */
	readonly origin: string | null;
}

/** All that is known. */
export interface Known {
	readonly self: string;
	readonly name: string;
	readonly port: number;
	readonly own: Told | null;
	readonly membership: MembershipView;
	readonly links: readonly LinkView[];
	readonly told: ReadonlyMap<string, Told>;
	/** What each machine works on, by its last hello. */
	readonly slices: ReadonlyMap<string, readonly Slice[]>;
	readonly core: CoreState;
	readonly host: MeshHost | null;
	readonly sightings: readonly Sighting[];
	readonly trouble: string | null;
	/** Unix milliseconds. */
	readonly nowMs: number;
}

/** What is heard every second is told in steps of so much, lest every second be news. */
const HEARD_STEP_S = 10;

/** Strangers shown: more than stand in one room. */
const MOST_STRANGERS = 50;

/** The view, without the code that may be shown. */
export function viewOf(known: Known): MeshView {
	const { membership } = known;
	const machines = [...membership.members.values()].map(({ deviceId, name }) => machineOf(known, deviceId, name));
	return {
		is_on: true,
		trouble: known.trouble,
		self: known.self,
		port: known.port,
		host: known.host,
		machines: apart(machines).toSorted((left, right) => order(left, right)),
		strangers: strangersOf(known),
		awaiting_approval: [...membership.awaitingApproval.values()].map(({ deviceId, name }) => ({ id: deviceId, name })),
		pairing: null,
	};
}

/** Whether a machine was heard so lately that it counts as there. */
export function isOnline({ peers, nowMs }: CoreState, deviceId: string): boolean {
	const heardMs = peers.get(deviceId)?.heardMs ?? null;
	return heardMs !== null && nowMs - heardMs < ALONE_MS;
}

function machineOf(known: Known, deviceId: string, name: string): MeshMachine {
	const { self, core, host, links, slices } = known;
	const isSelf = deviceId === self;
	const told = isSelf ? known.own : known.told.get(deviceId);
	const link = links.find((one) => one.deviceId === deviceId);
	const working = isSelf ? core.worker.slices : (slices.get(deviceId) ?? []);
	const isThere = isSelf || isOnline(core, deviceId);
	return {
		id: deviceId,
		name: isSelf ? known.name : (link?.name ?? name),
		is_self: isSelf,
		is_online: isThere,
		is_host: host?.id === deviceId,
		hosting: told?.hosting ?? "allowed",
		last_heard_at: isSelf ? null : heardAt(known, deviceId),
		address: link?.address ?? null,
		relayed_by: link?.relayedBy ?? null,
		slices: isThere ? linesByBatch(working) : [],
		about: told?.about ?? null,
	};
}

function heardAt({ core, nowMs }: Known, deviceId: string): number | null {
	const heardMs = core.peers.get(deviceId)?.heardMs ?? null;
	if (heardMs === null) return null;
	const seconds = Math.floor((nowMs - (core.nowMs - heardMs)) / 1000);
	return seconds - (seconds % HEARD_STEP_S);
}

function linesByBatch(slices: readonly Slice[]): MeshMachine["slices"] {
	const lines = new Map<string, number>();
	for (const slice of slices) lines.set(slice.batchId, (lines.get(slice.batchId) ?? 0) + countLines(slice.lines));
	return [...lines].filter(([, count]) => count > 0).map(([batch_id, count]) => ({ batch_id, lines: count }));
}

function strangersOf({ sightings, membership }: Known): readonly Stranger[] {
	const strangers = new Map<string, Stranger>();
	for (const { deviceId, name, host, port, isPairing } of sightings) {
		if (membership.members.has(deviceId) || strangers.has(deviceId)) continue;
		strangers.set(deviceId, { id: deviceId, name, address: `${host}:${port}`, is_pairing: isPairing });
		if (strangers.size >= MOST_STRANGERS) break;
	}
	return [...strangers.values()];
}

/** This machine first, then by name. */
function order(left: MeshMachine, right: MeshMachine): number {
	if (left.is_self !== right.is_self) return left.is_self ? -1 : 1;
	return left.name.localeCompare(right.name) || (left.id < right.id ? -1 : 1);
}
