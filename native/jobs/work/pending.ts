import type { Clock } from "../../base/base.ts";
import type { LeasedLine } from "../../ledger/ledger.ts";

/** Lines in hand that wait to be run, and the rules by which the next one is taken. */
export interface Pending {
	/** Lines that come for the first time; those that were in a crash before are suspects. */
	add(lines: readonly LeasedLine[]): void;
	/** A line that was in a process that died is to run again, not before `waitMs` have passed. */
	putBack(line: LeasedLine, kind: "innocent" | "suspect", waitMs: number): void;
	/** Takes the line to start now beside those that run; null: none may be started. */
	take(running: number): LeasedLine | null;
	/** Fewer lines than a full set are ready, and no suspect holds them up. */
	readonly isShort: boolean;
	readonly isEmpty: boolean;
	/** Until a line that waits may run again; null: none waits. */
	waitMs(): number | null;
}

interface Delayed {
	readonly line: LeasedLine;
	readonly kind: "innocent" | "suspect";
	readonly readyAtMs: number;
}

/**
 * An empty set. At most `inFlight` lines run at once. A suspect runs alone, and while one is ready nothing else starts; while it
 * waits for its time, others run.
 */
export function createPending(inFlight: number, clock: Clock): Pending {
	const queue: LeasedLine[] = [];
	const suspects: LeasedLine[] = [];
	let delayed: Delayed[] = [];
	let isAlone = false;

	/** Those whose pause is over go first: they have been in hand the longest. */
	function ripen(): void {
		if (delayed.length === 0) return;
		const nowMs = clock.monotonicMs();
		const ripe = delayed.filter(({ readyAtMs }) => readyAtMs <= nowMs);
		delayed = delayed.filter(({ readyAtMs }) => readyAtMs > nowMs);
		for (const { line, kind } of ripe) {
			if (kind === "suspect") suspects.push(line);
			else queue.unshift(line);
		}
	}

	return {
		add(lines) {
			for (const line of lines) (line.crashes > 0 ? suspects : queue).push(line);
		},
		putBack(line, kind, waitMs) {
			delayed.push({ line, kind, readyAtMs: clock.monotonicMs() + waitMs });
		},
		take(running) {
			ripen();
			if (running === 0) isAlone = false;
			if (isAlone) return null;
			if (suspects.length > 0) {
				if (running > 0) return null;
				isAlone = true;
				return suspects.shift() ?? null;
			}
			return running < inFlight ? (queue.shift() ?? null) : null;
		},
		get isShort() {
			return queue.length < inFlight && suspects.length === 0;
		},
		get isEmpty() {
			return queue.length === 0 && suspects.length === 0 && delayed.length === 0;
		},
		waitMs() {
			if (delayed.length === 0) return null;
			return Math.max(0, Math.min(...delayed.map(({ readyAtMs }) => readyAtMs)) - clock.monotonicMs());
		},
	};
}
