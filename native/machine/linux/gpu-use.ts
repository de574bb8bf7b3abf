/** Who uses which GPU and how much, between two looks. */
import { join } from "node:path";
import type { SeenProcess } from "../source.ts";
import { type DrmClient, parseFdinfo } from "./fdinfo.ts";
import { createGpuHolders } from "./gpu-holders.ts";
import { readNow } from "./kernel-files.ts";

/** Each takes some 20 µs to read; who has more open is a browser, and there the first say it all. */
const MOST_FILES_A_LOOK = 64;

/** Who does nothing with the GPU, as most programs with a window, is read again at every so-many-th look only. */
const IDLE_EVERY_LOOKS = 4;

const NANOSECONDS_PER_MILLISECOND = 1e6;

/** An open file as it was last read. */
interface Reading {
	readonly client: DrmClient;
	readonly atMs: number;
	/** Part of its time that each engine worked for it since the reading before; null: there was none. */
	readonly busy: ReadonlyMap<string, number> | null;
}

/** The processes on each GPU, by its address; our own are looked for at each look. */
export type GpuUse = (nowMs: number, ownProcessIds: readonly number[]) => ReadonlyMap<string, readonly SeenProcess[]>;

/** Makes it. */
export function createGpuUse(root: string): GpuUse {
	const findHolders = createGpuHolders(root);
	let known = new Map<string, Reading>();
	let looks = 0;

	function read(pid: number, file: string, nowMs: number): Reading | null {
		const text = readNow(join(root, "proc", String(pid), "fdinfo", file));
		const client = text === null ? null : parseFdinfo(text);
		if (client === null) return null;
		return { client, atMs: nowMs, busy: busyOf(client, known.get(`${pid} ${file}`) ?? null, nowMs) };
	}

	return (nowMs, ownProcessIds) => {
		looks++;
		const now = new Map<string, Reading>();
		const counted = new Map<string, { readonly pid: number; readonly reading: Reading }>();
		let left = MOST_FILES_A_LOOK;
		// The lowest id first: who opened a file, before whom it was handed to.
		const holders = [...findHolders(nowMs, ownProcessIds)].sort((one, other) => one.pid - other.pid);
		for (const { pid, files } of holders) {
			for (const file of files) {
				const before = known.get(`${pid} ${file}`) ?? null;
				const isToRead = left > 0 && (before === null || !isIdle(before) || (looks + pid) % IDLE_EVERY_LOOKS === 0);
				if (isToRead) left--;
				const reading = isToRead ? read(pid, file, nowMs) : before;
				if (reading === null) continue;
				now.set(`${pid} ${file}`, reading);
				const key = `${reading.client.pciAddress} ${reading.client.id}`;
				if (!counted.has(key)) counted.set(key, { pid, reading });
			}
		}
		known = now;
		return addUp([...counted.values()]);
	};
}

function isIdle({ busy }: Reading): boolean {
	return busy !== null && [...busy.values()].every((part) => part === 0);
}

function busyOf(client: DrmClient, before: Reading | null, nowMs: number): ReadonlyMap<string, number> | null {
	// The number of a file may be another file's by now.
	if (before === null || before.client.id !== client.id || nowMs <= before.atMs) return null;
	const passedNs = (nowMs - before.atMs) * NANOSECONDS_PER_MILLISECOND;
	const engines = [...client.engines].map(([engine, nanoseconds]) => {
		const worked = Math.max(0, nanoseconds - (before.client.engines.get(engine) ?? 0));
		return [engine, worked / passedNs] as const;
	});
	return new Map(engines);
}

/** Sums of a process on a GPU. */
interface Tally {
	memoryBytes: number | null;
	/** Null: it is not told yet, or never. */
	engines: Map<string, number> | null;
}

function addUp(
	counted: readonly { readonly pid: number; readonly reading: Reading }[],
): ReadonlyMap<string, readonly SeenProcess[]> {
	const gpus = new Map<string, Map<number, Tally>>();
	for (const { pid, reading } of counted) {
		const { client, busy } = reading;
		const tallies = gpus.get(client.pciAddress) ?? new Map<number, Tally>();
		gpus.set(client.pciAddress, tallies);
		const tally = tallies.get(pid) ?? { memoryBytes: null, engines: null };
		tallies.set(pid, tally);
		if (client.memoryBytes !== null) tally.memoryBytes = (tally.memoryBytes ?? 0) + client.memoryBytes;
		if (busy === null || busy.size === 0) continue;
		tally.engines ??= new Map();
		for (const [engine, part] of busy) tally.engines.set(engine, (tally.engines.get(engine) ?? 0) + part);
	}
	return new Map([...gpus].map(([address, tallies]) => [address, seenOf(tallies)]));
}

/** Engines work side by side: the busiest one says how much of the GPU a process takes. */
function seenOf(tallies: ReadonlyMap<number, Tally>): readonly SeenProcess[] {
	return [...tallies].map(([pid, { memoryBytes, engines }]) => {
		const busyFraction = engines === null ? null : Math.min(1, Math.max(...engines.values()));
		return { pid, name: null, memoryBytes, busyFraction };
	});
}
