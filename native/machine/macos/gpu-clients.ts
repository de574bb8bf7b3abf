/** Which programs keep a GPU busy: its driver's clients in the I/O Registry, each with the GPU time it has taken so far. */
import type { NativeFunction } from "../library.ts";
import type { SeenProcess } from "../source.ts";
import type { CoreFoundation } from "./core-foundation.ts";

/** A program that has used the GPU. */
export interface GpuClient {
	readonly pid: number;
	/** The first 16 characters of it. */
	readonly name: string;
	/** GPU time since it began. */
	readonly busyNs: number;
}

/** What reading needs of IOKit and Core Foundation. */
export interface ClientFunctions {
	readonly getChildren: NativeFunction;
	readonly next: NativeFunction;
	readonly releaseEntry: NativeFunction;
	readonly objects: CoreFoundation;
	/** Runs something with a property of an entry; null where there is none. */
	withProperty<Value>(entry: number, key: string, read: (object: bigint) => Value): Value | null;
}

/** Some 150 on a busy desktop; a list that long is a fault. */
const MOST_CLIENTS = 2_048;

/** Adds up the clients of a GPU by process; null: its driver doesn't tell them. Keys are as drivers write them; none is documented. */
export function readClients(functions: ClientFunctions, gpu: number): ReadonlyMap<number, GpuClient> | null {
	const iterator = Buffer.alloc(4);
	if (functions.getChildren.callHere(gpu, "IOService", iterator) !== 0) return null;
	const clients = new Map<number, GpuClient>();
	for (let count = 0; count < MOST_CLIENTS; count++) {
		const entry = functions.next.callHere(iterator.readUInt32LE());
		if (typeof entry !== "number" || entry === 0) break;
		const client = readClient(functions, entry);
		functions.releaseEntry.callHere(entry);
		if (client === null) continue;
		const before = clients.get(client.pid)?.busyNs ?? 0;
		clients.set(client.pid, { ...client, busyNs: before + client.busyNs });
	}
	functions.releaseEntry.callHere(iterator.readUInt32LE());
	return clients.size === 0 ? null : clients;
}

function readClient(functions: ClientFunctions, entry: number): GpuClient | null {
	const { objects } = functions;
	const creator = functions.withProperty(entry, "IOUserClientCreator", objects.text);
	const found = creator === null ? null : readCreator(creator);
	if (found === null) return null;
	const busyNs = functions.withProperty(entry, "AppUsage", (usage) => {
		let sumNs = 0;
		for (const item of objects.items(usage)) sumNs += objects.number(objects.value(item, "accumulatedGPUTime")) ?? 0;
		return sumNs;
	});
	return busyNs === null ? null : { ...found, busyNs };
}

/** e.g. `pid 533, WindowServer`. */
export function readCreator(creator: string): { readonly pid: number; readonly name: string } | null {
	const found = /^\s*pid (\d{1,10}),\s*(.+?)\s*$/.exec(creator);
	return found?.[1] === undefined || found[2] === undefined ? null : { pid: Number(found[1]), name: found[2] };
}

/**
 * What each took of the time between two readings; one that just began counts from the next reading. Idle ones are left out, but
 * for those to keep: that ours are there and do nothing is worth knowing.
 */
export function busyBetween(
	before: ReadonlyMap<number, GpuClient>,
	now: ReadonlyMap<number, GpuClient>,
	passedMs: number,
	keptIds: readonly number[],
): readonly SeenProcess[] {
	const processes: SeenProcess[] = [];
	for (const { pid, name, busyNs } of now.values()) {
		const tookMs = Math.max(0, busyNs - (before.get(pid)?.busyNs ?? busyNs)) / NANOSECONDS_PER_MILLISECOND;
		if (passedMs <= 0 || (tookMs === 0 && !keptIds.includes(pid))) continue;
		processes.push({ pid, name, memoryBytes: null, busyFraction: Math.min(1, tookMs / passedMs) });
	}
	return processes;
}

const NANOSECONDS_PER_MILLISECOND = 1e6;
