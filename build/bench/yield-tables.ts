/** Tables of the yield bench. Must never compute more than differences. */
import { printTable } from "./report.ts";
import {
	type FirstTokens,
	firstTokens,
	type OutputComparison,
	type YieldFigures,
	yieldFigures,
} from "./yield-figures.ts";
import type { Flip } from "./yield-flips.ts";
import type { Measured } from "./yield-run.ts";

/** A kind of live request with its figures. */
export interface KindFigures {
	readonly name: string;
	readonly idle: FirstTokens;
	readonly during: FirstTokens;
	readonly yields: YieldFigures | null;
}

/** Two outputs, compared. */
export interface NamedComparison extends OutputComparison {
	readonly name: string;
	readonly flips: readonly Flip[];
}

/** Sums up one kind of live request. */
export function kindFigures(name: string, measured: Measured): KindFigures {
	return {
		name,
		idle: firstTokens(measured.idle),
		during: firstTokens(measured.during),
		yields: yieldFigures(measured.yields),
	};
}

/** Prints how fast live requests were answered and what batch work did for it. */
export function printKinds(kinds: readonly KindFigures[], meanStepMs: number): void {
	const row = (name: string, tokens: FirstTokens, idle: FirstTokens | null) => [
		name,
		tokens.count,
		tokens.failures.length,
		tokens.medianMs,
		tokens.p99Ms,
		tokens.maxMs,
		idle === null ? null : (tokens.medianMs - idle.medianMs).toFixed(0),
		idle === null ? null : (tokens.p99Ms - idle.p99Ms).toFixed(0),
	];
	printTable(
		"First token of live requests, in milliseconds after sending",
		["requests", "count", "failed", "median", "p99", "max", "above idle: median", "p99"],
		kinds.flatMap((kind) => [
			row(`${kind.name}, idle`, kind.idle, null),
			row(`${kind.name}, during a batch`, kind.during, kind.idle),
		]),
	);
	printTable(
		"Stepping aside",
		[
			"requests",
			"yields",
			"frozen lanes",
			"batch steps after arrival: most",
			"batch tokens: most",
			"hand-back ms: median",
			"max",
			"recomputed tokens",
		],
		kinds.map(({ name, yields }) => [
			name,
			yields?.count ?? 0,
			yields === null ? null : `${yields.minFrozenLanes} to ${yields.maxFrozenLanes}`,
			yields?.maxBatchSteps ?? null,
			yields?.maxBatchTokens ?? null,
			yields?.medianHandBackMs ?? null,
			yields?.maxHandBackMs ?? null,
			yields?.recomputedTokens ?? null,
		]),
	);
	process.stdout.write(
		`A batch step took ${meanStepMs.toFixed(0)} ms on average in the undisturbed run, reading prompts included.\n`,
	);
	for (const kind of kinds) {
		for (const failure of new Set([...kind.idle.failures, ...kind.during.failures])) {
			process.stdout.write(`${kind.name}: a request failed: ${failure}\n`);
		}
	}
}

/** Prints which outputs are the same, and what is behind the lines that are not. */
export function printComparisons(comparisons: readonly NamedComparison[]): void {
	printTable(
		"Output files, byte for byte",
		["compared", "lines", "identical", "differing lines"],
		comparisons.map(({ name, lineCount, isIdentical, differing }) => [
			name,
			lineCount,
			isIdentical ? "yes" : "NO",
			differing.length,
		]),
	);
	const rows = comparisons.flatMap(({ name, differing, flips }) =>
		differing.map((line) => {
			const flip = flips.find((one) => one.customId === line.customId);
			const [best, second] = flip?.best ?? [];
			return [
				name,
				line.customId,
				`${line.equalCharacters}`,
				JSON.stringify(line.first.slice(line.equalCharacters, line.equalCharacters + shownCharacters)),
				JSON.stringify(line.second.slice(line.equalCharacters, line.equalCharacters + shownCharacters)),
				flip?.token == null ? null : `${flip.token}`,
				best === undefined || second === undefined
					? null
					: `${JSON.stringify(best.text)} ${best.logprob.toFixed(4)}, ${JSON.stringify(second.text)} ${second.logprob.toFixed(4)}`,
			];
		}),
	);
	if (rows.length === 0) return;
	printTable(
		"Lines that differ (the best two candidates are those of a third run of the line, asked live)",
		["compared", "line", "equal characters", "first goes on", "second goes on", "token", "best two there"],
		rows,
	);
}

/** Enough to recognise the next words. */
const shownCharacters = 24;
