import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { batchListSchema, errorEnvelopeSchema, extendedBatchSchema, fileObjectSchema } from "../contract/contract.ts";
import { fileForm, startTestApi, type TestApi } from "./testing.ts";

let api: TestApi;
let wish: { input_file_id: string; endpoint: string; completion_window: string };
beforeAll(async () => {
	api = await startTestApi();
	wish = { input_file_id: await uploadFile("batch"), endpoint: "/v1/chat/completions", completion_window: "24h" };
});
afterAll(() => api.stop());

async function uploadFile(purpose: string, text = "{}\n"): Promise<string> {
	const response = await api.app.request("/v1/files", { method: "POST", body: fileForm(text, { purpose }) });
	return fileObjectSchema.parse(await response.json()).id;
}

function create(change: object = {}, headers: Record<string, string> = {}) {
	const body = JSON.stringify({ ...wish, ...change });
	return api.app.request("/v1/batches", {
		method: "POST",
		body,
		headers: { "content-type": "application/json", ...headers },
	});
}

async function created(change: object = {}, headers: Record<string, string> = {}) {
	const response = await create(change, headers);
	expect(response.status).toBe(200);
	return extendedBatchSchema.parse(await response.json());
}

async function refusal(response: Response) {
	return { status: response.status, ...errorEnvelopeSchema.parse(await response.json()).error };
}

describe("POST /v1/batches", () => {
	it("records the batch and answers while it is validated", async () => {
		const metadata = { team: "support" };
		const batch = await created({ metadata, output_expires_after: { anchor: "created_at", seconds: 3600 } });
		expect(batch).toMatchObject({ ...wish, status: "validating", metadata, errors: null, output_file_id: null });
		expect(batch.expires_at).toBe(batch.created_at + 86_400);
		expect(api.ledger.batch(batch.id)?.manifest).toMatchObject({
			outputExpiresAfterMs: 3_600_000,
			modelOverride: null,
		});
	});

	it("takes every endpoint there is", async () => {
		for (const endpoint of ["/v1/chat/completions", "/v1/completions", "/v1/embeddings", "/v1/responses"]) {
			expect((await created({ endpoint })).endpoint).toBe(endpoint);
		}
	});

	it("takes files in other dialects, whose endpoint is their own", async () => {
		for (const [line, format, endpoint] of [
			[{ custom_id: "a", params: { model: "m", max_tokens: 1, messages: [] } }, "anthropic", "/v1/messages"],
			[{ key: "a", request: { contents: [] } }, "gemini", "/v1beta/models/*:generateContent"],
			[{ messages: [] }, "messages", "/v1/chat/completions"],
		] as const) {
			const input_file_id = await uploadFile("batch", `${JSON.stringify(line)}\n`);
			const batch = await created({ input_file_id });
			expect(batch.endpoint).toBe(endpoint);
			expect(api.ledger.batch(batch.id)?.manifest).toMatchObject({ format, surface: "openai" });
			const unserved = await refusal(await create({ input_file_id, endpoint: "/v1/moderations" }));
			expect(unserved).toMatchObject({ status: 400, param: "endpoint" });
		}
	});

	const many = Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`k${index}`, ""]));
	it.each([
		[{ input_file_id: undefined }, "input_file_id"],
		[{ input_file_id: 1 }, "input_file_id"],
		[{ input_file_id: "file-none" }, "input_file_id"],
		[{ endpoint: undefined }, "endpoint"],
		[{ endpoint: "/v1/moderations" }, "endpoint"],
		[{ completion_window: undefined }, "completion_window"],
		[{ completion_window: "1h" }, "completion_window"],
		[{ metadata: many }, "metadata"],
		[{ metadata: { k: "v".repeat(513) } }, "metadata.k"],
		[{ metadata: { k: 1 } }, "metadata.k"],
		[{ output_expires_after: { anchor: "created_at", seconds: 3599 } }, "output_expires_after.seconds"],
	])("refuses %j", async (change, param) => {
		expect(await refusal(await create(change))).toMatchObject({ status: 400, param, type: "invalid_request_error" });
	});

	it("names what it offers when asked for something else", async () => {
		expect((await refusal(await create({ endpoint: "/v1/moderations" }))).message).toContain("/v1/embeddings");
		expect((await refusal(await create({ completion_window: "7d" }))).message).toContain("24h");
	});

	it("refuses a file that is not for batches", async () => {
		const error = await refusal(await create({ input_file_id: await uploadFile("user_data") }));
		expect(error).toMatchObject({ status: 400, param: "input_file_id", code: "wrong_purpose" });
	});

	it("answers the batch of then for a key seen before, and refuses the key for another batch", async () => {
		const key = { "idempotency-key": "5f0c" };
		const batch = await created({}, key);
		expect((await created({}, key)).id).toBe(batch.id);
		expect((await created()).id).not.toBe(batch.id);
		const error = await refusal(await create({ endpoint: "/v1/embeddings" }, key));
		expect(error).toMatchObject({ status: 409, code: "idempotency_key_reused" });
		expect(await refusal(await create({}, { "idempotency-key": "k".repeat(256) }))).toMatchObject({ status: 400 });
	});
});

describe("GET /v1/batches", () => {
	it("lists newest first, 20 unless asked otherwise", async () => {
		const ids: string[] = [];
		for (let index = 0; index < 21; index++) ids.unshift((await created()).id);
		const list = async (query: string) =>
			batchListSchema.parse(await (await api.app.request(`/v1/batches${query}`)).json());
		const first = await list("");
		expect(first.data.map((batch) => batch.id)).toEqual(ids.slice(0, 20));
		expect(first).toMatchObject({ has_more: true, last_id: ids[19] });
		const second = await list(`?limit=1&after=${first.last_id}`);
		expect(second.data.map((batch) => batch.id)).toEqual([ids[20]]);
		for (const query of ["limit=0", "limit=101"]) {
			expect((await api.app.request(`/v1/batches?${query}`)).status).toBe(400);
		}
	});
});

describe("/v1/batches/{id}", () => {
	it("shows a batch that failed with its faults", async () => {
		const { id } = await created();
		const faults = [{ code: "invalid_json_line", message: "no JSON", param: null, line: 1 }];
		await api.ledger.settleValidation(id, { kind: "invalid", faults });
		const batch = extendedBatchSchema.parse(await (await api.app.request(`/v1/batches/${id}`)).json());
		expect(batch).toMatchObject({ status: "failed", errors: { object: "list", data: faults } });
		expect(batch.failed_at).not.toBeNull();
	});

	it("is 404 where there is none", async () => {
		expect(await refusal(await api.app.request("/v1/batches/none"))).toMatchObject({ status: 404 });
		const cancel = await api.app.request("/v1/batches/none/cancel", { method: "POST" });
		expect(await refusal(cancel)).toMatchObject({ status: 404, message: "No such Batch object: none" });
	});

	it("cancels a batch, also again, and not once it has ended", async () => {
		const { id } = await created();
		const cancel = () => api.app.request(`/v1/batches/${id}/cancel`, { method: "POST" });
		for (let attempt = 0; attempt < 2; attempt++) {
			const batch = extendedBatchSchema.parse(await (await cancel()).json());
			expect(batch.status).toBe("cancelling");
			expect(batch.cancelling_at).not.toBeNull();
		}
		await api.ledger.seal(id, { status: "cancelled", output: null, errors: null, extension: "jsonl" });
		const response = await cancel();
		expect(response.headers.get("x-should-retry")).toBe("false");
		expect(await refusal(response)).toEqual({
			status: 409,
			message: "Cannot cancel a batch with status 'cancelled'.",
			type: "invalid_request_error",
			param: null,
			code: null,
		});
	});
});
