/**
 * The mesh with real processes, real multicast and the demo model, in network namespaces, while machines are killed, stopped and cut
 * apart: `node build/trials/trials.ts [--runs N] [--seed N] [--lines N] [--nodes 3..5] [--minutes N] [--keep FOLDER] [--json FILE]`.
 * Needs Linux and root. Prints what each run came to; ends with 1 when a promise was broken, and leaves the history and the data of such runs. With `--keep` the
 * histories of all stay, in that folder. `--minutes`: begins no further run after so long.
 *
 * The room owns machines, faults and the judgement of what was seen. The product must never import it.
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { whyNoNetworks } from "../../native/mesh/testing/netns.ts";
import { option, printTable, say, writeReport } from "../bench/report.ts";
import { runAlone } from "./alone.ts";
import { checkHistory, type Judgement } from "./checker.ts";
import { createRecorder, type Happening } from "./history.ts";
import { makeLines } from "./lines.ts";
import { planTrial } from "./plan.ts";
import { runTrial } from "./trial.ts";

/** Lines of the small batches made on the way. */
const SMALL_LINES = 20;

/** The large batch's number among the requests of a trial. */
const LARGE = 1;

/** File of what happened in a run. */
const HISTORY = "history.jsonl";

/** Violations printed of one run; the history has all. */
const PRINTED = 10;

interface Judged extends Judgement {
	readonly seed: number;
}

const impossible = whyNoNetworks();
if (impossible === null) await main();
else {
	say(`Trials can't be run here: ${impossible}`);
	process.exitCode = 1;
}

async function main(): Promise<void> {
	const runs = Number(option("runs") ?? 20);
	const firstSeed = Number(option("seed") ?? 1);
	const lineCount = Number(option("lines") ?? 2_000);
	const nodes = parseNodes(option("nodes") ?? "3..5");
	const folder = mkdtempSync(join(option("keep") ?? tmpdir(), "nightshift-trials-"));
	say(`What the machines keep lies in ${folder}.`);
	const lines = makeLines(LARGE, lineCount);
	const answers = await runAlone(lines, folder);
	const alone: Happening = { kind: "alone", request: LARGE, answers, labels: [...lines.labels] };
	const judged: Judged[] = [];
	const endMs = performance.now() + Number(option("minutes") ?? Number.POSITIVE_INFINITY) * 60_000;
	for (let seed = firstSeed; seed < firstSeed + runs && performance.now() < endMs; seed += 1) {
		const runFolder = join(folder, `${seed}`);
		mkdirSync(runFolder);
		using recorder = createRecorder(join(runFolder, HISTORY));
		recorder.record(alone);
		try {
			await runTrial({ plan: planTrial(seed, nodes), lines, smallLines: SMALL_LINES, folder: runFolder, recorder });
		} catch (error) {
			// What is in the history is judged all the same; that it has no end is noticed there.
			say(`Seed ${seed} did not come to its end: ${error instanceof Error ? error.message : String(error)}`);
		}
		const judgement = checkHistory(recorder.history);
		judged.push({ seed, ...judgement });
		tell(seed, judgement);
		if (judgement.violations.length > 0) continue;
		const isKept = option("keep") !== null;
		for (const name of readdirSync(runFolder)) {
			if (!isKept || name !== HISTORY) rmSync(join(runFolder, name), { recursive: true });
		}
	}
	printSums(judged);
	const path = option("json");
	if (path !== null) writeReport(path, { trials: "mesh", lineCount, judged });
	const isWhole = judged.every(({ violations }) => violations.length === 0);
	if (isWhole && option("keep") === null) rmSync(folder, { recursive: true });
	process.exitCode = isWhole ? 0 : 1;
}

function tell(seed: number, { violations, figures }: Judgement): void {
	say(`Seed ${seed}: ${violations.length === 0 ? "all promises kept" : `${violations.length} broken promises`}`);
	for (const { promise, message } of violations.slice(0, PRINTED)) say(`  ${promise}: ${message}`);
	say(`  ${JSON.stringify(figures)}`);
}

function printSums(judged: readonly Judged[]): void {
	const figures = judged.map((one) => one.figures);
	const sum = (of: (figure: (typeof figures)[number]) => number): number =>
		figures.reduce((all, one) => all + of(one), 0);
	const faults = figures.flatMap((one) => Object.entries(one.faults));
	const byKind = new Map<string, number>();
	for (const [kind, count] of faults) byKind.set(kind, (byKind.get(kind) ?? 0) + count);
	printTable(
		"The mesh in storms",
		["what", "count"],
		[
			["runs", judged.length],
			["runs with a broken promise", judged.filter(({ violations }) => violations.length > 0).length],
			...[...byKind].map(([kind, count]) => [`faults: ${kind}`, count] as const),
			["batches acknowledged", sum(({ batches }) => batches)],
			["of them at level 2", sum(({ level2 }) => level2)],
			["requests for a batch without an answer", sum(({ unanswered }) => unanswered)],
			["batches with two outputs shown", sum(({ twoOutputs }) => twoOutputs)],
			["lines with a result", sum(({ lines }) => lines)],
			["lines started", sum(({ starts }) => starts)],
			["lines started more than once", sum(({ startedAgain }) => startedAgain)],
			["lines with results of two machines", sum(({ doubled }) => doubled)],
			["lines started again with nothing broken", sum(({ withoutFault }) => withoutFault)],
			["answers that differ from one machine's", sum(({ otherAnswers }) => otherAnswers)],
			["seconds of storm, mean", sum(({ stormSeconds }) => stormSeconds) / judged.length],
			["seconds until all was done after it, mean", sum(({ settleSeconds }) => settleSeconds) / judged.length],
		],
	);
}

/** `4`, or `3..5`. */
function parseNodes(text: string): readonly [number, number] {
	const [fewest, most] = text.split("..").map(Number);
	if (fewest === undefined || !(fewest >= 2)) throw new Error("--nodes takes a number from 2, or two as 3..5.");
	return [fewest, most ?? fewest];
}
