/** Ends a service with all it has started: in good order where it can, by force where it can't. */
import { setTimeout as pause } from "node:timers/promises";
import { endsWithin } from "../base/base.ts";
import type { ProcessRow } from "./process-list.ts";
import type { ProcessTrees } from "./process-tree.ts";

/** Times of an end. */
export interface EndLimits {
	/** A service needs five seconds at most for requests that run, and one for its models; it ends itself by force after 15. */
	readonly stopMs: number;
	/** Inference processes end with their service; on a busy computer they need a moment. */
	readonly orphansMs: number;
	/** A process that was killed and is not gone after this is held by its system, e.g. by a driver that hangs. */
	readonly killMs: number;
}

/** What the product runs with. */
export const endLimits: EndLimits = { stopMs: 10_000, orphansMs: 2_000, killMs: 10_000 };

/** What is ended. */
export interface EndedTree {
	readonly pid: number;
	/** Asks it to end. */
	ask(): void;
	/** Resolves when it has ended. */
	readonly ended: Promise<void>;
	readonly trees: ProcessTrees;
	readonly limits: EndLimits;
}

/** Looking costs a file a process. */
const LOOK_MS = 25;

/** Ends it; resolves with what could not be ended, usually nothing. */
export async function endTree({ pid, ask, ended, trees, limits }: EndedTree): Promise<readonly ProcessRow[]> {
	// Orphans don't tell whose they were: before anything ends is the time to ask.
	const before = await trees.of(pid);
	ask();
	const isEnded = await endsWithin(ended, limits.stopMs);
	const tree = unite(before, isEnded ? [] : await trees.of(pid));
	if (isEnded && (await untilGone(tree, trees, limits.orphansMs)).length === 0) return [];
	await trees.kill(tree);
	await endsWithin(ended, limits.killMs);
	return untilGone(tree, trees, limits.killMs);
}

function unite(some: readonly ProcessRow[], others: readonly ProcessRow[]): readonly ProcessRow[] {
	const isKnown = (row: ProcessRow) =>
		some.some(({ pid, startedAt }) => pid === row.pid && startedAt === row.startedAt);
	return [...some, ...others.filter((row) => !isKnown(row))];
}

/** Waits until all have ended, or the time is over; answers those that have not. */
async function untilGone(
	rows: readonly ProcessRow[],
	trees: ProcessTrees,
	limitMs: number,
): Promise<readonly ProcessRow[]> {
	const endMs = performance.now() + limitMs;
	for (;;) {
		const left = await trees.alive(rows);
		if (left.length === 0 || performance.now() >= endMs) return left;
		await pause(LOOK_MS);
	}
}
