/** The official client, unmodified, against the real server over a real socket. */
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import OpenAI, { BadRequestError, ConflictError, NotFoundError, PermissionDeniedError, toFile } from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { answerTo, makeBatch, sealBatch } from "./batch-testing.ts";
import { startTestApi, type TestApi } from "./testing.ts";

let api: TestApi;
let folder: string;
beforeAll(async () => {
	api = await startTestApi({ models: { list: () => [{ name: "org/demo", createdAtMs: 5_000 }] } });
	folder = mkdtempSync(join(tmpdir(), "nightshift-openai-"));
});
afterAll(async () => {
	await api.stop();
	rmSync(folder, { recursive: true });
});

async function batchFile(): Promise<string> {
	return (await api.client.files.create({ file: await toFile(Buffer.from("{}\n"), "a.jsonl"), purpose: "batch" })).id;
}

async function batch() {
	const endpoint = "/v1/chat/completions";
	return api.client.batches.create({ input_file_id: await batchFile(), endpoint, completion_window: "24h" });
}

/** A client that counts what it really sends. */
function countingClient() {
	const sent: string[] = [];
	const client = new OpenAI({
		baseURL: `${api.url}/v1`,
		apiKey: "none",
		fetch: (url, init) => {
			// The client first tries on a data: URL what its fetch can do.
			if (String(url).startsWith("http")) sent.push(String(url));
			return fetch(url, init);
		},
	});
	return { client, sent };
}

describe("the openai package", () => {
	it("uploads a stream of unknown length, finds, downloads and deletes it", async () => {
		const { client } = api;
		const content = Array.from({ length: 5_000 }, (_, index) => `{"custom_id":"${index}"}\n`).join("");
		const path = join(folder, "tickets.jsonl");
		writeFileSync(path, content);
		const file = await client.files.create({ file: createReadStream(path), purpose: "batch" });
		expect(file).toMatchObject({ filename: "tickets.jsonl", bytes: content.length, status: "processed" });
		expect(await client.files.retrieve(file.id)).toEqual(file);
		expect((await client.files.waitForProcessing(file.id)).id).toBe(file.id);
		expect(await (await client.files.content(file.id)).text()).toBe(content);
		expect(await client.files.delete(file.id)).toEqual({ id: file.id, object: "file", deleted: true });
		await expect(client.files.retrieve(file.id)).rejects.toThrow(NotFoundError);
	});

	it("uploads a buffer with an expiry", async () => {
		const file = await api.client.files.create({
			file: await toFile(Buffer.from("{}\n"), 'naïve "quoted" 😀.jsonl'),
			purpose: "user_data",
			expires_after: { anchor: "created_at", seconds: 3600 },
		});
		expect(file.filename).toContain("😀.jsonl");
		expect((file.expires_at ?? 0) - file.created_at).toBeLessThanOrEqual(3600);
		expect((file.expires_at ?? 0) - file.created_at).toBeGreaterThanOrEqual(3599);
	});

	it("walks the pages of a list of files to the end", async () => {
		const { client } = api;
		const ids: string[] = [];
		for (let index = 0; index < 7; index++) {
			ids.unshift((await client.files.create({ file: await toFile(Buffer.from("x"), "a"), purpose: "evals" })).id);
		}
		const seen: string[] = [];
		for await (const file of client.files.list({ purpose: "evals", limit: 3 })) seen.push(file.id);
		expect(seen).toEqual(ids);
	});

	it("deletes all files while it walks their list", async () => {
		const { client } = api;
		for await (const file of client.files.list({ purpose: "evals", limit: 2 })) await client.files.delete(file.id);
		expect((await client.files.list({ purpose: "evals" })).data).toEqual([]);
	});

	it("sends a file in parts, several at once", async () => {
		const { uploads, files } = api.client;
		const parts = ["first ", "second ", "third"];
		const bytes = parts.join("").length;
		const upload = await uploads.create({ bytes, filename: "a.txt", mime_type: "text/plain", purpose: "user_data" });
		const made = await Promise.all(
			parts.map(async (part) => uploads.parts.create(upload.id, { data: await toFile(Buffer.from(part), "part") })),
		);
		const done = await uploads.complete(upload.id, { part_ids: made.map((part) => part.id) });
		expect(done).toMatchObject({ status: "completed", file: { bytes, filename: "a.txt" } });
		expect(await (await files.content(done.file?.id ?? "")).text()).toBe("first second third");
		const other = await uploads.create({ bytes, filename: "a.txt", mime_type: "text/plain", purpose: "user_data" });
		expect((await uploads.cancel(other.id)).status).toBe("cancelled");
	});

	it("creates, retrieves and lists batches", async () => {
		const { client } = api;
		const made = [await batch(), await batch(), await batch()];
		const first = made[0];
		if (first === undefined) throw new Error("No batch");
		expect(first).toMatchObject({
			object: "batch",
			status: "validating",
			request_counts: { total: 0, completed: 0, failed: 0 },
		});
		expect(await client.batches.retrieve(first.id)).toEqual(first);
		const seen: string[] = [];
		for await (const each of client.batches.list({ limit: 2 })) seen.push(each.id);
		expect(seen).toEqual(made.map((each) => each.id).reverse());
	});

	it("creates a batch once for one idempotency key", async () => {
		const wish = { input_file_id: await batchFile(), endpoint: "/v1/embeddings", completion_window: "24h" } as const;
		const options = { headers: { "Idempotency-Key": "once" } };
		const first = await api.client.batches.create(wish, options);
		expect((await api.client.batches.create(wish, options)).id).toBe(first.id);
	});

	it("is told once that an idempotency key was used for another batch", async () => {
		const { client, sent } = countingClient();
		const wish = { input_file_id: await batchFile(), endpoint: "/v1/embeddings", completion_window: "24h" } as const;
		const options = { headers: { "Idempotency-Key": "twice" } };
		await client.batches.create(wish, options);
		const other = client.batches.create({ ...wish, metadata: { run: "2" } }, options);
		await expect(other).rejects.toThrow(ConflictError);
		expect(sent).toHaveLength(2);
	});

	it("chooses what OpenAI has no field for by an extra field, and hears what is wrong with it", async () => {
		const plain = {
			input_file_id: await batchFile(),
			endpoint: "/v1/chat/completions",
			completion_window: "24h",
		} as const;
		const wish = { ...plain, nightshift: { priority: "soon", policy: { line_tokens: 100 } }, unknown_to_all: 1 };
		const { id } = await api.client.batches.create(wish);
		expect(api.ledger.batch(id)?.manifest).toMatchObject({
			priority: "soon",
			policy: { line_tokens: 100, most_crashes: 2 },
		});
		const wrong = { ...plain, nightshift: { priority: "now" } };
		await expect(api.client.batches.create(wrong)).rejects.toMatchObject({
			status: 400,
			param: "nightshift.priority",
		});
		const misspelt = { ...plain, nightshift: { prioriti: "soon" } };
		await expect(api.client.batches.create(misspelt)).rejects.toMatchObject({
			status: 400,
			message: expect.stringContaining("prioriti"),
		});
	});

	it("sees a batch that was given up with its reason and its files", async () => {
		const { id } = await makeBatch(api.ledger);
		await api.ledger.commit(id, [answerTo(0), answerTo(1, true)]);
		await api.ledger.giveUp(id, { code: "too_many_failures", message: "1 of 2 failed.", param: null, line: null });
		await sealBatch(api.ledger, id, { status: "failed", output: "output\n", errors: "errors\n" });
		const seen = await api.client.batches.retrieve(id);
		expect(seen).toMatchObject({
			status: "failed",
			errors: { data: [{ code: "too_many_failures", message: "1 of 2 failed." }] },
		});
		expect(await (await api.client.files.content(seen.output_file_id ?? "")).text()).toBe("output\n");
		expect(await (await api.client.files.content(seen.error_file_id ?? "")).text()).toBe("errors\n");
	});

	it("cancels a batch, and is told once that a finished one can't be", async () => {
		const { client, sent } = countingClient();
		const { id } = await batch();
		expect((await client.batches.cancel(id)).status).toBe("cancelling");
		await api.ledger.seal(id, { status: "cancelled", output: null, errors: null, extension: "jsonl" });
		const error = await client.batches.cancel(id).catch((reason: unknown) => reason);
		expect(error).toBeInstanceOf(ConflictError);
		expect(error).toMatchObject({
			status: 409,
			type: "invalid_request_error",
			requestID: expect.stringMatching(/^req_/),
		});
		expect(sent).toHaveLength(2);
	});

	it("gets its own kinds of errors, with message, field and code", async () => {
		const { client } = api;
		const wish = { input_file_id: "file-none", endpoint: "/v1/moderations", completion_window: "24h" } as const;
		const bad = await client.batches.create(wish).catch((reason: unknown) => reason);
		expect(bad).toBeInstanceOf(BadRequestError);
		expect(bad).toMatchObject({
			param: "endpoint",
			code: "invalid_value",
			message: expect.stringContaining("/v1/embeddings"),
		});
		await expect(client.batches.retrieve("none")).rejects.toThrow(NotFoundError);
		await expect(client.responses.create({ model: "m", input: "hi" })).rejects.toThrow(NotFoundError);
		const page = new OpenAI({
			baseURL: `${api.url}/v1`,
			apiKey: "none",
			defaultHeaders: { origin: "https://evil.example" },
		});
		await expect(page.batches.cancel("none")).rejects.toThrow(PermissionDeniedError);
	});

	it("hears a refusal that comes while it is still uploading", async () => {
		const { client, sent } = countingClient();
		const large = await toFile(Buffer.alloc(20_000_000, "x"), "a");
		const upload = await client.uploads.create({ bytes: 1, filename: "a", mime_type: "a/b", purpose: "batch" });
		await client.uploads.cancel(upload.id);
		await expect(client.uploads.parts.create(upload.id, { data: large })).rejects.toThrow(BadRequestError);
		expect(sent).toHaveLength(3);
	});

	it("lists models, and finds one with a slash in its name", async () => {
		const { client } = api;
		expect((await client.models.list()).data.map((model) => model.id)).toEqual(["org/demo"]);
		expect(await client.models.retrieve("org/demo")).toEqual({
			id: "org/demo",
			object: "model",
			created: 5,
			owned_by: "nightshift",
		});
	});
});
