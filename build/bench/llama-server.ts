/**
 * llama.cpp's own server as one side of the bench: started on a free loopback port, fed through its chat endpoint by as many
 * clients as it has slots. All its settings but threads, slots and context are its defaults. Must never outlive the bench.
 */
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { err, ok, type Result } from "../../native/base/base.ts";
import type { SideRun } from "./engine-rates.ts";
import { freePort, startLogged } from "./server-process.ts";
import { type LineUsage, type Side, timeLines } from "./side.ts";
import type { BenchLine } from "./tickets.ts";

/** How the server is started. */
export interface LlamaServerOptions {
	readonly program: string;
	readonly modelPath: string;
	readonly threads: number;
	readonly parallel: number;
	readonly contextTokensPerSlot: number;
	/** Left out: the server's own choice. */
	readonly flashAttention?: "on" | "off";
	readonly logPath: string;
}

/** A server that answers. */
export interface LlamaServer {
	/** e.g. `http://127.0.0.1:40001`. */
	readonly url: string;
	/** Runs lines with `parallel` clients. */
	run(lines: readonly BenchLine[]): Promise<SideRun>;
	stop(): Promise<void>;
}

const completion = z.object({
	usage: z.object({
		prompt_tokens: z.number(),
		completion_tokens: z.number(),
		prompt_tokens_details: z.object({ cached_tokens: z.number() }).optional(),
	}),
});

/** Loading half a gigabyte takes seconds; a minute says that something is wrong. */
const startLimitMs = 60_000;
const healthPollMs = 100;

/** Starts the server and waits until it is ready; the error says where its own words are. */
export async function startLlamaServer(options: LlamaServerOptions): Promise<Result<LlamaServer, string>> {
	const port = await freePort();
	const threads = String(options.threads);
	const child = startLogged(
		options.program,
		[
			...["--model", options.modelPath, "--host", "127.0.0.1", "--port", String(port)],
			...["--threads", threads, "--threads-batch", threads, "--parallel", String(options.parallel)],
			...["--ctx-size", String(options.parallel * options.contextTokensPerSlot)],
			...(options.flashAttention === undefined ? [] : ["--flash-attn", options.flashAttention]),
		],
		options.logPath,
	);
	let hasEnded = false;
	void child.ended.then(() => {
		hasEnded = true;
	});
	const url = `http://127.0.0.1:${port}`;
	for (let waitedMs = 0; waitedMs < startLimitMs && !hasEnded; waitedMs += healthPollMs) {
		if (await isHealthy(url)) {
			const answer = (line: BenchLine): Promise<Result<LineUsage, string>> => complete(url, line);
			const side: Side = { processId: child.processId, clients: options.parallel, answer };
			return ok({ url, run: (lines) => timeLines(side, lines), stop: child.kill });
		}
		await delay(healthPollMs);
	}
	await child.kill();
	return err(`llama-server did not become ready; ${options.logPath} says why.`);
}

async function isHealthy(url: string): Promise<boolean> {
	return fetch(`${url}/health`).then(
		(response) => response.ok,
		() => false,
	);
}

async function complete(url: string, line: BenchLine): Promise<Result<LineUsage, string>> {
	const system = line.system === null ? [] : [{ role: "system", content: line.system }];
	const response = await fetch(`${url}/v1/chat/completions`, {
		method: "POST",
		headers: { "content-type": "application/json" },
		body: JSON.stringify({
			messages: [...system, { role: "user", content: line.user }],
			max_tokens: line.maxTokens,
			temperature: 0,
		}),
	});
	const text = await response.text();
	if (!response.ok) return err(`llama-server answered ${response.status}: ${text}`);
	const answer = completion.safeParse(JSON.parse(text));
	if (!answer.success) return err(`llama-server's answer was not understood: ${text}`);
	const usage = answer.data.usage;
	return ok({
		promptTokens: usage.prompt_tokens,
		cachedTokens: usage.prompt_tokens_details?.cached_tokens ?? 0,
		completionTokens: usage.completion_tokens,
	});
}
