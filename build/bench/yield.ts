/**
 * `npm run bench:yield`: what a live request feels of a batch, and the batch of it. A long batch on the bench model, all lanes
 * full, through the whole service; chat requests at random moments, then a burst of automatic completions; and the batch's
 * output against the same file left alone. Options: --quick, --json FILE, --threads N, --lines N, --gpu. Times never make it
 * fail; a broken promise does: more than the step in flight, a token computed twice, an output that is not the same.
 */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { err, ok, type Result } from "../../native/base/base.ts";
import type { SettingsPatch } from "../../native/contract/contract.ts";
import { ensureBenchModel } from "./bench-model.ts";
import { benchFolder, ensureLlamaSource } from "./llama-build.ts";
import { option, say, warnIfBusy, writeReport } from "./report.ts";
import { killChildrenAtExit } from "./server-process.ts";
import { type BatchBody, batchBodies, type FinishedBatch } from "./yield-batch.ts";
import { compareOutputs, type OutputComparison } from "./yield-figures.ts";
import { type Flip, lookBehind } from "./yield-flips.ts";
import { type DisturbedRun, runAlone, runDisturbed, type YieldPlan } from "./yield-run.ts";
import type { BenchService, BenchServiceOptions } from "./yield-service.ts";
import { type KindFigures, kindFigures, type NamedComparison, printComparisons, printKinds } from "./yield-tables.ts";

const fullPlan: YieldPlan = { chats: 50, meanPauseMs: 1_500, burstSeconds: 20 };
const quickPlan: YieldPlan = { chats: 8, meanPauseMs: 1_000, burstSeconds: 3 };
/** As many as last through all live requests on two slow cores; a faster machine takes more (--lines). */
const fullLines = 200;
const quickLines = 40;
/** The product waits 2 s and up to 30 s in a burst; with that, most of this bench would be waiting. */
const settings: SettingsPatch = {
	stepAside: { quietMs: 500, longestQuietMs: 500 },
	// What the clients of this bench take of the processor is not to stop the batch.
	schedule: { mode: "always" },
	limits: { othersCpuPercent: null },
};
const modelName = "bench";

async function main(): Promise<Result<null, string>> {
	killChildrenAtExit();
	const isQuick = process.argv.includes("--quick");
	const folder = benchFolder(process.env);
	const source = await ensureLlamaSource(folder);
	if (!source.ok) return source;
	const model = await ensureBenchModel(folder, join(source.value, "models", "ggml-vocab-qwen2.gguf"));
	if (!model.ok) return model;
	const options: BenchServiceOptions = {
		...{ folder, modelPath: model.value, modelName, settings },
		threads: Number(option("threads") ?? availableParallelism()),
		hasGpu: process.argv.includes("--gpu"),
		logPath: join(folder, "yield-service.log"),
	};
	const plan = isQuick ? quickPlan : fullPlan;
	const bodies = batchBodies(modelName, Number(option("lines") ?? (isQuick ? quickLines : fullLines)));
	warnIfBusy();
	const disturbed = await runDisturbed(options, plan, bodies);
	if (!disturbed.ok) return err(`disturbed run: ${disturbed.error}`);
	const outputs = await compareWithAlone(options, bodies, disturbed.value.batch);
	if (!outputs.ok) return outputs;
	return report(plan, bodies, disturbed.value, outputs.value);
}

/** What the runs that were left alone came to. */
interface AloneRuns {
	readonly comparisons: readonly NamedComparison[];
	/** Of the first of them. */
	readonly seconds: number;
}

async function compareWithAlone(
	options: BenchServiceOptions,
	bodies: readonly BatchBody[],
	disturbed: FinishedBatch,
): Promise<Result<AloneRuns, string>> {
	say("The same batch, left alone");
	const first = await runAlone(options, bodies, async () => null);
	if (!first.ok) return err(`undisturbed run: ${first.error}`);
	say("The same batch, left alone once more");
	const second = await runAlone(options, bodies, async (service, batch) => [
		await explain(service, bodies, compareOutputs(disturbed.output, first.value.batch.output), disturbedName),
		await explain(service, bodies, compareOutputs(first.value.batch.output, batch.output), controlName),
	]);
	if (!second.ok) return err(`second undisturbed run: ${second.error}`);
	return ok({ comparisons: second.value.after, seconds: first.value.batch.seconds });
}

const disturbedName = "disturbed against undisturbed";
const controlName = "undisturbed against undisturbed";

async function explain(
	service: BenchService,
	bodies: readonly BatchBody[],
	comparison: OutputComparison,
	name: string,
): Promise<NamedComparison> {
	const flips: readonly Flip[] = await lookBehind(service.client, bodies, comparison.differing);
	return { name, ...comparison, flips };
}

function report(
	plan: YieldPlan,
	bodies: readonly BatchBody[],
	disturbed: DisturbedRun,
	alone: AloneRuns,
): Result<null, string> {
	const kinds = [kindFigures("chat", disturbed.chat), kindFigures("autocomplete", disturbed.burst)];
	const tokens = bodies.reduce((sum, body) => sum + body.max_tokens, 0);
	const meanStepMs = (alone.seconds * 1_000 * disturbed.lanes) / tokens;
	printKinds(kinds, meanStepMs);
	printComparisons(alone.comparisons);
	const broken = brokenPromises(kinds, alone.comparisons);
	const { linesBeforeEnd } = disturbed;
	const facts = [
		`${bodies.length} lines of ${tokens} tokens in all, ${disturbed.lanes} lanes; ${linesBeforeEnd} lines were done before the last live request was over.`,
		`Quiet time ${settings.stepAside?.quietMs} ms, never growing (the product: 2 s, growing to 30 s in a burst).`,
		...shortfalls(plan, kinds, linesBeforeEnd, bodies.length),
	];
	process.stdout.write(`${facts.join("\n")}\n`);
	const json = option("json");
	if (json !== null) {
		const { chat, burst } = disturbed;
		writeReport(json, {
			bench: "yield",
			plan,
			settings,
			lanes: disturbed.lanes,
			meanStepMs,
			kinds,
			...alone,
			chat,
			burst,
		});
	}
	return broken.length === 0 ? ok(null) : err(`Promises broken:\n${broken.map((one) => `  ${one}`).join("\n")}`);
}

/** What keeps the figures from saying what they should. */
function shortfalls(plan: YieldPlan, kinds: readonly KindFigures[], done: number, lines: number): readonly string[] {
	const notes: string[] = [];
	const [chat] = kinds;
	if (chat !== undefined && chat.during.count < plan.chats) {
		notes.push(
			`Only ${chat.during.count} of ${plan.chats} chat requests met the batch: it was over. Take more --lines.`,
		);
	} else if (done === lines) {
		notes.push("The batch was over before the last live request: take more --lines.");
	}
	return notes;
}

function brokenPromises(kinds: readonly KindFigures[], comparisons: readonly NamedComparison[]): readonly string[] {
	const broken: string[] = [];
	for (const { name, yields, idle, during } of kinds) {
		const failures = idle.failures.length + during.failures.length;
		if (failures > 0) broken.push(`${name}: ${failures} requests failed`);
		if (yields === null) continue;
		if (yields.maxBatchSteps > 1) broken.push(`${name}: ${yields.maxBatchSteps} batch steps after an arrival, not 1`);
		if (yields.recomputedTokens > 0) broken.push(`${name}: ${yields.recomputedTokens} tokens computed again`);
	}
	for (const { name, isIdentical, differing } of comparisons) {
		if (!isIdentical) broken.push(`output, ${name}: ${differing.length} lines differ`);
	}
	return broken;
}

const outcome = await main();
if (!outcome.ok) {
	say(outcome.error);
	process.exitCode = 1;
}
