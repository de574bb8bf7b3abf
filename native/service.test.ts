import { createReadStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import OpenAI, { ConflictError, NotFoundError, toFile } from "openai";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Service, startService } from "./service.ts";

/** The official client, unmodified, against the real server with the real engine and the demo model. */
let folder: string;
let service: Service;
let client: OpenAI;

const ticketLines = readFileSync(new URL("../assets/examples/tickets.jsonl", import.meta.url), "utf8")
	.trimEnd()
	.split("\n");

beforeAll(async () => {
	folder = mkdtempSync(join(tmpdir(), "nightshift-service-"));
	const started = await startService({
		dataDir: join(folder, "data"),
		model: null,
		lanes: 4,
		port: 0,
		startJobs: true,
		conduct: "here-and-now",
		logLevel: "info",
		gpu: false,
		threads: null,
		version: "test",
	});
	if (!started.ok) throw new Error(started.error.message);
	service = started.value;
	client = new OpenAI({ baseURL: `http://127.0.0.1:${service.server?.port}/v1`, apiKey: "none needed" });
});

afterAll(async () => {
	await service.stop();
	rmSync(folder, { recursive: true, force: true });
});

async function upload(lines: readonly string[]) {
	const path = join(folder, `upload-${Math.random()}.jsonl`);
	writeFileSync(path, lines.join("\n"));
	return client.files.create({ file: createReadStream(path), purpose: "batch" });
}

async function createBatch(
	lines: readonly string[],
	endpoint: OpenAI.BatchCreateParams["endpoint"] = "/v1/chat/completions",
) {
	const file = await upload(lines);
	return client.batches.create({
		input_file_id: file.id,
		endpoint,
		completion_window: "24h",
		metadata: { from: "a test" },
	});
}

/** Polls as a client does. */
async function ended(id: string): Promise<OpenAI.Batch> {
	for (;;) {
		const batch = await client.batches.retrieve(id);
		if (["completed", "failed", "cancelled", "expired"].includes(batch.status)) return batch;
		await setTimeout(50);
	}
}

async function resultsOf(fileId: string | null | undefined): Promise<readonly Record<string, unknown>[]> {
	const content = await client.files.content(fileId ?? "");
	return (await content.text())
		.trimEnd()
		.split("\n")
		.map((line) => JSON.parse(line));
}

test("upload, create, poll, download: every line answered, in order, with usage and model", async () => {
	const lines = ticketLines.slice(0, 30);
	const created = await createBatch(lines);
	expect(created).toMatchObject({
		object: "batch",
		status: "validating",
		metadata: { from: "a test" },
		output_file_id: null,
	});
	const batch = await ended(created.id);
	expect(batch).toMatchObject({
		status: "completed",
		model: "demo",
		error_file_id: null,
		request_counts: { total: 30, completed: 30, failed: 0 },
	});
	expect(batch.usage?.output_tokens).toBeGreaterThan(0);
	expect(batch.completed_at).toBeGreaterThanOrEqual(batch.created_at);
	const results = await resultsOf(batch.output_file_id);
	expect(results.map((line) => line.custom_id)).toEqual(lines.map((line) => JSON.parse(line).custom_id));
	expect(results[0]).toMatchObject({
		error: null,
		response: { status_code: 200, body: { object: "chat.completion" } },
	});
	const output = await client.files.retrieve(batch.output_file_id ?? "");
	expect(output).toMatchObject({ purpose: "batch_output", status: "processed" });
});

test("completions and embeddings are line urls too, with errors in a file of their own", async () => {
	const line = (customId: string, url: string, body: object) =>
		JSON.stringify({ custom_id: customId, method: "POST", url, body });
	const completions = await createBatch(
		[
			line("one", "/v1/completions", { model: "demo", prompt: "Hello", max_tokens: 3, temperature: 0 }),
			line("two", "/v1/completions", { model: "demo", prompt: ["Hello", "Bye"], max_tokens: 3, temperature: 0 }),
			line("bad", "/v1/completions", { model: "demo", prompt: "Hello", max_tokens: 3, best_of: 5 }),
		],
		"/v1/completions",
	);
	const done = await ended(completions.id);
	expect(done).toMatchObject({ status: "completed", request_counts: { total: 3, completed: 2, failed: 1 } });
	const [, two] = await resultsOf(done.output_file_id);
	expect(two).toMatchObject({
		response: { body: { object: "text_completion", choices: [{ index: 0 }, { index: 1 }] } },
	});
	expect(await resultsOf(done.error_file_id)).toMatchObject([
		{
			custom_id: "bad",
			error: null,
			response: { status_code: 400, body: { error: { type: "invalid_request_error" } } },
		},
	]);

	const embeddings = await ended(
		(await createBatch([line("e", "/v1/embeddings", { model: "demo", input: ["a", "b"] })], "/v1/embeddings")).id,
	);
	const [embedded] = await resultsOf(embeddings.output_file_id);
	expect(embedded).toMatchObject({ response: { body: { object: "list", data: [{ index: 0 }, { index: 1 }] } } });
});

test("a faulty file fails the batch with every fault, and nothing of it runs", async () => {
	const batch = await ended((await createBatch([ticketLines[0] ?? "", "{ not json", ticketLines[0] ?? ""])).id);
	expect(batch).toMatchObject({ status: "failed", output_file_id: null, error_file_id: null });
	expect(batch.errors?.data?.map((fault) => [fault.line, fault.code])).toEqual([
		[2, "invalid_json_line"],
		[3, "duplicate_custom_id"],
	]);
});

test("a cancelled batch keeps what was done and marks the rest; ended ones can't be cancelled", async () => {
	const created = await createBatch(ticketLines);
	for (let batch = created; (batch.request_counts?.completed ?? 0) === 0; ) {
		batch = await client.batches.retrieve(created.id);
	}
	expect((await client.batches.cancel(created.id)).status).toMatch(/cancelling|cancelled/);
	const batch = await ended(created.id);
	expect(batch.status).toBe("cancelled");
	const done = await resultsOf(batch.output_file_id);
	const skipped = await resultsOf(batch.error_file_id);
	expect(done.length + skipped.length).toBe(ticketLines.length);
	expect(skipped[0]).toMatchObject({ response: null, error: { code: "batch_cancelled" } });
	await expect(client.batches.cancel(created.id)).rejects.toBeInstanceOf(ConflictError);
});

test("lists come in pages, newest first, and a deleted file is gone", async () => {
	for (let count = 0; count < 3; count++) await createBatch([ticketLines[count] ?? ""]);
	const seen: string[] = [];
	for await (const batch of client.batches.list({ limit: 2 })) seen.push(batch.id);
	expect(seen.length).toBeGreaterThanOrEqual(6);
	expect(new Set(seen).size).toBe(seen.length);

	const file = await client.files.create({ file: await toFile(Buffer.from("x\n"), "small.jsonl"), purpose: "batch" });
	expect(await client.files.delete(file.id)).toEqual({ id: file.id, object: "file", deleted: true });
	await expect(client.files.retrieve(file.id)).rejects.toBeInstanceOf(NotFoundError);
	await expect(
		client.batches.create({ input_file_id: file.id, endpoint: "/v1/chat/completions", completion_window: "24h" }),
	).rejects.toThrow(/no file/i);
});

test("the batch of a deleted input goes on", async () => {
	const file = await upload(ticketLines.slice(0, 5));
	const batch = await client.batches.create({
		input_file_id: file.id,
		endpoint: "/v1/chat/completions",
		completion_window: "24h",
	});
	for (let now = batch; now.status === "validating"; ) now = await client.batches.retrieve(batch.id);
	await client.files.delete(file.id);
	expect(await ended(batch.id)).toMatchObject({ status: "completed", request_counts: { completed: 5 } });
});

test("the log tells of an error what it says and where it came from", () => {
	service.log.error({ error: new Error("the disk fell out") }, "something failed");
	const record = readFileSync(service.locations.logPath, "utf8").trimEnd().split("\n").at(-1) ?? "";
	const { message, stack } = JSON.parse(record).error;
	expect(message).toBe("the disk fell out");
	expect(stack).toContain("service.test.ts");
});
