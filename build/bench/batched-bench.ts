/**
 * The raw ceiling: what llama.cpp's forward passes alone allow, by its own llama-batched-bench. No sampling, no text, no
 * admission of new lines into old batches: no server reaches it. Must never be mistaken for a side.
 */
import { z } from "zod";
import { ok, type Result } from "../../native/base/base.ts";
import type { RawRun } from "./engine-rates.ts";
import { runToEnd } from "./server-process.ts";

/** What to measure. */
export interface BatchedBenchOptions {
	readonly program: string;
	readonly modelPath: string;
	readonly threads: number;
	/** Prompt tokens computed a line. */
	readonly promptTokens: number;
	readonly generatedTokens: number;
	/** Numbers of lines at once, one run each; a number may come more than once. */
	readonly sequences: readonly number[];
}

const row = z.object({ pp: z.number(), tg: z.number(), pl: z.number(), t_pp: z.number(), t_tg: z.number() });
/** Context is cut in steps of this many tokens a sequence (llama-context.cpp pads n_ctx_seq to 256). */
const contextStepTokens = 256;

/** Runs llama-batched-bench; one result for each number of sequences, in order. */
export async function runBatchedBench(options: BatchedBenchOptions): Promise<Result<readonly RawRun[], string>> {
	const perLine = options.promptTokens + options.generatedTokens;
	const contextTokens = Math.max(...options.sequences) * Math.ceil(perLine / contextStepTokens) * contextStepTokens;
	const output = await runToEnd(options.program, [
		...["--model", options.modelPath, "--ctx-size", String(contextTokens)],
		...["--threads", String(options.threads), "--threads-batch", String(options.threads)],
		...["-npp", String(options.promptTokens), "-ntg", String(options.generatedTokens)],
		...["-npl", options.sequences.join(","), "--output-format", "jsonl"],
	]);
	if (!output.ok) return output;
	const rows = output.value.split("\n").filter((line) => line.startsWith('{"n_kv_max"'));
	return ok(
		rows.map((line) => {
			const { pp, tg, pl, t_pp, t_tg } = row.parse(JSON.parse(line));
			return { sequences: pl, promptTokens: pp, generatedTokens: tg, promptSeconds: t_pp, generateSeconds: t_tg };
		}),
	);
}
