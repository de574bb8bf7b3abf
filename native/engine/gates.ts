/** The gate before all batch work of this machine, over engines that come and go. Owns the sums of what they report. */
import type { Clock } from "../base/base.ts";
import type { Engine, FreezeReport, ThawReport } from "./engine.ts";

/** The times when batch work stood aside. */
export interface Freezing {
	readonly isFrozen: boolean;
	/** All of them together, up to now: time that batch work had nothing of. */
	readonly frozenMs: number;
	/** When batch work last went on (monotonic); null: it never stood aside. */
	readonly lastThawMs: number | null;
}

/** One gate of many engines. */
export interface Gates {
	readonly areClosed: boolean;
	readonly freezing: Freezing;
	close(engines: readonly Engine[], sinceMs: number): Promise<FreezeReport>;
	/** The report counts what was lost since the last opening. */
	open(engines: readonly Engine[]): Promise<ThawReport>;
	/** A new engine starts as the others are. */
	admit(engine: Engine): void;
	/** Freezes an engine that is about to be ended and remembers the work in it as lost. */
	bury(engine: Engine): Promise<void>;
	/** Freezes an engine that stays without batch users; what is in it is neither reported nor counted as lost here. */
	still(engine: Engine): void;
	/** Makes an engine that was stilled as the others are. */
	unstill(engine: Engine): void;
}

/** Gates that are open. */
export function createGates(clock: Clock): Gates {
	let areClosed = false;
	let lostTokens = 0;
	let closedAtMs = 0;
	/** Of the times that are over. */
	let closedMs = 0;
	let lastThawMs: number | null = null;
	return {
		get areClosed() {
			return areClosed;
		},
		get freezing() {
			const frozenMs = closedMs + (areClosed ? clock.monotonicMs() - closedAtMs : 0);
			return { isFrozen: areClosed, frozenMs, lastThawMs };
		},
		async close(engines, sinceMs) {
			if (!areClosed) closedAtMs = clock.monotonicMs();
			areClosed = true;
			return sum(await Promise.all(engines.map((engine) => engine.closeGate(sinceMs))));
		},
		async open(engines) {
			if (areClosed) {
				lastThawMs = clock.monotonicMs();
				closedMs += lastThawMs - closedAtMs;
			}
			areClosed = false;
			const thawing = engines.map((engine) => engine.openGate());
			let recomputedTokens = lostTokens;
			lostTokens = 0;
			for (const thawed of await Promise.all(thawing)) recomputedTokens += thawed.recomputedTokens;
			return { recomputedTokens };
		},
		admit(engine) {
			// Nothing runs in it yet, so there is nothing to wait for and nothing to report.
			if (areClosed) void engine.closeGate(clock.monotonicMs());
		},
		async bury(engine) {
			const { frozenTokens } = await engine.closeGate(clock.monotonicMs());
			lostTokens += frozenTokens;
		},
		still: (engine) => void engine.closeGate(clock.monotonicMs()),
		unstill(engine) {
			if (!areClosed) void engine.openGate();
		},
	};
}

function sum(reports: readonly FreezeReport[]): FreezeReport {
	const total = { batchSteps: 0, batchTokens: 0, lastStepMs: 0, frozenLanes: 0, frozenTokens: 0 };
	for (const report of reports) {
		total.batchSteps += report.batchSteps;
		total.batchTokens += report.batchTokens;
		total.lastStepMs = Math.max(total.lastStepMs, report.lastStepMs);
		total.frozenLanes += report.frozenLanes;
		total.frozenTokens += report.frozenTokens;
	}
	return total;
}
