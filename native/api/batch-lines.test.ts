import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
	type BatchLines,
	batchLineDetailsSchema,
	batchLinesSchema,
	errorEnvelopeSchema,
	type RowTemplate,
} from "../contract/contract.ts";
import type { IndexedLine } from "../ledger/ledger.ts";
import { sampleManifest } from "../ledger/testing/manifest.ts";
import { createBatchFormats } from "./batch-formats.ts";
import { createBatchLinesRoutes } from "./batch-lines.ts";
import { answerTo, makeBatch, makeEndedBatch, sealBatch, testModel } from "./batch-testing.ts";
import { startTestApi, type TestApi } from "./testing.ts";

let api: TestApi;
beforeAll(async () => {
	api = await startTestApi();
});
afterAll(() => api.stop());

function ask(path: string) {
	return api.app.request(path, { headers: { authorization: `Bearer ${api.token}` } });
}

async function linesOf(id: string, query = ""): Promise<BatchLines> {
	const response = await ask(`/api/batches/${id}/lines${query}`);
	expect(response.status).toBe(200);
	return batchLinesSchema.parse(await response.json());
}

const numbersOf = ({ data }: BatchLines) => data.map(({ line }) => line);

/** Follows `next_from` to the end. */
async function allOf(id: string, query: string): Promise<number[]> {
	const found: number[] = [];
	for (let from: number | null = 0; from !== null; ) {
		const page: BatchLines = await linesOf(id, `?from=${from}&${query}`);
		found.push(...numbersOf(page));
		from = page.next_from;
	}
	return found;
}

async function refusal(path: string) {
	const answer = await ask(path);
	return { status: answer.status, ...errorEnvelopeSchema.parse(await answer.json()).error };
}

const ids = (count: number) => Array.from({ length: count }, (_, line) => `ticket-${line}`);

describe("GET /api/batches/{id}/lines", () => {
	test("shows what was asked beside what came of it", async () => {
		const { id } = await makeBatch(api.ledger);
		await api.ledger.commit(id, [answerTo(0), answerTo(1, true)]);
		expect(await linesOf(id)).toEqual({
			total: 3,
			data: [
				{ line: 0, custom_id: "a", state: "answered", asked: "What of a?", answered: "Answer 0", error_code: null },
				{
					line: 1,
					custom_id: "b",
					state: "failed",
					asked: "What of b?",
					answered: "Too long",
					error_code: "invalid_request_error",
				},
				{ line: 2, custom_id: "c", state: "open", asked: "What of c?", answered: null, error_code: null },
			],
			next_from: null,
			notice: null,
		});
	});

	test("takes any part of a batch, and says where to go on", async () => {
		const { id } = await makeEndedBatch(api.ledger, { customIds: ids(120) });
		const middle = await linesOf(id, "?from=60&limit=3");
		expect(numbersOf(middle)).toEqual([60, 61, 62]);
		expect(middle).toMatchObject({ total: 120, next_from: 63 });
		expect(await linesOf(id, "?from=117&limit=3")).toMatchObject({ next_from: null });
		expect(await linesOf(id, "?from=500")).toEqual({ total: 120, data: [], next_from: null, notice: null });
		expect(await allOf(id, "limit=50")).toHaveLength(120);
	});

	test("leaves out lines in other states; those an ended batch never ran count as failed", async () => {
		const { id } = await makeBatch(api.ledger, { customIds: ids(6) });
		await api.ledger.commit(id, [answerTo(1), answerTo(2, true), answerTo(4)]);
		expect(await allOf(id, "only=answered&limit=1")).toEqual([1, 4]);
		expect(await allOf(id, "only=failed")).toEqual([2]);
		expect(await allOf(id, "only=open&limit=2")).toEqual([0, 3, 5]);
		await sealBatch(api.ledger, id, { status: "expired", output: "output\n", errors: "errors\n" });
		expect(await allOf(id, "only=failed&limit=2")).toEqual([0, 2, 3, 5]);
		expect(await allOf(id, "only=open")).toEqual([]);
		const [skipped] = (await linesOf(id, "?only=failed&limit=1")).data;
		expect(skipped).toMatchObject({
			state: "failed",
			error_code: "batch_expired",
			answered: expect.stringContaining("window"),
		});
	});

	test("finds a text in ids, requests and answers, whatever the case", async () => {
		const { id } = await makeBatch(api.ledger, { customIds: [...ids(9), 'Über "uns"', "x\u{1F600}y"] });
		await api.ledger.commit(id, [answerTo(3, false, "A Needle\nin hay"), answerTo(5, true)]);
		expect(await allOf(id, "search=TICKET-7")).toEqual([7]);
		expect(await allOf(id, "search=what+of+ticket-4%3F")).toEqual([4]);
		expect(await allOf(id, "search=needle")).toEqual([3]);
		expect(await allOf(id, `search=${encodeURIComponent("NEEDLE\nIN")}`)).toEqual([3]);
		expect(await allOf(id, "search=too+long")).toEqual([5]);
		expect(await allOf(id, `search=${encodeURIComponent('über "UNS"')}`)).toEqual([9]);
		expect(await allOf(id, `search=${encodeURIComponent("\u{1F600}")}`)).toEqual([10]);
		// What stands around the texts is not searched.
		for (const nothing of ["chatcmpl", "finish_reason", "v1/chat"])
			expect(await allOf(id, `search=${nothing}`)).toEqual([]);
		expect(await allOf(id, "search=ticket&only=failed")).toEqual([5]);
		expect(await allOf(id, "search=ticket&limit=2")).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
	});

	test("cuts long texts, but searches the whole of them", async () => {
		const long = `${"\u{1F600}".repeat(400)} at the end`;
		const { id } = await makeBatch(api.ledger);
		await api.ledger.commit(id, [answerTo(0, false, long)]);
		const [line] = (await linesOf(id, `?search=${encodeURIComponent("AT THE END")}`)).data;
		expect(line?.answered).toBe(`${"\u{1F600}".repeat(249)}…`);
		expect(batchLineDetailsSchema.parse(await (await ask(`/api/batches/${id}/lines/0`)).json()).result).toMatchObject({
			response: { body: { choices: [{ message: { content: long } }] } },
		});
	});

	test("says why there are no lines", async () => {
		const { manifest } = await makeBatch(api.ledger);
		const { batch } = await api.ledger.createBatch(manifest, null);
		const path = `/api/batches/${batch.id}/lines`;
		expect(await refusal(path)).toMatchObject({ status: 409, code: "not_checked_yet" });
		expect(await refusal(`${path}/0`)).toMatchObject({ status: 409 });
		const faults = [{ code: "invalid_json_line", message: "no JSON", param: null, line: 1 }];
		await api.ledger.settleValidation(batch.id, { kind: "invalid", faults });
		expect(await refusal(path)).toMatchObject({ status: 404, message: expect.stringContaining("failed at the check") });
		expect(await refusal("/api/batches/batch_none/lines")).toMatchObject({ status: 404 });
		expect(await refusal(`${path}?limit=1000`)).toMatchObject({ status: 400, param: "limit" });
		const { id } = await makeEndedBatch(api.ledger);
		await api.ledger.markCollected(id);
		await api.ledger.sweep({ keepCollectedMs: -1, keepUnusedMs: 1e12 });
		expect(await refusal(`/api/batches/${id}/lines`)).toMatchObject({
			status: 404,
			message: expect.stringContaining("removed"),
		});
	});

	test("leaves the batch uncollected: looking is not taking", async () => {
		const { id } = await makeEndedBatch(api.ledger);
		await linesOf(id);
		expect(api.ledger.batch(id)?.collectedAtMs).toBeNull();
	});

	test("opens to the owner only", async () => {
		const { id } = await makeEndedBatch(api.ledger);
		expect((await api.app.request(`/api/batches/${id}/lines`)).status).toBe(401);
	});
});

test("a search that takes long answers what it found in a moment and says where to go on, whoever else is served", async () => {
	const { id } = await makeEndedBatch(api.ledger, { customIds: ids(1_000) });
	const clock = { nowMs: () => 0, monotonicMs: () => (ticks += 60) };
	let ticks = 0;
	const formats = createBatchFormats(api.ledger);
	const routes = createBatchLinesRoutes({ ledger: api.ledger, formats, clock });
	let calls = 0;
	let turns = 0;
	const others = setInterval(() => {
		turns += 1;
	}, 0);
	const found: number[] = [];
	for (let from: number | null = 0; from !== null; calls += 1) {
		const answer = await routes.request(`/api/batches/${id}/lines?search=ticket-99&from=${from}`);
		const page = batchLinesSchema.parse(await answer.json());
		expect(page.next_from ?? 1_000).toBeGreaterThan(from);
		found.push(...numbersOf(page));
		from = page.next_from;
	}
	clearInterval(others);
	expect(found).toEqual([99, ...Array.from({ length: 10 }, (_, index) => 990 + index)]);
	expect(calls).toBeGreaterThan(1);
	expect(turns).toBeGreaterThan(1);
});

describe("GET /api/batches/{id}/lines/{line}", () => {
	test("shows the whole line", async () => {
		const { id } = await makeEndedBatch(api.ledger, { failed: [1] });
		const answer = await ask(`/api/batches/${id}/lines/2`);
		expect(batchLineDetailsSchema.parse(await answer.json())).toMatchObject({
			line: 2,
			state: "answered",
			request: { custom_id: "c", method: "POST", body: { messages: [{ role: "user", content: "What of c?" }] } },
			result: { custom_id: "c", response: { status_code: 200 } },
			model: "demo",
			machine: "desk",
			duration_seconds: 1.5,
			input_tokens: 12,
			output_tokens: 5,
			produced_at: 1_700_000_002.25,
		});
		for (const line of ["3", "99999999"]) {
			expect(await refusal(`/api/batches/${id}/lines/${line}`)).toMatchObject({ status: 404, param: "line" });
		}
		expect((await ask(`/api/batches/${id}/lines/x`)).status).toBe(404);
	});

	test("of a table shows the row, and what was made of it", async () => {
		const template: RowTemplate = { prompt: "Classify: {{text}}", system: null, max_tokens: null, temperature: 0 };
		const rows = ["id;text", '7;"My ""printer"" is broken"', "8;Hello"];
		const id = await makeTable(rows, template);
		expect((await linesOf(id)).data.map(({ asked }) => asked)).toEqual([
			'Classify: My "printer" is broken',
			"Classify: Hello",
		]);
		expect(await allOf(id, `search=${encodeURIComponent('classify: my "PRINTER"')}`)).toEqual([0]);
		const whole = batchLineDetailsSchema.parse(await (await ask(`/api/batches/${id}/lines/0`)).json());
		expect(whole).toMatchObject({ request: { id: "7", text: 'My "printer" is broken' }, result: null, state: "open" });
	});
});

/** A validated batch of a table's rows; the first is the header. */
async function makeTable(rows: readonly string[], template: RowTemplate): Promise<string> {
	const { ledger } = api;
	async function* pieces(): AsyncGenerator<Uint8Array> {
		yield Buffer.from(`${rows.join("\n")}\n`);
	}
	const stored = await ledger.storeBytes(pieces(), 1e6);
	if (!stored.ok) throw new Error(stored.error.kind);
	const file = await ledger.createFile({ filename: "t.csv", purpose: "batch", expiresAtMs: null }, stored.value);
	const manifest = sampleManifest({ inputFileId: file.id, format: "csv", template });
	const { batch } = await ledger.createBatch(manifest, null);
	let offset = Buffer.byteLength(`${rows[0]}\n`);
	const index: IndexedLine[] = rows.slice(1).map((row, line) => {
		const length = Buffer.byteLength(row);
		const entry = { line, customId: `row-${line + 1}`, offset, length, key: Buffer.alloc(16, line), family: 0 };
		offset += length + 1;
		return entry;
	});
	ledger.indexLines(batch.id, index);
	await ledger.settleValidation(batch.id, { kind: "valid", total: index.length, model: testModel, notices: [] });
	return batch.id;
}
