/**
 * `npm run bench:greedy`: greedy tokens of our engine against llama.cpp's own server, same GGUF and same token ids, for the demo
 * model and the bench model, alone and with all lanes busy. Options: --quick, --json FILE, --threads N, --models demo,bench.
 * Fails where a difference is more than a near-tie. Must never compare behind a first difference.
 */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { err, ok, type Result } from "../../native/base/base.ts";
import { DEMO_MODEL_PATH } from "../../native/engine/testing.ts";
import { ensureBenchModel } from "./bench-model.ts";
import {
	allDiscrepancies,
	type Comparison,
	compareAnswers,
	compareText,
	type GreedyAnswer,
	verdictOf,
} from "./greedy-compare.ts";
import { runPrompts, runWays } from "./greedy-ours.ts";
import { benchPrompts, demoPrompts, type MakePrompts } from "./greedy-prompts.ts";
import { createGreedyServer, type GreedyServer } from "./greedy-server.ts";
import { type Control, type GreedyFigures, printGreedy } from "./greedy-tables.ts";
import { benchFolder, ensureLlamaPrograms, ensureLlamaSource } from "./llama-build.ts";
import { type LlamaServerOptions, startLlamaServer } from "./llama-server.ts";
import { option, say, writeReport } from "./report.ts";
import { killChildrenAtExit } from "./server-process.ts";

/** A model to compare on. */
interface GreedyModel {
	readonly name: string;
	readonly path: string;
	readonly makePrompts: MakePrompts;
}

/** What the server made of the prompts. */
interface Reference {
	readonly prompts: readonly (readonly number[])[];
	readonly answers: readonly GreedyAnswer[];
	/** The server against itself, its attention computed another way. */
	readonly control: readonly Comparison[];
}

const promptCount = 50;
const quickPromptCount = 8;
const maxTokens = 32;
/** Room for the longest prompt and its answer, on both sides. */
const contextTokens = 512;
/**
 * Discrepancies up to this many times the server's largest with itself are rounding: that one is the largest of as many places
 * as are judged by it, so some of ours may well be above it, and a mistake in a prompt or a position moves logits by whole units.
 */
const roundingShare = 2;

async function main(): Promise<Result<null, string>> {
	killChildrenAtExit();
	const isQuick = process.argv.includes("--quick");
	const threads = Number(option("threads") ?? availableParallelism());
	const folder = benchFolder(process.env);
	const models = await findModels(folder);
	if (!models.ok) return models;
	const programs = await ensureLlamaPrograms(folder, say);
	if (!programs.ok) return programs;
	const figures: GreedyFigures[] = [];
	const controls: Control[] = [];
	for (const model of models.value) {
		const logPath = join(folder, "llama-server.log");
		const reference = await askServer(programs.value.server, model, threads, isQuick, logPath);
		if (!reference.ok) return err(`${model.name}: ${reference.error}`);
		const compared = await compareWays(model, threads, reference.value);
		if (!compared.ok) return err(`${model.name}: ${compared.error}`);
		figures.push(...compared.value);
		controls.push({ model: model.name, comparisons: reference.value.control });
	}
	printGreedy(figures, controls, maxTokens);
	const json = option("json");
	if (json !== null) writeReport(json, { bench: "greedy", threads, maxTokens, figures, controls });
	const different = figures.filter((one) => one.verdict === "DIFFERENT");
	if (different.length === 0) return ok(null);
	return err(`Not the same tokens: ${different.map((one) => `${one.model}, ${one.way}`).join("; ")}`);
}

async function findModels(folder: string): Promise<Result<readonly GreedyModel[], string>> {
	const wanted = (option("models") ?? "demo,bench").split(",");
	const models: GreedyModel[] = [];
	if (wanted.includes("demo")) models.push({ name: "demo", path: DEMO_MODEL_PATH, makePrompts: demoPrompts });
	if (wanted.includes("bench")) {
		const source = await ensureLlamaSource(folder);
		if (!source.ok) return source;
		const path = await ensureBenchModel(folder, join(source.value, "models", "ggml-vocab-qwen2.gguf"));
		if (!path.ok) return path;
		models.push({ name: "bench", path: path.value, makePrompts: benchPrompts });
	}
	return models.length === wanted.length ? ok(models) : err(`--models knows demo and bench, not "${wanted.join(",")}"`);
}

/** Has llama.cpp's server make the prompts and answer them, as it is and with its attention computed another way. */
async function askServer(
	program: string,
	model: GreedyModel,
	threads: number,
	isQuick: boolean,
	logPath: string,
): Promise<Result<Reference, string>> {
	const settings = {
		program,
		modelPath: model.path,
		threads,
		parallel: 1,
		contextTokensPerSlot: contextTokens,
		logPath,
	};
	const first = await withServer(settings, async (server) => {
		const prompts = await model.makePrompts(server, isQuick ? quickPromptCount : promptCount);
		if (!prompts.ok) return prompts;
		say(`${model.name}: llama-server answers ${prompts.value.length} prompts, twice`);
		const answers = await askAll(server, prompts.value);
		return answers.ok ? ok({ prompts: prompts.value, answers: answers.value }) : answers;
	});
	if (!first.ok) return first;
	const { prompts, answers } = first.value;
	const again = await withServer({ ...settings, flashAttention: "off" }, (server) => askAll(server, prompts));
	if (!again.ok) return again;
	const control = again.value.map((answer, index) => compareAnswers(index, answer, at(answers, index), Infinity));
	return ok({ prompts, answers, control });
}

/** Starts the server, alone on the machine, and stops it when the work is done. */
async function withServer<T>(
	options: LlamaServerOptions,
	work: (server: GreedyServer) => Promise<Result<T, string>>,
): Promise<Result<T, string>> {
	const started = await startLlamaServer(options);
	if (!started.ok) return started;
	try {
		return await work(createGreedyServer(started.value.url));
	} finally {
		await started.value.stop();
	}
}

async function askAll(
	server: GreedyServer,
	prompts: readonly (readonly number[])[],
): Promise<Result<readonly GreedyAnswer[], string>> {
	const answers: GreedyAnswer[] = [];
	for (const tokens of prompts) {
		const answer = await server.complete(tokens, maxTokens);
		if (!answer.ok) return answer;
		answers.push(answer.value);
	}
	return ok(answers);
}

function at(answers: readonly GreedyAnswer[], index: number): GreedyAnswer {
	return answers[index] ?? { tokens: [], isEnded: false };
}

async function compareWays(
	model: GreedyModel,
	threads: number,
	reference: Reference,
): Promise<Result<readonly GreedyFigures[], string>> {
	const figures: GreedyFigures[] = [];
	const rounding = roundingShare * Math.max(0, ...allDiscrepancies(reference.control));
	const lengths = reference.prompts.map((tokens) => tokens.length);
	for (const way of runWays) {
		const options = { modelPath: model.path, threads, lanes: null, contextTokens };
		const run = await runPrompts(options, reference.prompts, maxTokens, way);
		if (!run.ok) return run;
		say(`${model.name}: ours, ${way.name}, ${run.value.seconds.toFixed(1)} s`);
		const comparisons = run.value.answers.map((ours, index): Comparison => {
			const theirs = at(reference.answers, index);
			return way.hasTokens
				? compareAnswers(index, ours, theirs, rounding)
				: compareText(index, ours.text, theirs, rounding);
		});
		figures.push({
			model: model.name,
			way: way.name,
			lanes: run.value.model.lanes,
			busyLanes: run.value.busyLanes,
			promptTokens: { min: Math.min(...lengths), max: Math.max(...lengths) },
			comparisons,
			rounding,
			verdict: verdictOf(comparisons),
			seconds: run.value.seconds,
		});
	}
	return ok(figures);
}

const outcome = await main();
if (!outcome.ok) {
	say(outcome.error);
	process.exitCode = 1;
}
