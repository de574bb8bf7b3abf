import Anthropic, { AnthropicError, BadRequestError, NotFoundError } from "@anthropic-ai/sdk";
import { afterAll, beforeAll, expect, test } from "vitest";
import { BILLING_TICKET, type ClientTestService, LABEL_TASK, startClientTestService } from "./testing.ts";

let running: ClientTestService;
let client: Anthropic;

beforeAll(async () => {
	running = await startClientTestService();
	client = new Anthropic({ baseURL: running.url, apiKey: "none needed", maxRetries: 0 });
});
afterAll(() => running.stop());

type Request = Anthropic.Messages.BatchCreateParams.Request;

// The newer package has no word for temperature; the default of 1 would make the demo model wander.
const ask = {
	model: "demo",
	max_tokens: 8,
	system: LABEL_TASK,
	messages: [{ role: "user" as const, content: BILLING_TICKET }],
	top_k: 1,
};

function request(custom_id: string, change: Partial<typeof ask> = {}): Request {
	const params = { ...ask, ...change };
	return { custom_id, params };
}

/** Asks until the batch has ended, as people's programs do. */
async function untilEnded(id: string): Promise<Anthropic.Messages.MessageBatch> {
	const status = async () => (await client.messages.batches.retrieve(id)).processing_status;
	await expect.poll(status, { timeout: 50_000, interval: 100 }).toBe("ended");
	return client.messages.batches.retrieve(id);
}

async function resultsOf(id: string): Promise<Map<string, Anthropic.Messages.MessageBatchResult>> {
	const results = new Map<string, Anthropic.Messages.MessageBatchResult>();
	for await (const { custom_id, result } of await client.messages.batches.results(id)) results.set(custom_id, result);
	return results;
}

async function listed(limit: number): Promise<string[]> {
	const ids: string[] = [];
	for await (const batch of client.messages.batches.list({ limit })) ids.push(batch.id);
	return ids;
}

test("runs a batch of good and bad requests to its results", async () => {
	const created = await client.messages.batches.create({
		requests: [request("good-1"), request("bad", { max_tokens: 0 }), request("good-2", { max_tokens: 9 })],
	});
	expect(created).toMatchObject({ type: "message_batch", processing_status: "in_progress", results_url: null });
	expect(created.request_counts.processing).toBe(3);
	const ended = await untilEnded(created.id);
	expect(ended.request_counts).toEqual({ processing: 0, succeeded: 2, errored: 1, canceled: 0, expired: 0 });
	expect(ended.results_url).toBe(`${running.url}/v1/messages/batches/${created.id}/results`);
	const results = await resultsOf(created.id);
	expect([...results.keys()].toSorted()).toEqual(["bad", "good-1", "good-2"]);
	expect(results.get("good-1")).toMatchObject({
		type: "succeeded",
		message: { type: "message", model: "demo", stop_reason: "end_turn", content: [{ type: "text", text: "billing" }] },
	});
	expect(results.get("bad")).toMatchObject({
		type: "errored",
		error: {
			type: "error",
			error: { type: "invalid_request_error", message: expect.stringContaining("max_tokens") },
		},
	});
});

test("ends a batch whose model is not there, with that error for each request", async () => {
	const { id } = await client.messages.batches.create({ requests: [request("a", { model: "claude-none" })] });
	expect((await untilEnded(id)).request_counts.errored).toBe(1);
	expect((await resultsOf(id)).get("a")).toMatchObject({
		type: "errored",
		error: { error: { type: "not_found_error", message: expect.stringContaining("claude-none") } },
	});
});

test("fails a request for another model alone, and answers the others", async () => {
	const requests = [request("other", { model: "claude-none" }), request("mine")];
	const { id } = await client.messages.batches.create({ requests });
	expect((await untilEnded(id)).request_counts).toMatchObject({ succeeded: 1, errored: 1 });
	const results = await resultsOf(id);
	expect(results.get("mine")).toMatchObject({ type: "succeeded" });
	expect(results.get("other")).toMatchObject({
		type: "errored",
		error: { error: { type: "not_found_error", message: expect.stringContaining("'claude-none' does not answer") } },
	});
});

test("cancels a batch, whose requests have then been answered or canceled", async () => {
	const requests = Array.from({ length: 60 }, (_, index) =>
		request(`r${index}`, { max_tokens: 200 + index, top_k: 40 }),
	);
	const { id } = await client.messages.batches.create({ requests });
	expect(await client.messages.batches.cancel(id)).toMatchObject({ id, processing_status: expect.any(String) });
	const ended = await untilEnded(id);
	const { succeeded, canceled } = ended.request_counts;
	expect(succeeded + canceled).toBe(requests.length);
	expect(ended.cancel_initiated_at).not.toBeNull();
	const types = [...(await resultsOf(id)).values()].map((result) => result.type);
	expect(types.filter((type) => type === "canceled")).toHaveLength(canceled);
});

test("lists batches page by page, and deletes those that have ended", async () => {
	const made: string[] = [];
	for (const name of ["x", "y", "z"]) {
		made.unshift((await client.messages.batches.create({ requests: [request(name)] })).id);
	}
	const before = await listed(2);
	expect(before.slice(0, 3)).toEqual(made);
	const page = await client.messages.batches.list({ before_id: made[2] ?? "", limit: 1 });
	expect(page.data.map((batch) => batch.id)).toEqual([made[1]]);
	const [newest = ""] = made;
	await untilEnded(newest);
	expect(await client.messages.batches.delete(newest)).toEqual({ id: newest, type: "message_batch_deleted" });
	expect(await listed(1000)).toEqual(before.slice(1));
	await expect(client.messages.batches.retrieve(newest)).rejects.toBeInstanceOf(NotFoundError);
});

test("is refused what can't be, with the package's own errors", async () => {
	const twice = client.messages.batches.create({ requests: [request("a"), request("a")] });
	await expect(twice).rejects.toBeInstanceOf(BadRequestError);
	await expect(twice).rejects.toMatchObject({
		status: 400,
		error: {
			type: "error",
			error: { type: "invalid_request_error", message: expect.stringMatching(/^requests\.1\.custom_id: /) },
		},
	});
	await expect(client.messages.batches.retrieve("msgbatch_none")).rejects.toBeInstanceOf(NotFoundError);
	const requests = Array.from({ length: 40 }, (_, index) =>
		request(`r${index}`, { max_tokens: 300 + index, top_k: 40 }),
	);
	const { id } = await client.messages.batches.create({ requests });
	await expect(client.messages.batches.results(id)).rejects.toBeInstanceOf(AnthropicError);
	await expect(client.messages.batches.delete(id)).rejects.toBeInstanceOf(BadRequestError);
	await client.messages.batches.cancel(id);
	await untilEnded(id);
	await client.messages.batches.delete(id);
});
