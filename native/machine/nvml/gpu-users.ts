/** Who uses a GPU, from what NVIDIA's driver lists. Pure. */
import type { SeenProcess } from "../source.ts";
import type { BusySample, ListedProcess } from "./nvml-lists.ts";

/** How busy processes kept a GPU since some moment. */
export interface Busyness {
	/** By pid, 0 to 1; one that is not there did nothing. */
	readonly fractions: ReadonlyMap<number, number>;
	/** Of the newest sample, whenever it was taken; null: there was none. */
	readonly newestUs: bigint | null;
}

/**
 * The processes of all lists. One that both computes and draws is in two lists with the same memory and counts once; one that
 * uses several parts of a divided GPU is in the same list several times and counts with all of them. `fractions` null: how
 * busy they are can't be told.
 */
export function mergeLists(
	lists: readonly (readonly ListedProcess[])[],
	fractions: ReadonlyMap<number, number> | null,
): readonly SeenProcess[] {
	const parts = new Map<string, ListedProcess>();
	for (const process of lists.flat()) {
		const key = `${process.pid} ${process.part}`;
		const known = parts.get(key)?.memoryBytes ?? null;
		parts.set(key, { ...process, memoryBytes: most(known, process.memoryBytes) });
	}
	const bytesByPid = new Map<number, number | null>();
	for (const { pid, memoryBytes } of parts.values()) {
		const known = bytesByPid.get(pid);
		bytesByPid.set(pid, known === undefined ? memoryBytes : sum(known, memoryBytes));
	}
	return Array.from(bytesByPid, ([pid, memoryBytes]) => ({
		pid,
		name: null,
		memoryBytes,
		busyFraction: fractions === null ? null : (fractions.get(pid) ?? 0),
	}));
}

/**
 * What samples tell of the time after `sinceUs`: the mean of each process's own. Drivers hand out older samples again, and samples
 * of ended processes with figures that can't be.
 */
export function readBusyness(samples: readonly BusySample[], sinceUs: bigint): Busyness {
	const sums = new Map<number, { percent: number; count: number }>();
	let newestUs: bigint | null = null;
	for (const { pid, percent, atMicroseconds } of samples) {
		if (percent > 100) continue;
		if (newestUs === null || atMicroseconds > newestUs) newestUs = atMicroseconds;
		if (atMicroseconds <= sinceUs) continue;
		const before = sums.get(pid) ?? { percent: 0, count: 0 };
		sums.set(pid, { percent: before.percent + percent, count: before.count + 1 });
	}
	const fractions = new Map(Array.from(sums, ([pid, { percent, count }]) => [pid, percent / count / 100]));
	return { fractions, newestUs };
}

function most(one: number | null, other: number | null): number | null {
	if (one === null || other === null) return one ?? other;
	return Math.max(one, other);
}

function sum(one: number | null, other: number | null): number | null {
	return one === null || other === null ? null : one + other;
}
