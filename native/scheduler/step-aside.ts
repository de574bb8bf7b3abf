/** Freezes batch work while the owner of the machine is served, and writes down what each time came to. */
import type { Clock, Log } from "../base/base.ts";
import { createListeners } from "../base/base.ts";
import type { Yield, YieldCause } from "../contract/contract.ts";
import type { FreezeReport, ThawReport } from "../engine/engine.ts";
import type { Residency } from "../engine/residency.ts";
import { createQuietTime, type QuietLimits } from "./quiet.ts";
import type { StepAside, Visit } from "./scheduler.ts";
import type { YieldJournal } from "./yield-journal.ts";

/** What stepping aside is made from. */
export interface StepAsideDeps {
	/** Of calls that overlap, the last one made must win. */
	readonly gates: Pick<Residency, "closeGates" | "openGates">;
	readonly clock: Clock;
	readonly log: Log;
	/** Asked anew for each burst of requests: the user may change it. */
	readonly quiet: () => QuietLimits;
	readonly journal: YieldJournal;
}

/** One time of being aside, from closing the gates to opening them. */
interface Stay {
	readonly cause: YieldCause;
	readonly sinceMs: number;
	readonly arrivedAtMs: number;
	/** Null: the gates failed, and the log says how. */
	readonly frozen: Promise<FreezeReport | null>;
	handBackMs: number | null;
	requests: number;
}

/**
 * Builds it. Gates are closed and opened in turn: once when the first visitor comes, before `arrive` returns, and once when
 * nothing keeps them closed any more.
 */
export function createStepAside({ gates, clock, log, quiet, journal }: StepAsideDeps): StepAside {
	const [visits, listeners] = [new Set<Visit>(), createListeners<[]>()];
	const quietTime = createQuietTime(quiet);
	let stay: Stay | null = null;
	let timer: NodeJS.Timeout | null = null;
	let isStopped = false;
	const records = createRecords(clock, journal);

	function arrive(cause: YieldCause): Visit {
		const sinceMs = clock.monotonicMs();
		stopTimer();
		if (!isStopped) {
			const isFirst = stay === null;
			stay ??= begin(cause, sinceMs);
			stay.requests++;
			if (isFirst) listeners.tell();
		}
		let hasWorked = false;
		const visit: Visit = {
			worked() {
				if (hasWorked || !visits.has(visit)) return;
				hasWorked = true;
				quietTime.beginWork(sinceMs);
			},
			leave() {
				if (!visits.delete(visit)) return;
				if (hasWorked) quietTime.endWork(clock.monotonicMs());
				openWhenQuiet();
			},
		};
		visits.add(visit);
		return visit;
	}

	function begin(cause: YieldCause, sinceMs: number): Stay {
		const frozen = reported(() => gates.closeGates(sinceMs), log, "closing the gate before batch work failed");
		const begun: Stay = { cause, sinceMs, arrivedAtMs: clock.nowMs(), frozen, handBackMs: null, requests: 0 };
		void noteHandBack(begun);
		return begun;
	}

	async function noteHandBack(begun: Stay): Promise<void> {
		const freeze = await begun.frozen;
		if (freeze === null || !isWorthTelling(freeze)) return;
		begun.handBackMs = roundToTenth(freeze.lastStepMs);
		if (stay === begun) listeners.tell();
	}

	function openWhenQuiet(): void {
		stopTimer();
		if (stay === null || visits.size > 0) return;
		const leftMs = isStopped ? 0 : quietTime.leftMs(clock.monotonicMs());
		if (leftMs > 0) timer = setTimeout(openWhenQuiet, Math.ceil(leftMs));
		else void openAfterClosing(stay);
	}

	/** Waits for the report of closing first, at most one step, so that no gate is told to open before it said it is closed. */
	async function openAfterClosing(left: Stay): Promise<void> {
		const freeze = await left.frozen;
		const mayOpen = isStopped || (visits.size === 0 && timer === null);
		if (stay !== left || !mayOpen) return;
		stay = null;
		const thawing = reported(() => gates.openGates(), log, "opening the gate before batch work failed");
		listeners.tell();
		await records.write(left, freeze, thawing);
	}

	function stopTimer(): void {
		if (timer !== null) clearTimeout(timer);
		timer = null;
	}

	return {
		arrive,
		get isAside() {
			return stay !== null;
		},
		get present() {
			if (stay === null) return null;
			return { cause: stay.cause, sinceMs: stay.arrivedAtMs, handBackMs: stay.handBackMs };
		},
		watch: listeners.watch,
		get yields() {
			return journal.yields;
		},
		get totals() {
			return journal.totals;
		},
		async stop() {
			isStopped = true;
			stopTimer();
			if (stay !== null) await openAfterClosing(stay);
			await records.end();
		},
	};
}

/** Writes stays down, in their order, each with its own reports. */
function createRecords(clock: Clock, journal: YieldJournal) {
	let written = Promise.resolve();
	return {
		/** Resolves when it is appended, or turned out to be nothing to tell. */
		write(stay: Stay, freeze: FreezeReport | null, thawing: Promise<ThawReport | null>): Promise<void> {
			const before = written;
			written = (async () => {
				const thaw = await thawing;
				const frozenMs = clock.monotonicMs() - stay.sinceMs;
				await before;
				const recomputedTokens = thaw?.recomputedTokens ?? 0;
				if (freeze !== null && isWorthTelling(freeze)) {
					journal.append(describe(stay, freeze, frozenMs, recomputedTokens));
				}
			})();
			return written;
		},
		async end(): Promise<void> {
			await written;
			await journal.close();
		},
	};
}

/** Calls at once; the report, or null and a line in the log. */
async function reported<Report>(call: () => Promise<Report>, log: Log, failure: string): Promise<Report | null> {
	try {
		return await call();
	} catch (error) {
		log.error({ error }, failure);
		return null;
	}
}

/** Where no batch work was under way, nothing stepped aside. */
function isWorthTelling(freeze: FreezeReport): boolean {
	return freeze.frozenLanes > 0 || freeze.batchSteps > 0;
}

function describe(stay: Stay, freeze: FreezeReport, frozenMs: number, recomputedTokens: number): Omit<Yield, "number"> {
	return {
		cause: stay.cause,
		requests: stay.requests,
		arrivedAtMs: stay.arrivedAtMs,
		handBackMs: roundToTenth(freeze.lastStepMs),
		freedBytes: null,
		batchSteps: freeze.batchSteps,
		batchTokens: freeze.batchTokens,
		frozenLanes: freeze.frozenLanes,
		frozenMs: Math.round(frozenMs),
		recomputedTokens,
	};
}

/** A hand back may take less than a millisecond; more digits than one would be noise. */
function roundToTenth(milliseconds: number): number {
	return Math.round(milliseconds * 10) / 10;
}
