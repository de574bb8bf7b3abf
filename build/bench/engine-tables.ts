/** Tables of the engine bench: what the figures say, for people. Must never compute more than medians and ratios. */
import type { CaseFigures } from "./engine-compare.ts";
import type { LaneFigures } from "./engine-lanes.ts";
import {
	linesPerSecond,
	type RawRun,
	ratio,
	rawLinesPerSecond,
	type SideRun,
	type Spread,
	spread,
} from "./engine-rates.ts";
import { type Cell, printTable } from "./report.ts";

/** Prints speeds and ratios of every case, then what each side computed for them. */
export function printCases(cases: readonly CaseFigures[]): void {
	printTable(
		"Lines a second (min / median / max of the rounds; ratios of medians)",
		["case", "lines", "ours", "llama-server", "at", "ours/server", "raw ceiling", "at", "ours/raw", "server/raw"],
		cases.map(speedRow),
	);
	printTable(
		"What was computed (all rounds)",
		[
			"case",
			"own prompt tokens",
			"cached: ours",
			"server",
			"CPU ms a line: ours",
			"server",
			"odd lines: ours",
			"server",
		],
		cases.map((figures) => [
			figures.name,
			figures.ownPromptTokens.toFixed(1),
			cachedShare(figures.ours),
			cachedShare(figures.server?.runs ?? null),
			processorMs(figures.ours),
			processorMs(figures.server?.runs ?? null),
			oddLines(figures.ours),
			oddLines(figures.server?.runs ?? null),
		]),
	);
	process.stdout.write(
		"CPU time counts threads that wait for each other; with --threads 1 it compares the sides on a busy machine\n",
	);
	for (const figures of cases) process.stdout.write(`${figures.name}: ${figures.description}\n`);
	process.stdout.write(
		"odd lines: lines that failed or did not give exactly as many tokens as asked for; 0 or the ratio is void\n",
	);
}

/** Prints one row a lane count, one column a case. */
export function printLanes(figures: readonly LaneFigures[]): void {
	const names = [...new Set(figures.map((entry) => entry.caseName))];
	const lanes = [...new Set(figures.map((entry) => entry.lanes))];
	printTable(
		"Our lines a second by lanes (min / median / max of the rounds)",
		["lanes", ...names],
		lanes.map((count) => [
			count,
			...names.map((name) => {
				const entry = figures.find((one) => one.lanes === count && one.caseName === name);
				return entry === undefined ? null : spreadText(speeds(entry.runs));
			}),
		]),
	);
}

/** Ratios of medians of one case, as they go into the report. */
export function caseRatios(figures: CaseFigures): { readonly server: number | null; readonly raw: number | null } {
	const ours = speeds(figures.ours);
	return {
		server: ratio(ours, figures.server === null ? null : speeds(figures.server.runs)),
		raw: ratio(ours, figures.raw === null ? null : rawSpeeds(figures.raw.runs)),
	};
}

function speedRow(figures: CaseFigures): readonly Cell[] {
	const ours = speeds(figures.ours);
	const server = figures.server === null ? null : speeds(figures.server.runs);
	const raw = figures.raw === null ? null : rawSpeeds(figures.raw.runs);
	const ratios = caseRatios(figures);
	return [
		figures.name,
		figures.lineCount,
		spreadText(ours),
		server === null ? null : spreadText(server),
		figures.server === null ? null : `-np ${figures.server.parallel}`,
		ratios.server,
		raw === null ? null : spreadText(raw),
		figures.raw === null ? null : `-npl ${figures.raw.sequences}`,
		ratios.raw,
		server === null ? null : ratio(server, raw),
	];
}

function speeds(runs: readonly SideRun[]): Spread {
	return spread(runs.map(linesPerSecond));
}

function rawSpeeds(runs: readonly RawRun[]): Spread {
	return spread(runs.map(rawLinesPerSecond));
}

function spreadText({ min, median, max }: Spread): string {
	return [min, median, max].map((figure) => figure.toFixed(2)).join(" / ");
}

function cachedShare(runs: readonly SideRun[] | null): string | null {
	if (runs === null) return null;
	const sum = (pick: (run: SideRun) => number): number => runs.reduce((total, run) => total + pick(run), 0);
	return `${((100 * sum((run) => run.cachedTokens)) / sum((run) => run.promptTokens)).toFixed(0)} %`;
}

/** Median processor time a line, in milliseconds. */
function processorMs(runs: readonly SideRun[] | null): number | null {
	const figures = (runs ?? []).flatMap((run) =>
		run.processorSeconds === null ? [] : [(1000 * run.processorSeconds) / run.lineCount],
	);
	return figures.length === 0 ? null : Math.round(spread(figures).median);
}

function oddLines(runs: readonly SideRun[] | null): number | null {
	return runs === null ? null : runs.reduce((total, run) => total + run.oddLines, 0);
}
