/**
 * One case of the engine bench: finds the server's best number of slots and the raw ceiling's, then lets the sides take turns
 * on lines neither has seen. Must never give one side what the other does not get: same lines, threads and context.
 */
import { join } from "node:path";
import { err, ok, type Result } from "../../native/base/base.ts";
import type { Engine, LoadedModel } from "../../native/engine/engine.ts";
import { runBatchedBench } from "./batched-bench.ts";
import { linesPerSecond, type RawRun, rawLinesPerSecond, type SideRun } from "./engine-rates.ts";
import type { LlamaPrograms } from "./llama-build.ts";
import { type LlamaServer, startLlamaServer } from "./llama-server.ts";
import { ownPromptTokens, runOurs } from "./our-engine.ts";
import type { BenchCase } from "./tickets.ts";

/** What a comparison needs. */
export interface CompareDeps {
	readonly engine: Engine;
	readonly model: LoadedModel;
	/** null: our side alone. */
	readonly programs: LlamaPrograms | null;
	readonly modelPath: string;
	/** Folder for the programs' logs. */
	readonly folder: string;
	readonly threads: number;
	readonly rounds: number;
	/** Numbers of slots tried. */
	readonly parallels: readonly number[];
	readonly contextTokens: number;
	readonly say: (text: string) => void;
}

/** One setting of the server, tried with a part of the lines. */
export interface Trial {
	readonly parallel: number;
	readonly linesPerSecond: number;
}

/** Everything measured for one case. */
export interface CaseFigures {
	readonly name: string;
	readonly description: string;
	readonly lineCount: number;
	readonly maxTokens: number;
	readonly ownPromptTokens: number;
	readonly ours: readonly SideRun[];
	readonly server: {
		readonly parallel: number;
		readonly trials: readonly Trial[];
		readonly runs: readonly SideRun[];
	} | null;
	readonly raw: {
		readonly sequences: number;
		readonly trials: readonly RawRun[];
		readonly runs: readonly RawRun[];
	} | null;
}

/** Rounds far from the measured ones, so that no tried line is measured later. */
const warmUpRound = 900;
const firstTrialRound = 910;
/** Share of the lines a setting is tried with, but enough that every slot is used several times. */
const trialShare = 1 / 4;
const trialLinesPerSlot = 3;

/** Measures a case; the error names the side that could not run. */
export async function compareCase(deps: CompareDeps, benchCase: BenchCase): Promise<Result<CaseFigures, string>> {
	const own = await ownPromptTokens(deps.engine, benchCase.lines(0, 64), benchCase.emptyLine);
	if (!own.ok) return own;
	const figures = {
		name: benchCase.name,
		description: benchCase.description,
		lineCount: benchCase.lineCount,
		maxTokens: benchCase.maxTokens,
		ownPromptTokens: own.value,
	};
	await runOurs(deps.engine, deps.model.lanes, benchCase.lines(warmUpRound, deps.model.lanes));
	if (deps.programs === null) {
		const ours: SideRun[] = [];
		for (let round = 1; round <= deps.rounds; round++) ours.push(await measureOurs(deps, benchCase, round));
		return ok({ ...figures, ours, server: null, raw: null });
	}
	const trials = await tryServer(deps, deps.programs, benchCase);
	if (!trials.ok) return trials;
	const parallel = best(trials.value, (trial) => trial.linesPerSecond).parallel;
	const rawTrials = await runRaw(deps, deps.programs, benchCase, own.value, deps.parallels);
	if (!rawTrials.ok) return rawTrials;
	const sequences = best(rawTrials.value, rawLinesPerSecond).sequences;
	const runs = await takeTurns(deps, deps.programs, benchCase, own.value, parallel, sequences);
	if (!runs.ok) return runs;
	return ok({
		...figures,
		ours: runs.value.ours,
		server: { parallel, trials: trials.value, runs: runs.value.server },
		raw: { sequences, trials: rawTrials.value, runs: runs.value.raw },
	});
}

async function takeTurns(
	deps: CompareDeps,
	programs: LlamaPrograms,
	benchCase: BenchCase,
	ownTokens: number,
	parallel: number,
	sequences: number,
): Promise<Result<{ ours: readonly SideRun[]; server: readonly SideRun[]; raw: readonly RawRun[] }, string>> {
	const started = await startServer(deps, programs, parallel);
	if (!started.ok) return started;
	const server = started.value;
	try {
		await server.run(benchCase.lines(warmUpRound, parallel));
		const ours: SideRun[] = [];
		const theirs: SideRun[] = [];
		const raw: RawRun[] = [];
		for (let round = 1; round <= deps.rounds; round++) {
			const measureTheirs = async (): Promise<void> => {
				theirs.push(await measureServer(deps, server, benchCase, round));
			};
			// Whoever goes second finds a warmer machine: take turns at that too.
			if (round % 2 === 0) await measureTheirs();
			ours.push(await measureOurs(deps, benchCase, round));
			if (round % 2 === 1) await measureTheirs();
			const rows = await runRaw(deps, programs, benchCase, ownTokens, [sequences, sequences]);
			if (!rows.ok) return rows;
			raw.push(...rows.value);
		}
		return ok({ ours, server: theirs, raw });
	} finally {
		await server.stop();
	}
}

async function tryServer(
	deps: CompareDeps,
	programs: LlamaPrograms,
	benchCase: BenchCase,
): Promise<Result<readonly Trial[], string>> {
	const trials: Trial[] = [];
	for (const [index, parallel] of deps.parallels.entries()) {
		const server = await startServer(deps, programs, parallel);
		if (!server.ok) return server;
		await server.value.run(benchCase.lines(warmUpRound, parallel));
		const count = Math.max(Math.ceil(benchCase.lineCount * trialShare), parallel * trialLinesPerSlot);
		const run = await server.value.run(benchCase.lines(firstTrialRound + index, Math.min(count, benchCase.lineCount)));
		await server.value.stop();
		if (run.firstFailure !== null) return err(run.firstFailure);
		trials.push({ parallel, linesPerSecond: linesPerSecond(run) });
		deps.say(`${benchCase.name}: llama-server --parallel ${parallel}: ${linesPerSecond(run).toFixed(2)} lines/s`);
	}
	return ok(trials);
}

async function measureOurs(deps: CompareDeps, benchCase: BenchCase, round: number): Promise<SideRun> {
	const run = await runOurs(deps.engine, deps.model.lanes, benchCase.lines(round, benchCase.lineCount));
	deps.say(`${benchCase.name}, round ${round}: ours ${linesPerSecond(run).toFixed(2)} lines/s`);
	return run;
}

async function measureServer(
	deps: CompareDeps,
	server: LlamaServer,
	benchCase: BenchCase,
	round: number,
): Promise<SideRun> {
	const run = await server.run(benchCase.lines(round, benchCase.lineCount));
	deps.say(`${benchCase.name}, round ${round}: llama-server ${linesPerSecond(run).toFixed(2)} lines/s`);
	return run;
}

function startServer(
	deps: CompareDeps,
	programs: LlamaPrograms,
	parallel: number,
): Promise<Result<LlamaServer, string>> {
	return startLlamaServer({
		program: programs.server,
		modelPath: deps.modelPath,
		threads: deps.threads,
		parallel,
		contextTokensPerSlot: deps.contextTokens,
		logPath: join(deps.folder, "llama-server.log"),
	});
}

function runRaw(
	deps: CompareDeps,
	programs: LlamaPrograms,
	benchCase: BenchCase,
	ownTokens: number,
	sequences: readonly number[],
): Promise<Result<readonly RawRun[], string>> {
	return runBatchedBench({
		program: programs.batchedBench,
		modelPath: deps.modelPath,
		threads: deps.threads,
		promptTokens: Math.round(ownTokens),
		generatedTokens: benchCase.maxTokens,
		sequences,
	});
}

function best<T>(candidates: readonly T[], score: (candidate: T) => number): T {
	return candidates.reduce((leader, candidate) => (score(candidate) > score(leader) ? candidate : leader));
}
