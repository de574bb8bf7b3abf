/** Arithmetic of the yield bench: how first tokens spread, what yields came to, which output lines differ. Pure. */
import { z } from "zod";
import type { Yield } from "../../native/contract/contract.ts";
import { spread } from "./engine-rates.ts";
import type { LiveTiming } from "./yield-live.ts";

/** First-token times in milliseconds. */
export interface FirstTokens {
	readonly count: number;
	readonly failures: readonly string[];
	readonly medianMs: number;
	readonly p99Ms: number;
	readonly maxMs: number;
}

/** What several yields came to; the worst of each where nothing else is said. */
export interface YieldFigures {
	readonly count: number;
	readonly requests: number;
	readonly maxBatchSteps: number;
	readonly maxBatchTokens: number;
	readonly medianHandBackMs: number;
	readonly maxHandBackMs: number;
	readonly recomputedTokens: number;
	readonly minFrozenLanes: number;
	readonly maxFrozenLanes: number;
	/** Yields without a batch step to wait for. */
	readonly idleYields: number;
}

/** A line of two outputs that is not the same. */
export interface DifferingLine {
	readonly customId: string;
	readonly first: string;
	readonly second: string;
	/** Characters of the answers that are equal. */
	readonly equalCharacters: number;
}

/** How two outputs compare. */
export interface OutputComparison {
	readonly isIdentical: boolean;
	readonly lineCount: number;
	readonly differing: readonly DifferingLine[];
}

/** Sums up first-token times; NaN where no request was answered. */
export function firstTokens(timings: readonly LiveTiming[]): FirstTokens {
	const times = timings.flatMap(({ firstTokenMs, failure }) =>
		firstTokenMs === null || failure !== null ? [] : [firstTokenMs],
	);
	return {
		count: timings.length,
		failures: timings.flatMap(({ failure }) => (failure === null ? [] : [failure])),
		medianMs: spread(times).median,
		p99Ms: percentile(times, 0.99),
		maxMs: spread(times).max,
	};
}

/** The smallest figure that at least `share` of all are not above; NaN of none. */
export function percentile(figures: readonly number[], share: number): number {
	const sorted = [...figures].sort((a, b) => a - b);
	return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** Sums up yields; null of none. */
export function yieldFigures(yields: readonly Yield[]): YieldFigures | null {
	if (yields.length === 0) return null;
	const all = (pick: (one: Yield) => number): readonly number[] => yields.map(pick);
	return {
		count: yields.length,
		requests: all((one) => one.requests).reduce((sum, count) => sum + count, 0),
		maxBatchSteps: Math.max(...all((one) => one.batchSteps)),
		maxBatchTokens: Math.max(...all((one) => one.batchTokens)),
		medianHandBackMs: spread(all((one) => one.handBackMs)).median,
		maxHandBackMs: Math.max(...all((one) => one.handBackMs)),
		recomputedTokens: all((one) => one.recomputedTokens).reduce((sum, count) => sum + count, 0),
		minFrozenLanes: Math.min(...all((one) => one.frozenLanes)),
		maxFrozenLanes: Math.max(...all((one) => one.frozenLanes)),
		idleYields: yields.filter((one) => one.batchSteps === 0).length,
	};
}

const outputLine = z.object({
	custom_id: z.string(),
	response: z.object({
		body: z.object({ choices: z.tuple([z.object({ message: z.object({ content: z.string() }) })]) }),
	}),
});

/** Compares two output files of chat lines byte for byte, and says where answers part. */
export function compareOutputs(first: Buffer, second: Buffer): OutputComparison {
	const [ones, others] = [first, second].map((output) => output.toString("utf8").trimEnd().split("\n"));
	const differing: DifferingLine[] = [];
	const lineCount = Math.max(ones?.length ?? 0, others?.length ?? 0);
	for (let index = 0; index < lineCount; index++) {
		const [one, other] = [ones?.[index] ?? "", others?.[index] ?? ""];
		if (one !== other) differing.push(describe(one, other, index));
	}
	return { isIdentical: first.equals(second), lineCount, differing };
}

function describe(one: string, other: string, index: number): DifferingLine {
	const [left, right] = [one, other].map((line) => (line === "" ? null : outputLine.parse(JSON.parse(line))));
	const [first, second] = [left, right].map((line) => line?.response.body.choices[0].message.content ?? "");
	const customId = left?.custom_id ?? right?.custom_id ?? `line ${index + 1}`;
	return { customId, first: first ?? "", second: second ?? "", equalCharacters: equalStart(first ?? "", second ?? "") };
}

function equalStart(first: string, second: string): number {
	let length = 0;
	while (length < first.length && first[length] === second[length]) length++;
	return length;
}
