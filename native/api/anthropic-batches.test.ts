import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from "vitest";
import { messageBatchListSchema, messagesErrorSchema } from "../contract/contract.ts";
import { MAX_LINE_BYTES } from "../jobs/validate/validate.ts";
import type { Fault, Ledger, Seal } from "../ledger/ledger.ts";
import { bytesOf } from "../ledger/testing/fixtures.ts";
import { messageBatchLimits } from "./anthropic-batch-body.ts";
import {
	createMessages,
	messageTo,
	post,
	readBatch,
	readResults,
	request,
	settle,
	show,
} from "./anthropic-batch-testing.ts";
import { makeBatch } from "./batch-testing.ts";
import { startTestApi, type TestApi } from "./testing.ts";

let api: TestApi;
let ledger: Ledger;
beforeAll(async () => {
	api = await startTestApi();
	ledger = api.ledger;
});
afterAll(() => api.stop());

const ask = async (path: string, method = "GET") => api.app.request(`/v1/messages/batches${path}`, { method });

async function refusal(response: Response) {
	const { type, error, request_id } = messagesErrorSchema.parse(await response.json());
	expect(type).toBe("error");
	expect(response.headers.get("request-id")).toBe(request_id);
	return { status: response.status, ...error };
}

const none = { processing: 0, succeeded: 0, errored: 0, canceled: 0, expired: 0 };
const seal = (id: string, status: Seal["status"]) =>
	ledger.seal(id, { status, output: null, errors: null, extension: "jsonl" });

describe("POST /v1/messages/batches", () => {
	it("records a batch that counts its requests from the first answer on", async () => {
		const batch = await createMessages(api, ["a", "b"]);
		expect(batch).toEqual({
			id: expect.stringMatching(/^msgbatch_/),
			type: "message_batch",
			processing_status: "in_progress",
			request_counts: { ...none, processing: 2 },
			created_at: expect.any(String),
			expires_at: new Date(Date.parse(batch.created_at) + 86_400_000).toISOString(),
			ended_at: null,
			cancel_initiated_at: null,
			archived_at: null,
			results_url: null,
		});
		expect(ledger.batch(batch.id)?.manifest).toMatchObject({
			surface: "anthropic",
			format: "anthropic",
			badLines: "fail-line",
			endpoint: "/v1/messages",
		});
		await settle(ledger, batch.id);
		await ledger.commit(batch.id, [messageTo(0)]);
		expect((await show(api, batch.id)).request_counts).toEqual({ ...none, processing: 2 });
	});

	it("keeps each request as a line of its input", async () => {
		const { id } = await createMessages(api, ["a", "b"]);
		const file = ledger.file(ledger.batch(id)?.manifest.inputFileId ?? "");
		if (file === null) throw new Error("There is no input");
		const bytes = await bytesOf(ledger.readFile(file));
		expect(bytes.toString()).toBe(`${JSON.stringify(request("a"))}\n${JSON.stringify(request("b"))}\n`);
	});

	it("refuses a bad body in Anthropic's words, and keeps nothing of it", async () => {
		const before = ledger.files({ after: null, limit: 1_000, order: "desc", purpose: null }).rows.length;
		const long = await refusal(await post(api, { requests: [request("a"), request("x".repeat(65))] }));
		expect(long).toEqual({
			status: 400,
			type: "invalid_request_error",
			message: "requests.1.custom_id: String should have at most 64 characters.",
		});
		expect(await refusal(await post(api, '{"requests":[}'))).toMatchObject({ status: 400 });
		expect(ledger.files({ after: null, limit: 1_000, order: "desc", purpose: null }).rows).toHaveLength(before);
	});

	it("answers the batch of then for a key seen before, and refuses the key for other requests", async () => {
		const key = { "idempotency-key": "6a1d" };
		const batch = await createMessages(api, ["a"], key);
		const files = () => ledger.files({ after: null, limit: 1_000, order: "desc", purpose: null }).rows.length;
		const before = files();
		expect((await createMessages(api, ["a"], key)).id).toBe(batch.id);
		const reused = await post(api, { requests: [request("b")] }, key);
		expect(reused.headers.get("x-should-retry")).toBe("false");
		expect(await refusal(reused)).toMatchObject({ status: 409, message: expect.stringContaining(batch.id) });
		expect(files()).toBe(before);
		const tooLong = await post(api, { requests: [request("b")] }, { "idempotency-key": "k".repeat(256) });
		expect(await refusal(tooLong)).toMatchObject({ status: 400 });
	});

	it("tells a client that is still sending what is wrong", async () => {
		const requests = Array.from({ length: 4_000 }, (_, index) => request(`r${index}`));
		const padded = requests.map((made) => ({ ...made, params: { ...made.params, system: "x".repeat(5_000) } }));
		const body = JSON.stringify({ requests: [{ custom_id: 1 }, ...padded] });
		const response = await fetch(`${api.url}/v1/messages/batches`, {
			method: "POST",
			body,
			headers: { "content-type": "application/json" },
		});
		expect(await refusal(response)).toMatchObject({ status: 400, message: expect.stringMatching(/^requests\.0\./) });
	});

	it("reads only so many bodies at once", async () => {
		const stop = new AbortController();
		const held = Array.from({ length: messageBatchLimits.bodies }, () => {
			const body = new ReadableStream<Uint8Array>({
				start: (controller) => stop.signal.addEventListener("abort", () => controller.close()),
			});
			return api.app.request("/v1/messages/batches", { method: "POST", body, duplex: "half" });
		});
		const refused = await post(api, { requests: [request("a")] });
		expect(refused.headers.get("retry-after")).toBe("2");
		expect(await refusal(refused)).toMatchObject({ status: 429, type: "rate_limit_error" });
		stop.abort();
		for (const response of held) expect((await response).status).toBe(400);
		await createMessages(api);
	});

	it("takes requests as long as the lines they become", () => {
		expect(messageBatchLimits.requestBytes).toBe(MAX_LINE_BYTES);
	});
});

describe("GET /v1/messages/batches", () => {
	it("lists newest first and pages both ways", async () => {
		await using other = await startTestApi();
		const ids: string[] = [];
		for (const name of ["a", "b", "c", "d", "e"]) ids.unshift((await createMessages(other, [name])).id);
		await makeBatch(other.ledger);
		const list = async (query: string) => {
			const response = await other.app.request(`/v1/messages/batches${query}`);
			const { data, ...page } = messageBatchListSchema.parse(await response.json());
			return { ids: data.map((batch) => batch.id), ...page };
		};
		expect(await list("")).toEqual({ ids, has_more: false, first_id: ids[0], last_id: ids[4] });
		const first = await list("?limit=2");
		expect(first).toMatchObject({ ids: ids.slice(0, 2), has_more: true });
		expect(await list(`?limit=3&after_id=${first.last_id}`)).toMatchObject({ ids: ids.slice(2), has_more: false });
		expect(await list(`?limit=2&before_id=${ids[4]}`)).toMatchObject({ ids: ids.slice(2, 4), has_more: true });
		expect(await list(`?limit=2&before_id=${ids[2]}`)).toMatchObject({ ids: ids.slice(0, 2), has_more: false });
		const nothing = { ids: [], has_more: false, first_id: null, last_id: null };
		expect(await list(`?before_id=${ids[0]}`)).toEqual(nothing);
		expect(await list("?after_id=msgbatch_none")).toEqual(nothing);
	});

	it.each([
		["limit=0", "limit: Invalid value"],
		["limit=1001", "limit: Invalid value"],
		["after_id=a&before_id=b", "before_id: Invalid value: Give either after_id or before_id, not both."],
	])("refuses %s", async (query, message) => {
		const refused = await refusal(await ask(`?${query}`));
		expect(refused).toMatchObject({ status: 400, type: "invalid_request_error" });
		expect(refused.message).toContain(message);
	});
});

describe("a message batch that has ended", () => {
	it("says so, counts, and gives results where the client finds the server", async () => {
		const { id } = await createMessages(api);
		await settle(ledger, id);
		await ledger.commit(id, [messageTo(0), messageTo(1, true), messageTo(2)]);
		await seal(id, "completed");
		const path = `/v1/messages/batches/${id}`;
		const batch = await readBatch(await api.app.request(`http://localhost:4711${path}`));
		expect(batch).toMatchObject({
			processing_status: "ended",
			request_counts: { ...none, succeeded: 2, errored: 1 },
			ended_at: expect.any(String),
			results_url: `http://localhost:4711${path}/results`,
		});
		const response = await api.app.request(batch.results_url ?? "", { headers: { accept: "application/binary" } });
		expect(Object.fromEntries(response.headers)).toMatchObject({
			"content-type": "application/x-jsonl",
			"x-nightshift-batch": id,
			"x-nightshift-produced-at": batch.ended_at,
			"x-nightshift-stale": "false",
		});
		const results = await readResults(response);
		expect(results.map(({ custom_id, result }) => [custom_id, result.type])).toEqual([
			["a", "succeeded"],
			["b", "errored"],
			["c", "succeeded"],
		]);
		expect(results[0]?.result).toMatchObject({ message: { content: [{ type: "text", text: "Answer 0" }] } });
		expect(results[1]?.result).toEqual({
			type: "errored",
			error: {
				type: "error",
				error: { type: "invalid_request_error", message: "Too long" },
				request_id: "req_1",
			},
		});
	});

	it("is collected once all its results were fetched, and archived when they are removed", async () => {
		const { id } = await createMessages(api);
		await settle(ledger, id);
		await ledger.commit(id, [messageTo(0), messageTo(1), messageTo(2)]);
		await seal(id, "completed");
		expect((await ask(`/${id}/results`, "HEAD")).status).toBe(200);
		expect(ledger.batch(id)?.collectedAtMs).toBeNull();
		await readResults(await ask(`/${id}/results`));
		expect(ledger.batch(id)?.collectedAtMs).not.toBeNull();
		await ledger.sweep({ keepCollectedMs: 0, keepUnusedMs: Number.MAX_SAFE_INTEGER });
		const archived = await show(api, id);
		expect(archived).toMatchObject({ results_url: null, request_counts: { succeeded: 3 } });
		expect(archived.archived_at).not.toBeNull();
		expect(await refusal(await ask(`/${id}/results`))).toMatchObject({
			status: 404,
			type: "not_found_error",
			message: expect.stringContaining("removed"),
		});
	});

	it.each([
		["cancelled", "canceled", { canceled: 2 }],
		["expired", "expired", { expired: 2 }],
	] as const)("by being %s has %s results for what never ran", async (status, type, counts) => {
		const { id } = await createMessages(api);
		await settle(ledger, id);
		await ledger.commit(id, [messageTo(1)]);
		if (status === "cancelled") await ledger.cancel(id);
		await seal(id, status);
		const batch = await show(api, id);
		expect(batch).toMatchObject({ processing_status: "ended", request_counts: { ...none, succeeded: 1, ...counts } });
		const results = await readResults(await ask(`/${id}/results`));
		expect(results.map(({ result }) => result.type)).toEqual([type, "succeeded", type]);
	});

	it("by being given up has errors for what never ran", async () => {
		const { id } = await createMessages(api);
		await settle(ledger, id);
		await ledger.commit(id, [messageTo(0, true)]);
		await ledger.giveUp(id, { code: "too_many_failures", message: "Too many failed.", param: null, line: null });
		await seal(id, "failed");
		expect((await show(api, id)).request_counts).toEqual({ ...none, errored: 3 });
		const results = await readResults(await ask(`/${id}/results`));
		expect(results.map(({ result }) => result.type)).toEqual(["errored", "errored", "errored"]);
	});

	it("can be retried, and then is in progress again", async () => {
		const { id } = await createMessages(api);
		await settle(ledger, id);
		await ledger.commit(id, [messageTo(0, true), messageTo(1), messageTo(2)]);
		await seal(id, "completed");
		await ledger.retry(id, "all", 1_000);
		expect(await show(api, id)).toMatchObject({
			processing_status: "in_progress",
			request_counts: { ...none, processing: 3 },
			ended_at: null,
			results_url: null,
		});
	});
});

describe("a message batch that ended before its requests were read", () => {
	const fault = (change: Partial<Fault>): Fault => ({
		code: "model_not_found",
		message: "There is no model 'x'.",
		param: null,
		line: null,
		...change,
	});

	it("because its model is not there has that error for each", async () => {
		const { id } = await createMessages(api);
		await ledger.settleValidation(id, { kind: "invalid", faults: [fault({})] });
		expect(await show(api, id)).toMatchObject({
			processing_status: "ended",
			request_counts: { ...none, errored: 3 },
			ended_at: expect.any(String),
		});
		const results = await readResults(await ask(`/${id}/results`));
		expect(results.map(({ custom_id }) => custom_id)).toEqual(["a", "b", "c"]);
		for (const { result } of results) {
			expect(result).toEqual({
				type: "errored",
				error: {
					type: "error",
					error: { type: "not_found_error", message: "There is no model 'x'." },
					request_id: null,
				},
			});
		}
	});

	it("because one of them is wrong says which", async () => {
		const { id } = await createMessages(api);
		const faults = [fault({ code: "model_mismatch", message: "Another model.", line: 2 })];
		await ledger.settleValidation(id, { kind: "invalid", faults });
		const results = await readResults(await ask(`/${id}/results`));
		const messages = results.map(({ result }) => (result.type === "errored" ? result.error.error.message : null));
		expect(messages).toEqual(["requests.1: Another model.", "Another model.", "requests.1: Another model."]);
	});

	it("because it was canceled has canceled results, while its input is there", async () => {
		const { id } = await createMessages(api);
		await ledger.cancel(id);
		await seal(id, "cancelled");
		expect((await show(api, id)).request_counts).toEqual({ ...none, canceled: 3 });
		const results = await readResults(await ask(`/${id}/results`));
		expect(results.map(({ result }) => result.type)).toEqual(["canceled", "canceled", "canceled"]);
		await ledger.deleteFile(ledger.batch(id)?.manifest.inputFileId ?? "");
		expect((await show(api, id)).results_url).toBeNull();
		expect(await refusal(await ask(`/${id}/results`))).toMatchObject({ status: 404 });
	});
});

describe("a message batch that runs", () => {
	let id: string;
	beforeEach(async () => {
		({ id } = await createMessages(api));
		await settle(ledger, id);
	});

	it("has no results yet", async () => {
		expect(await refusal(await ask(`/${id}/results`))).toMatchObject({
			status: 404,
			type: "not_found_error",
			message: expect.stringContaining("no results yet"),
		});
	});

	it("can be canceled, once and again, until it has ended otherwise", async () => {
		const batch = await readBatch(await ask(`/${id}/cancel`, "POST"));
		expect(batch).toMatchObject({ processing_status: "canceling", cancel_initiated_at: expect.any(String) });
		expect(await readBatch(await ask(`/${id}/cancel`, "POST"))).toEqual(batch);
		await seal(id, "cancelled");
		expect(await readBatch(await ask(`/${id}/cancel`, "POST"))).toMatchObject({ processing_status: "ended" });
		const { id: other } = await createMessages(api, ["a"]);
		await settle(ledger, other);
		await ledger.commit(other, [messageTo(0)]);
		await seal(other, "completed");
		expect(await refusal(await ask(`/${other}/cancel`, "POST"))).toMatchObject({
			status: 400,
			type: "invalid_request_error",
		});
	});

	it("can't be deleted before it has ended", async () => {
		expect(await refusal(await ask(`/${id}`, "DELETE"))).toMatchObject({
			status: 400,
			message: expect.stringContaining("Cancel it first"),
		});
		await ledger.cancel(id);
		await seal(id, "cancelled");
		const deleted = await ask(`/${id}`, "DELETE");
		expect([deleted.status, await deleted.json()]).toEqual([200, { id, type: "message_batch_deleted" }]);
		for (const path of [`/${id}`, `/${id}/results`]) {
			expect(await refusal(await ask(path))).toMatchObject({ status: 404, type: "not_found_error" });
		}
		expect(await refusal(await ask(`/${id}`, "DELETE"))).toMatchObject({ status: 404 });
		const { data } = messageBatchListSchema.parse(await (await ask("?limit=1000")).json());
		expect(data.map((batch) => batch.id)).not.toContain(id);
	});
});

test("each API knows its own batches only", async () => {
	const theirs = await makeBatch(ledger);
	const { id } = await createMessages(api);
	expect((await api.app.request(`/v1/batches/${id}`)).status).toBe(404);
	for (const [path, method] of [
		[`/${theirs.id}`, "GET"],
		[`/${theirs.id}`, "DELETE"],
		[`/${theirs.id}/cancel`, "POST"],
		[`/${theirs.id}/results`, "GET"],
	] as const) {
		expect(await refusal(await ask(path, method))).toMatchObject({ status: 404, type: "not_found_error" });
	}
});

test("what can't be done is said in Anthropic's envelope", async () => {
	const refused = await ask("", "PUT");
	expect(refused.headers.get("allow")).toContain("POST");
	expect(await refusal(refused)).toMatchObject({ status: 405, type: "invalid_request_error" });
	expect(await refusal(await ask("/a/b/c"))).toMatchObject({ status: 404, type: "not_found_error" });
});
