import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
	batchDeletedSchema,
	batchDetailsListSchema,
	batchDetailsSchema,
	batchHistorySchema,
	errorEnvelopeSchema,
	type ForecastObject,
	fileObjectSchema,
} from "../contract/contract.ts";
import { answerTo, makeBatch, makeEndedBatch } from "./batch-testing.ts";
import { exchange, fileForm, startTestApi, type TestApi } from "./testing.ts";

const aLine = `${JSON.stringify({
	custom_id: "a",
	method: "POST",
	url: "/v1/chat/completions",
	body: { model: "demo", messages: [{ role: "user", content: "Hi" }] },
})}\n`;

const range = { low: 1, expected: 2, high: 3 };
const forecast: ForecastObject = {
	lines_left: 1,
	lines_done: 2,
	input_tokens_per_line: range,
	output_tokens_per_line: range,
	input_tokens: range,
	output_tokens: range,
	tokens_per_second: range,
	speed_from: "running",
	seconds: range,
	finish_at: range,
	deadline_at: 5,
	misses_deadline: false,
	energy: null,
	hosted: [],
	prices_as_of: "2026-11-20",
};

let api: TestApi;
let inputFileId: string;
beforeAll(async () => {
	api = await startTestApi({
		reports: { forecast: (id) => (api.ledger.batch(id)?.status === "in_progress" ? forecast : null) },
	});
	inputFileId = await upload(aLine);
});
afterAll(() => api.stop());

async function upload(content: string): Promise<string> {
	const uploaded = await api.app.request("/v1/files", { method: "POST", body: fileForm(content) });
	return fileObjectSchema.parse(await uploaded.json()).id;
}

function ask(method: string, path: string, body?: object, headers: Record<string, string> = {}) {
	return api.app.request(path, {
		method,
		headers: { authorization: `Bearer ${api.token}`, "content-type": "application/json", ...headers },
		...(body === undefined ? {} : { body: JSON.stringify(body) }),
	});
}

async function details(response: Response | Promise<Response>) {
	const answered = await response;
	const body: unknown = await answered.json();
	expect(body).toMatchObject({ object: "batch" });
	return batchDetailsSchema.parse(body);
}

async function refusal(response: Response | Promise<Response>) {
	const answered = await response;
	const { error } = errorEnvelopeSchema.parse(await answered.json());
	return { status: answered.status, retry: answered.headers.get("x-should-retry"), ...error };
}

describe("POST /api/batches", () => {
	it("takes everything that can be chosen, and shows it", async () => {
		const effectiveUntil = Math.floor(Date.now() / 1000) + 3_600;
		const batch = await details(
			ask("POST", "/api/batches", {
				input_file_id: inputFileId,
				completion_window: "90m",
				metadata: { team: "support" },
				priority: "soon",
				not_before: 1_800_000_000,
				effective_until: effectiveUntil,
				policy: { give_up_percent: null, line_tokens: 200 },
			}),
		);
		expect(batch).toMatchObject({
			status: "validating",
			completion_window: "90m",
			endpoint: "/v1/chat/completions",
			format: "openai",
			priority: "soon",
			not_before: 1_800_000_000,
			effective_until: effectiveUntil,
			stale: false,
			policy: { give_up_percent: null, line_tokens: 200, most_crashes: 2 },
			metadata: { team: "support" },
			is_rehearsal: false,
		});
		expect((batch.expires_at ?? 0) - batch.created_at).toBe(5_400);
		expect(api.ledger.batch(batch.id)?.manifest).toMatchObject({ surface: "openai", badLines: "refuse-file" });
	});

	it("says what was chosen, so that the same can be asked for again, as long as the file is there", async () => {
		const file = await upload(aLine);
		const chosen = { priority: "soon", not_before: 1_800_000_000, reuse_answers: false, policy: { line_tokens: 7 } };
		const first = await details(ask("POST", "/api/batches", { input_file_id: file, ...chosen }));
		expect(first).toMatchObject({
			input_filename: "tickets.jsonl",
			options: { ...chosen, model: null, template: null },
		});
		expect(api.ledger.batch(first.id)?.manifest.reuseAnswers).toBe(false);
		const again = await details(ask("POST", "/api/batches", { input_file_id: file, ...first.options }));
		expect(again.options).toEqual(first.options);
		expect(again.id).not.toBe(first.id);
		await api.ledger.deleteFile(file);
		expect(await details(ask("GET", `/api/batches/${first.id}`))).toMatchObject({ input_filename: null });
		const gone = await refusal(ask("POST", "/api/batches", { input_file_id: file, ...first.options }));
		expect(gone).toMatchObject({ status: 400, param: "input_file_id" });
	});

	it("names a model that answers every line as it is chosen, not by its path", async () => {
		const manifest = { modelOverride: "/models/qwen3-8b.gguf" };
		const checked = await makeBatch(api.ledger, { manifest });
		expect(await details(ask("GET", `/api/batches/${checked.id}`))).toMatchObject({ options: { model: "demo" } });
		const { batch } = await api.ledger.createBatch(checked.manifest, null);
		expect(await details(ask("GET", `/api/batches/${batch.id}`))).toMatchObject({ options: { model: "qwen3-8b" } });
	});

	it("answers the batch of then for a key seen before, and refuses the key for another wish", async () => {
		const wish = { input_file_id: inputFileId, priority: "soon" };
		const key = { "idempotency-key": "own-once" };
		const { id } = await details(ask("POST", "/api/batches", wish, key));
		expect((await details(ask("POST", "/api/batches", wish, key))).id).toBe(id);
		const other = await refusal(ask("POST", "/api/batches", { ...wish, priority: "standard" }, key));
		expect(other).toMatchObject({ status: 409, retry: "false", code: "idempotency_key_reused" });
		expect(other.message).toContain(id);
	});

	it("knows a file that was uploaded again by its content", async () => {
		const key = { "idempotency-key": "own-twice" };
		const create = async (content: string) =>
			ask("POST", "/api/batches", { input_file_id: await upload(content) }, key);
		const { id } = await details(create(aLine));
		expect((await details(create(aLine))).id).toBe(id);
		expect(await refusal(create(`${aLine}\n${aLine}`))).toMatchObject({ status: 409 });
	});

	it.each([
		[{ completion_window: "366d" }, "completion_window", "365d"],
		[{ completion_window: "soon" }, "completion_window", "90m, 24h or 3d"],
		[{ completion_window: "0h" }, "completion_window", "whole number"],
		[{ endpoint: "/v1/moderations" }, "endpoint", "/v1/embeddings"],
		[{ input_file_id: "file-none" }, "input_file_id", ""],
		[{ policy: { give_up_percent: 0 } }, "policy.give_up_percent", ""],
		[{ priority: "now" }, "priority", ""],
		[{ prioriti: "soon" }, null, "prioriti"],
		[{ webhook_url: "ftp://example.com" }, "webhook_url", ""],
		[{ webhook_url: "https://example.com/hook" }, "webhook_url", "example.com"],
		[{ model: "nowhere" }, "model", "nowhere"],
	])("refuses %j", async (change, param, message) => {
		const error = await refusal(ask("POST", "/api/batches", { input_file_id: inputFileId, ...change }));
		expect(error).toMatchObject({ status: 400, param, message: expect.stringContaining(message) });
	});

	it("is the owner's alone", async () => {
		for (const [method, path] of [
			["POST", "/api/batches"],
			["GET", "/api/batches"],
			["GET", "/api/batches/b/results"],
			["POST", "/api/batches/b/cancel"],
			["DELETE", "/api/batches/b"],
		] as const) {
			expect((await api.app.request(path, { method })).status).toBe(401);
		}
	});
});

describe("GET /api/batches", () => {
	it("lists what every API made, rehearsals too; OpenAI's list has neither those nor Anthropic's", async () => {
		const plain = await makeBatch(api.ledger);
		const held = await makeBatch(api.ledger, { manifest: { rehearsal: { lines: 1, spread: false } } });
		const anthropic = await makeBatch(api.ledger, { manifest: { surface: "anthropic", badLines: "fail-line" } });
		const own = batchDetailsListSchema.parse(await (await ask("GET", "/api/batches?limit=3")).json());
		expect(own.data.map(({ id }) => id)).toEqual([anthropic.id, held.id, plain.id]);
		expect(own.data.map(({ is_rehearsal }) => is_rehearsal)).toEqual([false, true, false]);
		expect(own).toMatchObject({ has_more: true, last_id: plain.id });
		const first = await api.client.batches.list({ limit: 1 });
		expect(first.data.map(({ id }) => id)).toEqual([plain.id]);
		const next = await ask("GET", `/api/batches?limit=1&after=${anthropic.id}`);
		expect(batchDetailsListSchema.parse(await next.json()).data[0]?.id).toBe(held.id);
		expect(await refusal(ask("GET", "/api/batches?limit=0"))).toMatchObject({ status: 400, param: "limit" });
	});

	it("keeps batches of Anthropic's API out of OpenAI's", async () => {
		const { id } = await makeBatch(api.ledger, { manifest: { surface: "anthropic", badLines: "fail-line" } });
		expect(await refusal(api.app.request(`/v1/batches/${id}`))).toMatchObject({ status: 404 });
		const cancelled = api.app.request(`/v1/batches/${id}/cancel`, { method: "POST" });
		expect(await refusal(cancelled)).toMatchObject({ status: 404, message: `No such Batch object: ${id}` });
		expect(api.ledger.batch(id)?.status).toBe("in_progress");
	});
});

describe("GET /api/batches/{id}", () => {
	it("tells health, statistics and a forecast of a batch at work", async () => {
		const { id } = await makeBatch(api.ledger);
		await api.ledger.commit(id, [answerTo(0), answerTo(1, true)]);
		const batch = await details(ask("GET", `/api/batches/${id}`));
		expect(batch).toMatchObject({
			status: "in_progress",
			model: "demo",
			request_counts: { total: 3, completed: 1, failed: 1 },
			health: { state: "waiting" },
			forecast,
			statistics: { adopted: 0, machines: { desk: 2 }, energy: { watt_hours: 0, is_measured: true } },
			collected_at: null,
			pause: null,
			round: 0,
		});
		expect(batch.statistics.queue_age_seconds).not.toBeNull();
		expect(batch.statistics.line_seconds?.p95).toBeGreaterThan(0);
	});

	it("tells of an ended one that it is stale, and nothing of what is to come", async () => {
		const { id } = await makeEndedBatch(api.ledger, { manifest: { effectiveUntilMs: Date.now() - 1 } });
		const batch = await details(ask("GET", `/api/batches/${id}`));
		expect(batch).toMatchObject({ status: "completed", stale: true, forecast: null });
		expect(batch.statistics.queue_age_seconds).toBeNull();
	});

	it("is 404 where there is none, as is all that can be asked of it", async () => {
		for (const [method, path] of [
			["GET", ""],
			["DELETE", ""],
			["GET", "/history"],
			["POST", "/queue"],
			["POST", "/pause"],
			["POST", "/resume"],
			["POST", "/cancel"],
			["POST", "/retry"],
			["GET", "/results"],
			["GET", "/results/a"],
			["GET", "/rehearsal"],
		] as const) {
			const error = await refusal(ask(method, `/api/batches/batch_none${path}`));
			expect(error).toMatchObject({ status: 404, message: "No such Batch object: batch_none" });
		}
	});
});

describe("what can be done to a batch", () => {
	it("is pausing and going on", async () => {
		const { id } = await makeBatch(api.ledger);
		const paused = await details(ask("POST", `/api/batches/${id}/pause`));
		expect(paused).toMatchObject({ status: "in_progress", pause: { cause: "user" } });
		expect(await details(ask("POST", `/api/batches/${id}/resume`))).toMatchObject({ pause: null });
	});

	it("is queuing a rehearsal, for as long as it was given or as is said now", async () => {
		const manifest = { rehearsal: { lines: 1, spread: false }, windowMs: 3 * 3_600_000, completionWindow: "3h" };
		for (const [body, seconds] of [
			[undefined, 3 * 3_600],
			[{}, 3 * 3_600],
			[{ completion_window: "2d" }, 2 * 86_400],
		] as const) {
			const { id } = await makeBatch(api.ledger, { manifest });
			const before = Math.floor(Date.now() / 1000);
			const queued = await details(ask("POST", `/api/batches/${id}/queue`, body));
			expect(queued.is_rehearsal).toBe(false);
			expect((queued.expires_at ?? 0) - before).toBeGreaterThanOrEqual(seconds);
			expect((queued.expires_at ?? 0) - before).toBeLessThanOrEqual(seconds + 60);
		}
		const { id } = await makeBatch(api.ledger, { manifest });
		const error = await refusal(ask("POST", `/api/batches/${id}/queue`, { completion_window: "1y" }));
		expect(error).toMatchObject({ status: 400, param: "completion_window" });
		expect(api.ledger.batch(id)?.isHeld).toBe(true);
	});

	it("takes a request without any body, as curl -X POST sends it", async () => {
		const { id } = await makeBatch(api.ledger, { manifest: { rehearsal: { lines: 1, spread: false } } });
		const authorization = `Bearer ${api.token}`;
		const answer = await exchange(
			api.port,
			`POST /api/batches/${id}/queue HTTP/1.1\r\nhost: localhost\r\nauthorization: ${authorization}\r\nconnection: close\r\n\r\n`,
		);
		expect(answer).toContain("200 OK");
		expect(api.ledger.batch(id)?.isHeld).toBe(false);
	});

	it("is running the failed lines of an ended one again", async () => {
		const { id } = await makeEndedBatch(api.ledger, { failed: [1] });
		const retried = await details(ask("POST", `/api/batches/${id}/retry`, { completion_window: "1h" }));
		expect(retried).toMatchObject({
			status: "in_progress",
			round: 1,
			request_counts: { total: 3, completed: 2, failed: 0 },
			output_file_id: null,
		});
	});

	it("is refused with the reason where its state forbids it, and the client need not try again", async () => {
		const running = await makeBatch(api.ledger);
		const ended = await makeEndedBatch(api.ledger);
		for (const [id, action] of [
			[running.id, "retry"],
			[ended.id, "pause"],
			[ended.id, "resume"],
			[ended.id, "cancel"],
			[ended.id, "queue"],
		] as const) {
			const error = await refusal(ask("POST", `/api/batches/${id}/${action}`));
			expect(error).toMatchObject({ status: 409, retry: "false", code: "wrong_state" });
			expect(error.message).not.toBe("");
		}
	});

	it("is cancelling it, and deleting it once it has ended", async () => {
		const { id } = await makeBatch(api.ledger);
		const early = await refusal(ask("DELETE", `/api/batches/${id}`));
		expect(early).toMatchObject({ status: 409, retry: "false", message: expect.stringContaining("Cancel it first") });
		expect(await details(ask("POST", `/api/batches/${id}/cancel`))).toMatchObject({ status: "cancelling" });
		const ended = await makeEndedBatch(api.ledger);
		const deleted = await ask("DELETE", `/api/batches/${ended.id}`);
		expect(batchDeletedSchema.parse(await deleted.json())).toEqual({ id: ended.id, object: "batch", deleted: true });
		for (const method of ["GET", "DELETE"]) {
			expect(await refusal(ask(method, `/api/batches/${ended.id}`))).toMatchObject({ status: 404 });
		}
		expect(api.ledger.file(ended.outputFileId ?? "")).toBeNull();
	});
});

describe("GET /api/batches/{id}/history", () => {
	it("tells the work minute by minute", async () => {
		const { id } = await makeBatch(api.ledger);
		await api.ledger.commit(id, [answerTo(0), answerTo(1, true)]);
		const { minutes } = batchHistorySchema.parse(await (await ask("GET", `/api/batches/${id}/history`)).json());
		expect(minutes).toHaveLength(1);
		expect(minutes[0]).toMatchObject({ machine: "desk", lines: 2, failed: 1, input_tokens: 10, output_tokens: 5 });
		expect((minutes[0]?.at ?? 1) % 60).toBe(0);
	});
});
