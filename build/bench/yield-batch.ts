/**
 * The long batch behind the yield bench: made from a seed, sent and fetched with the official client as anybody would. Must
 * never look at how the lines are run.
 */
import { setTimeout as delay } from "node:timers/promises";
import { type OpenAI, toFile } from "openai";
import { err, ok, type Result } from "../../native/base/base.ts";
import { createRandom, ticketText } from "./tickets.ts";

/** A finished batch. */
export interface FinishedBatch {
	/** Bytes of the output file. */
	readonly output: Buffer;
	/** From its first line on, as far as polling sees it, to its end. */
	readonly seconds: number;
}

/** A chat line's body. */
export interface BatchBody {
	readonly model: string;
	readonly messages: readonly { readonly role: "user"; readonly content: string }[];
	readonly max_tokens: number;
	readonly temperature: 0;
}

/** Lengths of answers are spread, so that lines end one by one and lanes are refilled one by one. */
const leastTokens = 40;
const mostTokens = 88;
/** Mean length of an answer. */
export const meanTokens = (leastTokens + mostTokens) / 2;
const seed = 64;
const firstBatchTicket = 7_000_000;
const pollMs = 200;
/** Longer than any batch of this bench takes anywhere; a batch that hangs must not hang the bench. */
const endLimitMs = 30 * 60_000;

/** Bodies of the lines. The first is short: its end tells that the batch is under way. */
export function batchBodies(model: string, count: number): readonly BatchBody[] {
	const random = createRandom(seed);
	return Array.from({ length: count }, (_, index) => ({
		model,
		messages: [{ role: "user", content: ticketText(firstBatchTicket + index) }],
		max_tokens: index === 0 ? 1 : leastTokens + Math.floor(random() * (mostTokens - leastTokens + 1)),
		temperature: 0,
	}));
}

/** Uploads the lines as a file and makes a batch of it; answers the batch's id. */
export async function submitBatch(client: OpenAI, bodies: readonly BatchBody[]): Promise<string> {
	const url = "/v1/chat/completions";
	const lines = bodies.map((body, index) => JSON.stringify({ custom_id: `line-${index}`, method: "POST", url, body }));
	const file = await client.files.create({
		file: await toFile(Buffer.from(`${lines.join("\n")}\n`), "yield.jsonl"),
		purpose: "batch",
	});
	const batch = await client.batches.create({ input_file_id: file.id, endpoint: url, completion_window: "24h" });
	return batch.id;
}

/** Waits until lines are being answered. */
export async function waitUntilUnderWay(client: OpenAI, id: string): Promise<Result<null, string>> {
	for (let waitedMs = 0; waitedMs < endLimitMs; waitedMs += pollMs) {
		const batch = await client.batches.retrieve(id);
		if ((batch.request_counts?.completed ?? 0) > 0) return ok(null);
		if (batch.status !== "validating" && batch.status !== "in_progress") return err(describe(batch));
		await delay(pollMs);
	}
	return err(`the batch ${id} did not begin`);
}

/** Whether lines are left to do. */
export async function isRunning(client: OpenAI, id: string): Promise<boolean> {
	return (await client.batches.retrieve(id)).status === "in_progress";
}

/** Lines done so far. */
export async function completedLines(client: OpenAI, id: string): Promise<number> {
	return (await client.batches.retrieve(id)).request_counts?.completed ?? 0;
}

/** Waits for the end and fetches the output; a line that failed is an error, for then there is nothing to compare. */
export async function finishBatch(client: OpenAI, id: string): Promise<Result<FinishedBatch, string>> {
	const startMs = performance.now();
	for (let waitedMs = 0; waitedMs < endLimitMs; waitedMs += pollMs) {
		const batch = await client.batches.retrieve(id);
		if (batch.status === "completed") {
			const seconds = (performance.now() - startMs) / 1000;
			if (batch.output_file_id === undefined || batch.request_counts?.failed !== 0) return err(describe(batch));
			const content = await client.files.content(batch.output_file_id);
			return ok({ output: Buffer.from(await content.arrayBuffer()), seconds });
		}
		if (!["validating", "in_progress", "finalizing"].includes(batch.status)) return err(describe(batch));
		await delay(pollMs);
	}
	return err(`the batch ${id} did not end`);
}

function describe(batch: OpenAI.Batch): string {
	return `the batch is ${batch.status}: ${JSON.stringify(batch.request_counts)} ${JSON.stringify(batch.errors ?? null)}`;
}
