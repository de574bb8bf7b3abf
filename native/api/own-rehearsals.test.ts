import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { errorEnvelopeSchema, fileObjectSchema, rehearsalSchema } from "../contract/contract.ts";
import type { IndexedLine } from "../ledger/ledger.ts";
import { answerTo, makeBatch, makeEndedBatch, testModel } from "./batch-testing.ts";
import { fileForm, startTestApi, type TestApi } from "./testing.ts";

const figures = { lines: 2, failed: 1, inputTokens: 10, outputTokens: 5, durationMs: 3_000 };

let api: TestApi;
beforeAll(async () => {
	api = await startTestApi();
});
afterAll(() => api.stop());

function ask(method: string, path: string, body?: object, signal?: AbortSignal) {
	return fetch(`${api.url}${path}`, {
		method,
		headers: { authorization: `Bearer ${api.token}`, "content-type": "application/json" },
		...(body === undefined ? {} : { body: JSON.stringify(body) }),
		...(signal === undefined ? {} : { signal }),
	});
}

async function rehearsal(response: Response | Promise<Response>) {
	return rehearsalSchema.parse(await (await response).json());
}

function line(customId: string): string {
	const body = { model: "demo", messages: [{ role: "user", content: `What of ${customId}?` }] };
	return `${JSON.stringify({ custom_id: customId, method: "POST", url: "/v1/chat/completions", body })}\n`;
}

async function upload(): Promise<string> {
	const form = fileForm(["a", "b", "c"].map(line).join(""));
	const uploaded = await fetch(`${api.url}/v1/files`, { method: "POST", body: form });
	return fileObjectSchema.parse(await uploaded.json()).id;
}

/** What validation makes of the uploaded file. */
async function validate(batchId: string): Promise<void> {
	const index = ["a", "b", "c"].map((customId, number): IndexedLine => {
		const length = line(customId).length - 1;
		return { line: number, customId, offset: number * (length + 1), length, key: Buffer.alloc(16, number), family: 0 };
	});
	api.ledger.indexLines(batchId, index);
	await api.ledger.settleValidation(batchId, { kind: "valid", total: 3, model: testModel, notices: [] });
}

describe("POST /api/batches/rehearse", () => {
	it("answers at once, and shows the lines as they come and all of them at the end", async () => {
		const wish = { input_file_id: await upload(), completion_window: "2d", rehearsal: { lines: 2 } };
		const made = await rehearsal(ask("POST", "/api/batches/rehearse", wish));
		expect(made).toMatchObject({ lines: [], forecast: null, is_finished: false });
		expect(made.batch).toMatchObject({ status: "validating", is_rehearsal: true, completion_window: "2d" });
		const { id } = made.batch;
		expect(api.ledger.batch(id)?.manifest.rehearsal).toEqual({ lines: 2, spread: false });
		await validate(id);
		await api.ledger.commit(id, [answerTo(0)]);
		const half = await rehearsal(ask("GET", `/api/batches/${id}/rehearsal`));
		expect(half).toMatchObject({ is_finished: false, lines: [{ line: 1 }] });
		await api.ledger.commit(id, [answerTo(1, true)]);
		await api.ledger.settleRehearsal(id, figures);
		const { lines, is_finished: isFinished } = await rehearsal(ask("GET", `/api/batches/${id}/rehearsal?wait=300`));
		expect(isFinished).toBe(true);
		expect(lines).toEqual([
			{
				line: 1,
				custom_id: "a",
				request: { model: "demo", messages: [{ role: "user", content: "What of a?" }] },
				result: expect.objectContaining({ custom_id: "a" }),
				text: "Answer 0",
				is_error: false,
				input_tokens: 10,
				output_tokens: 5,
				seconds: 1.5,
			},
			expect.objectContaining({ line: 2, custom_id: "b", is_error: true, text: null }),
		]);
	});

	it("takes the file of a batch that ended, with other options", async () => {
		const ended = await makeEndedBatch(api.ledger);
		const wish = { input_file_id: ended.manifest.inputFileId, priority: "soon", rehearsal: { lines: 1 } };
		const { batch } = await rehearsal(ask("POST", "/api/batches/rehearse", wish));
		expect(batch).toMatchObject({ status: "validating", is_rehearsal: true, options: { priority: "soon" } });
		expect(batch.id).not.toBe(ended.id);
	});

	it("waits for its end if asked to, or until the file is found to be faulty", async () => {
		const validated: Promise<void>[] = [];
		const stop = api.ledger.watch((change) => {
			if (change.kind !== "batch" || api.ledger.batch(change.batchId)?.status !== "validating") return;
			stop();
			const faults = [{ code: "invalid_json_line", message: "no JSON", param: null, line: 2 }];
			validated.push(api.ledger.settleValidation(change.batchId, { kind: "invalid", faults }).then(() => undefined));
		});
		const failed = await rehearsal(ask("POST", "/api/batches/rehearse?wait=300", { input_file_id: await upload() }));
		await Promise.all(validated);
		expect(failed).toMatchObject({ is_finished: true, lines: [], batch: { status: "failed" } });
		expect(failed.batch.errors?.data).toMatchObject([{ code: "invalid_json_line", line: 2 }]);
	});

	it.each([
		["?wait=301", {}, "wait"],
		["?wait=-1", {}, "wait"],
		["?wait=long", {}, "wait"],
		["", { rehearsal: { lines: 0 } }, "rehearsal.lines"],
		["", { rehearsal: { lines: 101 } }, "rehearsal.lines"],
		["", { completion_window: "400d" }, "completion_window"],
	])("refuses %s %j", async (query, change, param) => {
		const wish = { input_file_id: await upload(), ...change };
		const response = await ask("POST", `/api/batches/rehearse${query}`, wish);
		expect(response.status).toBe(400);
		expect(errorEnvelopeSchema.parse(await response.json()).error.param).toBe(param);
	});
});

describe("GET /api/batches/{id}/rehearsal", () => {
	const manifest = { rehearsal: { lines: 2, spread: true } };

	it("answers when the rehearsal ends while it waits", async () => {
		const { id } = await makeBatch(api.ledger, { manifest });
		const waiting = rehearsal(ask("GET", `/api/batches/${id}/rehearsal?wait=300`));
		await api.ledger.commit(id, [answerTo(0), answerTo(2)]);
		await api.ledger.settleRehearsal(id, figures);
		const { lines, is_finished: isFinished } = await waiting;
		expect(isFinished).toBe(true);
		expect(lines.map((each) => [each.line, each.text])).toEqual([
			[1, "Answer 0"],
			[3, "Answer 2"],
		]);
	});

	it("answers with what there is when the time is over, and when the batch is cancelled", async () => {
		const { id } = await makeBatch(api.ledger, { manifest });
		expect(await rehearsal(ask("GET", `/api/batches/${id}/rehearsal?wait=0.01`))).toMatchObject({ is_finished: false });
		const waiting = rehearsal(ask("GET", `/api/batches/${id}/rehearsal?wait=300`));
		await api.ledger.cancel(id);
		await api.ledger.seal(id, { status: "cancelled", output: null, errors: null, extension: "jsonl" });
		expect(await waiting).toMatchObject({ is_finished: true, lines: [] });
	});

	it("is let go of when its client leaves", async () => {
		const { id } = await makeBatch(api.ledger, { manifest });
		const begun = Promise.withResolvers<void>();
		const ended = Promise.withResolvers<void>();
		const { watch } = api.ledger;
		const watching = vi.spyOn(api.ledger, "watch").mockImplementation((listener) => {
			const stop = watch(listener);
			begun.resolve();
			return () => {
				stop();
				ended.resolve();
			};
		});
		const leaving = new AbortController();
		const waiting = ask("GET", `/api/batches/${id}/rehearsal?wait=300`, undefined, leaving.signal);
		await begun.promise;
		leaving.abort();
		await expect(waiting).rejects.toThrow();
		await ended.promise;
		watching.mockRestore();
	});

	it("says that a batch was made without one", async () => {
		const { id } = await makeBatch(api.ledger);
		const response = await ask("GET", `/api/batches/${id}/rehearsal`);
		expect(response.status).toBe(404);
		expect(errorEnvelopeSchema.parse(await response.json()).error.message).toContain("/api/batches/rehearse");
	});
});
