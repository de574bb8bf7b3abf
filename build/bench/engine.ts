/**
 * `npm run bench:engine`: our engine against llama.cpp's own server and against raw llama.cpp, same model, machine, threads and
 * run. Prints tables, writes JSON. Must never judge: no figure makes it fail.
 */
import { loadavg } from "node:os";
import { join } from "node:path";
import { err, ok, type Result, systemClock } from "../../native/base/base.ts";
import { createEngine } from "../../native/engine/create-engine.ts";
import type { Engine } from "../../native/engine/engine.ts";
import { ensureBenchModel } from "./bench-model.ts";
import { type CaseFigures, compareCase } from "./engine-compare.ts";
import { sweepLanes } from "./engine-lanes.ts";
import { type BenchOptions, parseOptions } from "./engine-options.ts";
import { caseRatios, printCases, printLanes } from "./engine-tables.ts";
import { benchFolder, ensureLlamaPrograms, ensureLlamaSource } from "./llama-build.ts";
import { loadOurs } from "./our-engine.ts";
import { problemsLog, say, warnIfBusy, writeReport } from "./report.ts";
import { killChildrenAtExit } from "./server-process.ts";
import { type BenchCase, benchCases } from "./tickets.ts";

/** Every side holds this many tokens a line; the longest bench prompt has about 400. */
const contextTokens = 512;
const parallels = [1, 4, 8, 16, 32];
const quickParallels = [4, 16];

async function main(): Promise<Result<null, string>> {
	const options = parseOptions(process.argv.slice(2));
	if (!options.ok) return options;
	const cases = chooseCases(options.value);
	if (!cases.ok) return cases;
	killChildrenAtExit();
	const folder = benchFolder(process.env);
	const source = await ensureLlamaSource(folder);
	if (!source.ok) return source;
	say(`Bench model and programs: ${folder}`);
	const model = await ensureBenchModel(folder, join(source.value, "models", "ggml-vocab-qwen2.gguf"));
	if (!model.ok) return model;
	const engine = createEngine({ clock: systemClock, log: problemsLog, native: { gpu: false } });
	try {
		return options.value.sweep
			? await sweep(engine, model.value, options.value, cases.value)
			: await compare(engine, model.value, folder, options.value, cases.value);
	} finally {
		await engine.stop();
	}
}

async function compare(
	engine: Engine,
	modelPath: string,
	folder: string,
	options: BenchOptions,
	cases: readonly BenchCase[],
): Promise<Result<null, string>> {
	const programs = options.skipServer ? null : await ensureLlamaPrograms(folder, say);
	if (programs?.ok === false) say(`${programs.error}\nGoing on with our side alone.`);
	warnIfBusy();
	const { threads, lanes, rounds } = options;
	const loaded = await loadOurs(engine, { modelPath, threads, lanes, contextTokens });
	if (!loaded.ok) return loaded;
	say(`${threads} threads on every side; ours: ${loaded.value.lanes} lanes, ${loaded.value.engineVersion}`);
	for (const note of loaded.value.notes) say(`  ${note}`);
	const figures: CaseFigures[] = [];
	for (const benchCase of cases) {
		const outcome = await compareCase(
			{
				...{ engine, model: loaded.value, modelPath, folder, threads, rounds, contextTokens, say },
				programs: programs?.ok === true ? programs.value : null,
				parallels: options.quick ? quickParallels : parallels,
			},
			benchCase,
		);
		if (!outcome.ok) return err(`${benchCase.name}: ${outcome.error}`);
		figures.push(outcome.value);
	}
	printCases(figures);
	if (options.json !== null) {
		const withRatios = figures.map((entry) => ({ ...entry, ratios: caseRatios(entry) }));
		writeReport(options.json, { options, model: loaded.value, loadAverage: loadavg(), cases: withRatios });
	}
	return ok(null);
}

async function sweep(
	engine: Engine,
	modelPath: string,
	options: BenchOptions,
	cases: readonly BenchCase[],
): Promise<Result<null, string>> {
	warnIfBusy();
	const ours = { modelPath, threads: options.threads, lanes: null, contextTokens };
	const figures = await sweepLanes(engine, ours, cases, options.rounds, say);
	if (!figures.ok) return figures;
	printLanes(figures.value);
	if (options.json !== null) writeReport(options.json, { options, loadAverage: loadavg(), lanes: figures.value });
	return ok(null);
}

function chooseCases(options: BenchOptions): Result<readonly BenchCase[], string> {
	const all = benchCases(options.quick);
	if (options.cases === null) return ok(all);
	const names = all.map((one) => one.name);
	const unknown = options.cases.filter((name) => !names.includes(name));
	if (unknown.length > 0) return err(`--cases: no case is named ${unknown.join(", ")}; there are ${names.join(", ")}`);
	return ok(all.filter((one) => options.cases?.includes(one.name)));
}

const outcome = await main();
if (!outcome.ok) {
	say(outcome.error);
	process.exitCode = 1;
}
