/** Remembers which processes are our own inference, from before they show on a GPU until after they are gone from it. */
import type { Clock } from "../base/base.ts";
import type { MergedGpu } from "./merge-gpus.ts";
import type { OwnProcesses } from "./own-use.ts";

/** Drivers list an ended process up to some seconds more; a system rarely gives its number to another so soon. */
const REMEMBER_MS = 10_000;

/** What it takes to know. */
export interface OwnProcessesDeps {
	readonly clock: Clock;
	/** Those that run now. */
	readonly inferenceProcessIds: () => readonly number[];
	/** Of those, the ones that may use a GPU. */
	readonly gpuProcessIds: () => readonly number[];
}

/** Knows our processes from look to look. */
export interface OwnProcessWatch {
	/** Those that run as a look begins. */
	begin(): readonly number[];
	/** Those that count for the look that ends, with what it showed. */
	end(gpus: readonly MergedGpu[]): OwnProcesses;
}

/** Makes a watch. */
export function watchOwnProcesses({ clock, inferenceProcessIds, gpuProcessIds }: OwnProcessesDeps): OwnProcessWatch {
	const lastRanMs = new Map<number, number>();
	const seenBy = new Set<string>();
	/** Ran when the look before ended, or when this one began. */
	let ranBefore = new Set<number>();

	function note(): readonly number[] {
		const nowMs = clock.monotonicMs();
		const running = inferenceProcessIds();
		for (const pid of running) lastRanMs.set(pid, nowMs);
		for (const [pid, ranMs] of lastRanMs) if (nowMs - ranMs > REMEMBER_MS) lastRanMs.delete(pid);
		return running;
	}

	return {
		begin() {
			const running = note();
			for (const pid of running) ranBefore.add(pid);
			return running;
		},
		end(gpus) {
			const running = new Set(note());
			const ids = new Set(lastRanMs.keys());
			const justEnded = new Set([...ranBefore].filter((pid) => !running.has(pid)));
			for (const pid of justEnded) ids.add(pid);
			ranBefore = running;
			for (const { source, processes } of gpus) if (processes?.some(({ pid }) => ids.has(pid))) seenBy.add(source);
			return { ids, mayBeOnGpu: new Set(gpuProcessIds()), justEnded, seenBy: new Set(seenBy) };
		},
	};
}
