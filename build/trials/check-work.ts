/**
 * What was run more than once, and whether it may have been: a lease that was lost to a fault, or the last few lines of a batch. Pure.
 * Nothing that a machine knows the result of is run by it again.
 */
import { GRANTOR_FACTOR, LEASE_MS, TAIL_PART } from "../../native/mesh/core/core.ts";
import type { Violation } from "./checker.ts";
import { eventsOf, type History, type TrialEvent } from "./history.ts";

/** What running came to. */
export interface WorkFigures {
	readonly lines: number;
	/** Of lines, in lanes. */
	readonly starts: number;
	/** Lines started more than once. */
	readonly startedAgain: number;
	/** Lines with a result of more than one machine. */
	readonly doubled: number;
	/** Lines started more than once although nothing was broken since the first start, nor shortly before: the ends of batches. */
	readonly withoutFault: number;
	/** Lines started by a machine after another's result was recorded somewhere. */
	readonly afterResult: number;
	/** Lines with a result of each machine. */
	readonly linesByMachine: Readonly<Record<string, number>>;
}

interface Start {
	readonly machine: string;
	readonly atMs: number;
}

interface Window {
	readonly fromMs: number;
	readonly toMs: number;
	readonly fault: Extract<TrialEvent, { readonly kind: "fault" }>;
}

/** What one batch's lines went through. */
interface Work {
	readonly batchId: string;
	readonly starts: ReadonlyMap<number, readonly Start[]>;
	/** Each machine's first result of a line. */
	readonly results: ReadonlyMap<number, ReadonlyMap<string, number>>;
}

/** A result is on every machine that can be reached after so long, however busy they are. */
const KNOWN_MS = 10_000;

/** Machines are linked again after a fault that long after it was mended: calls are repeated with pauses, and services start. */
const LINKED_MS = 20_000;

/** A lease that a fault cost is given to another by then. */
const LEASE_OVER_MS = LEASE_MS * GRANTOR_FACTOR;

/** Looks at all that was run. */
export function checkWork(history: History): {
	readonly violations: readonly Violation[];
	readonly figures: WorkFigures;
} {
	const faults = windowsOf(history);
	const works = worksOf(history);
	const violations = works.flatMap((work) => [...checkKnown(work, faults), ...checkCauses(work, faults)]);
	const lines = works.flatMap((work) => [...work.starts].map(([line, starts]) => ({ work, line, starts })));
	const results = works.flatMap(({ results }) => [...results.values()]);
	const byMachine: Record<string, number> = {};
	for (const machine of results.flatMap((one) => [...one.keys()])) byMachine[machine] = (byMachine[machine] ?? 0) + 1;
	return {
		violations,
		figures: {
			lines: results.length,
			starts: lines.reduce((sum, { starts }) => sum + starts.length, 0),
			startedAgain: lines.filter(({ starts }) => starts.length > 1).length,
			doubled: results.filter(({ size }) => size > 1).length,
			withoutFault: works.reduce((sum, work) => sum + causeless(work, faults).length, 0),
			afterResult: lines.filter(({ work, line, starts }) => isAfterResult(work, line, starts)).length,
			linesByMachine: byMachine,
		},
	};
}

function checkKnown({ batchId, starts, results }: Work, faults: readonly Window[]): readonly Violation[] {
	const violations: Violation[] = [];
	for (const [line, started] of starts) {
		for (const { machine, atMs } of started) {
			for (const [by, resultMs] of results.get(line) ?? []) {
				if (!mustKnow({ by, resultMs, machine, atMs }, faults)) continue;
				const lateMs = Math.round(atMs - resultMs);
				const message = `${machine} began line ${line} of ${batchId} ${lateMs} ms after ${by} had recorded its result.`;
				violations.push({ promise: "once", message });
			}
		}
	}
	return violations;
}

/** Whether a machine that began a line must have known another's result of it, or its own. */
function mustKnow(
	{ by, resultMs, machine, atMs }: { by: string; resultMs: number; machine: string; atMs: number },
	faults: readonly Window[],
): boolean {
	if (machine === by) return atMs > resultMs;
	if (atMs < resultMs + KNOWN_MS) return false;
	return !faults.some(({ fault, fromMs, toMs }) => {
		const isBetween = fromMs < atMs && toMs + LINKED_MS > resultMs;
		const isTheirs = fault.fault === "cut" ? hasBoth(fault.machines, by, machine) : hasOne(fault.machines, by, machine);
		return isBetween && isTheirs;
	});
}

/** Lines begun again with nothing broken must be among the last of their batch. */
function checkCauses(work: Work, faults: readonly Window[]): readonly Violation[] {
	const total = work.results.size;
	const tail = Math.max(1, Math.ceil(total * TAIL_PART));
	const doneAt = (atMs: number): number =>
		[...work.results.values()].filter((results) => Math.min(...results.values()) <= atMs).length;
	return causeless(work, faults).flatMap(({ line, again }): readonly Violation[] => {
		const left = total - doneAt(again.atMs);
		if (left <= tail) return [];
		const message = `${again.machine} began line ${line} of ${work.batchId} again for no reason, with ${left} lines left.`;
		return [{ promise: "once", message }];
	});
}

function causeless(
	{ starts }: Work,
	faults: readonly Window[],
): readonly { readonly line: number; readonly again: Start }[] {
	return [...starts].flatMap(([line, started]) =>
		started.slice(1).flatMap((again, at) => {
			const firstMs = started[at]?.atMs ?? again.atMs;
			const isBroken = faults.some(({ fromMs, toMs }) => fromMs < again.atMs && toMs + LEASE_OVER_MS > firstMs);
			return isBroken ? [] : [{ line, again }];
		}),
	);
}

function isAfterResult({ results }: Work, line: number, starts: readonly Start[]): boolean {
	const firstMs = Math.min(...(results.get(line)?.values() ?? []));
	return starts.some(({ atMs }) => atMs > firstMs);
}

function windowsOf(history: History): readonly Window[] {
	const mended = new Map(eventsOf(history, "mended").map(({ id, atMs }) => [id, atMs]));
	return eventsOf(history, "fault").map((fault) => ({
		fault,
		fromMs: fault.atMs,
		toMs: mended.get(fault.id) ?? Number.POSITIVE_INFINITY,
	}));
}

function worksOf(history: History): readonly Work[] {
	const ledgers = eventsOf(history, "ledger");
	const machines = new Map(ledgers.map(({ origin, machine }) => [origin, machine]));
	const works = new Map<string, { starts: Map<number, Start[]>; results: Map<number, Map<string, number>> }>();
	const workOf = (batchId: string) => {
		const work = works.get(batchId) ?? { starts: new Map(), results: new Map() };
		works.set(batchId, work);
		return work;
	};
	for (const { machine, batchId, starts } of eventsOf(history, "line-starts")) {
		const of = workOf(batchId).starts;
		for (const [line, atMs] of starts) of.set(line, [...(of.get(line) ?? []), { machine, atMs }]);
	}
	for (const { batchId, origin, atMs, lines } of ledgers.flatMap(({ segments }) => segments)) {
		const of = workOf(batchId).results;
		const by = machines.get(origin) ?? origin;
		for (const [first, count] of lines) {
			for (let line = first; line < first + count; line += 1) {
				const results = of.get(line) ?? new Map<string, number>();
				of.set(line, results);
				results.set(by, Math.min(atMs, results.get(by) ?? atMs));
			}
		}
	}
	return [...works].map(([batchId, { starts, results }]) => {
		const inOrder = [...starts].map(([line, of]) => [line, of.toSorted((a, b) => a.atMs - b.atMs)] as const);
		return { batchId, starts: new Map(inOrder), results };
	});
}

function hasBoth(machines: readonly string[], one: string, other: string): boolean {
	return machines.includes(one) && machines.includes(other);
}

function hasOne(machines: readonly string[], one: string, other: string): boolean {
	return machines.includes(one) || machines.includes(other);
}
