/** Tables of the greedy bench: what is equal, and every first difference with the logits behind it. Must never judge anew. */

import { spread } from "./engine-rates.ts";
import {
	allDiscrepancies,
	type Candidate,
	type Comparison,
	type Difference,
	type Drawn,
	margin,
	type Verdict,
} from "./greedy-compare.ts";
import { type Cell, printTable } from "./report.ts";

/** One model, run one way, compared. */
export interface GreedyFigures {
	readonly model: string;
	readonly way: string;
	readonly lanes: number;
	readonly busyLanes: number;
	readonly promptTokens: Spread;
	readonly comparisons: readonly Comparison[];
	/** Largest discrepancy taken for rounding. */
	readonly rounding: number;
	readonly verdict: Verdict;
	readonly seconds: number;
}

/** How far llama.cpp's server is from itself when it may not use flash attention: the same sums in another order. */
export interface Control {
	readonly model: string;
	readonly comparisons: readonly Comparison[];
}

/** Fewest and most tokens of the prompts. */
interface Spread {
	readonly min: number;
	readonly max: number;
}

/** Prints the verdicts, then how far the sides' logits are apart, then the differences if there are any. */
export function printGreedy(figures: readonly GreedyFigures[], controls: readonly Control[], maxTokens: number): void {
	printTable(
		`Greedy answers (at most ${maxTokens} tokens) against llama.cpp's own server, same GGUF, same token ids`,
		[
			"model",
			"ours run",
			"prompts",
			"prompt tokens",
			"at once",
			"equal",
			"near-ties",
			"real",
			"equal tokens",
			"verdict",
		],
		figures.map(summaryRow),
	);
	printTable(
		"Distance of the best two logits: how far the sides are apart about it",
		["model", "against the server", "places", "median", "max", "first differences"],
		[
			...controls.map(({ model, comparisons }) =>
				discrepancyRow(model, "the server itself, flash attention off", comparisons),
			),
			...figures
				.filter((one) => allDiscrepancies(one.comparisons).length > 0)
				.map((one) => discrepancyRow(one.model, `ours, ${one.way}`, one.comparisons)),
		],
	);
	const rows = figures.flatMap((one) => one.comparisons.flatMap((each) => differenceRows(one, each.difference)));
	if (rows.length === 0) return;
	printTable(
		"First differences (best two candidates, their log probabilities and, in brackets, the distance of their logits)",
		["model", "ours run", "prompt", "token", "kind", "ours", "theirs", "our best two", "their best two"],
		rows,
	);
	process.stdout.write(explanation(figures));
}

function explanation(figures: readonly GreedyFigures[]): string {
	const limits = new Map(figures.map((one) => [one.model, one.rounding.toFixed(4)]));
	const texts = [...limits].map(([model, limit]) => `${model}: ${limit}`);
	return [
		"near-tie: the two tokens are among the best five of every side, and the distances of their logits on both sides add up to no",
		`more than twice what the server is from itself with its attention computed another way (${texts.join(", ")}).`,
		"Two builds of llama.cpp, or a step shared by other lanes, may add the same products in another order, and a tie turns.",
		"Behind a first difference the sides continue different texts, so it ends its prompt's comparison.\n",
	].join("\n");
}

function summaryRow(one: GreedyFigures): readonly Cell[] {
	const count = (kind: Difference["kind"] | null): number =>
		one.comparisons.filter(({ difference }) => (difference?.kind ?? null) === kind).length;
	return [
		one.model,
		one.way,
		one.comparisons.length,
		`${one.promptTokens.min} to ${one.promptTokens.max}`,
		`${one.busyLanes} (${one.lanes} lanes)`,
		count(null),
		count("near-tie"),
		count("real"),
		one.comparisons.reduce((sum, { equalTokens }) => sum + equalTokens, 0),
		one.verdict,
	];
}

function discrepancyRow(model: string, side: string, comparisons: readonly Comparison[]): readonly Cell[] {
	const all = allDiscrepancies(comparisons);
	const { median, max } = spread(all);
	const differences = comparisons.filter(({ difference }) => difference !== null).length;
	return [model, side, all.length, median.toFixed(4), max.toFixed(4), differences];
}

function differenceRows(one: GreedyFigures, difference: Difference | null): readonly (readonly Cell[])[] {
	if (difference === null) return [];
	const { prompt, position, discrepancy, ours, theirs } = difference;
	const kind = discrepancy === null ? difference.kind : `${difference.kind}, ${discrepancy.toFixed(4)} apart`;
	const known = [...(theirs?.best ?? []), ...(theirs === null ? [] : [theirs])];
	const row = [`${prompt + 1}`, `${position + 1}`, kind, name(ours, known), name(theirs, known), best(ours, known)];
	return [[one.model, one.way, ...row, best(theirs, known)]];
}

function best(drawn: Drawn | null, known: readonly Candidate[]): string {
	if (drawn === null) return "-";
	const candidates = drawn.best
		.slice(0, 2)
		.map((one) => `${name(one, known)} ${one.logprob.toFixed(4)}`)
		.join(", ");
	const gap = margin(drawn);
	return gap === null ? candidates : `${candidates} (${gap.toFixed(4)})`;
}

/** A token's text and id; `known` lends ids to a side that tells none. */
function name(token: Candidate | null, known: readonly Candidate[]): string {
	if (token === null) return "-";
	const text = token.bytes.length === 0 ? "end" : JSON.stringify(Buffer.from(token.bytes).toString("utf8"));
	const id = token.id ?? known.find((one) => Buffer.from(one.bytes).equals(Buffer.from(token.bytes)))?.id ?? null;
	return id === null ? text : `${text} #${id}`;
}
