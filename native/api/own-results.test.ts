import { get } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { silentLog } from "../base/base.ts";
import { errorEnvelopeSchema, type LineResultObject, lineResultSchema } from "../contract/contract.ts";
import { answerTo, FIRST_PRODUCED_MS, makeBatch, makeEndedBatch, sealBatch, testModel } from "./batch-testing.ts";
import { startServer } from "./server.ts";
import { startTestApi, type TestApi } from "./testing.ts";

let api: TestApi;
beforeAll(async () => {
	api = await startTestApi();
});
afterAll(() => api.stop());

function ask(path: string, method = "GET") {
	return api.app.request(path, { method, headers: { authorization: `Bearer ${api.token}` } });
}

async function resultsOf(id: string, query = ""): Promise<LineResultObject[]> {
	const response = await ask(`/api/batches/${id}/results${query}`);
	expect(response.status).toBe(200);
	const text = await response.text();
	expect(text === "" || text.endsWith("\n")).toBe(true);
	return text
		.split("\n")
		.slice(0, -1)
		.map((line) => lineResultSchema.parse(JSON.parse(line)));
}

async function refusal(response: Response | Promise<Response>) {
	const answered = await response;
	return { status: answered.status, ...errorEnvelopeSchema.parse(await answered.json()).error };
}

describe("GET /api/batches/{id}/results", () => {
	it("tells each line's answer in input order, where it came from and when", async () => {
		const { id } = await makeEndedBatch(api.ledger, { failed: [1] });
		const results = await resultsOf(id);
		expect(results.map(({ custom_id, is_error }) => [custom_id, is_error])).toEqual([
			["a", false],
			["b", true],
			["c", false],
		]);
		expect(results[0]).toEqual({
			custom_id: "a",
			result: expect.objectContaining({ custom_id: "a", response: expect.objectContaining({ status_code: 200 }) }),
			is_error: false,
			produced_at: FIRST_PRODUCED_MS / 1000,
			effective_until: null,
			stale: false,
			model: "demo",
			model_digest: testModel.digest,
			engine: "engine 1",
			machine: "desk",
			seed: null,
			duration_seconds: 1.5,
			input_tokens: 10,
			output_tokens: 5,
		});
		expect(results[1]?.result).toMatchObject({ response: { status_code: 400 } });
	});

	it("leaves out what was not asked for", async () => {
		const { id } = await makeEndedBatch(api.ledger, { failed: [1] });
		expect((await resultsOf(id, "?only=failed")).map((line) => line.custom_id)).toEqual(["b"]);
		expect((await resultsOf(id, "?only=answered")).map((line) => line.custom_id)).toEqual(["a", "c"]);
		expect(await refusal(ask(`/api/batches/${id}/results?only=good`))).toMatchObject({ status: 400, param: "only" });
	});

	it("has nothing of lines that still run, and the reason of those that an ended batch never ran", async () => {
		const { id } = await makeBatch(api.ledger);
		await api.ledger.commit(id, [answerTo(0)]);
		const running = await resultsOf(id);
		expect(
			running.map(({ result, is_error, produced_at }) => [result === null, is_error, produced_at === null]),
		).toEqual([
			[false, false, false],
			[true, false, true],
			[true, false, true],
		]);
		expect((await resultsOf(id, "?only=answered")).map((line) => line.custom_id)).toEqual(["a"]);
		await sealBatch(api.ledger, id, { status: "expired", output: "output\n", errors: "errors\n" });
		const ended = await resultsOf(id);
		expect(ended[2]).toMatchObject({ result: { error: { code: "batch_expired" } }, is_error: true, model: null });
		expect((await resultsOf(id, "?only=failed")).map((line) => line.custom_id)).toEqual(["b", "c"]);
	});

	it("streams more lines than one piece holds", async () => {
		const customIds = Array.from({ length: 1_000 }, (_, line) => `line-${line}`);
		const { id } = await makeEndedBatch(api.ledger, { customIds });
		expect((await resultsOf(id)).map((line) => line.custom_id)).toEqual(customIds);
	});

	it("says how fresh it is", async () => {
		const effectiveUntilMs = Date.now() + 3_600_000;
		const fresh = await makeEndedBatch(api.ledger, { manifest: { effectiveUntilMs } });
		const { headers } = await ask(`/api/batches/${fresh.id}/results`, "HEAD");
		expect(headers.get("content-type")).toContain("application/x-ndjson");
		expect(headers.get("x-nightshift-batch")).toBe(fresh.id);
		expect(headers.get("x-nightshift-produced-at")).toBe(new Date(fresh.completedAtMs ?? 0).toISOString());
		expect(headers.get("x-nightshift-effective-until")).toBe(new Date(effectiveUntilMs).toISOString());
		expect(headers.get("x-nightshift-stale")).toBe("false");
		const old = await makeEndedBatch(api.ledger, { manifest: { effectiveUntilMs: Date.now() - 1 } });
		const stale = await ask(`/api/batches/${old.id}/results`);
		expect(stale.headers.get("x-nightshift-stale")).toBe("true");
		expect((await stale.text()).split("\n")[0]).toContain('"stale":true');
		const running = await ask(`/api/batches/${(await makeBatch(api.ledger)).id}/results`);
		expect(running.headers.get("x-nightshift-produced-at")).toBeNull();
		expect(running.headers.get("x-nightshift-effective-until")).toBeNull();
	});

	it("says why there are none", async () => {
		const { batch } = await api.ledger.createBatch((await makeBatch(api.ledger)).manifest, null);
		const early = await refusal(ask(`/api/batches/${batch.id}/results`));
		expect(early).toMatchObject({ status: 404, code: "no_results", message: expect.stringContaining("validating") });
		const faults = [{ code: "invalid_json_line", message: "no JSON", param: null, line: 1 }];
		await api.ledger.settleValidation(batch.id, { kind: "invalid", faults });
		const failed = await refusal(ask(`/api/batches/${batch.id}/results/a`));
		expect(failed).toMatchObject({ status: 404, message: expect.stringContaining("failed at validation") });
	});

	it("says when and why they were removed", async () => {
		const { id } = await makeEndedBatch(api.ledger);
		await api.ledger.markCollected(id);
		await api.ledger.sweep({ keepCollectedMs: -1, keepUnusedMs: 1e12 });
		expect(api.ledger.batch(id)?.resultsDroppedAtMs).not.toBeNull();
		for (const path of ["results", "results/a"]) {
			const error = await refusal(ask(`/api/batches/${id}/${path}`));
			expect(error).toMatchObject({ status: 404, code: "no_results" });
			expect(error.message).toMatch(/removed at .*keepCollectedDays.*collected at /);
		}
	});
});

describe("GET /api/batches/{id}/results/{custom_id}", () => {
	it("finds one line by its id, whatever characters are in it", async () => {
		const customIds = ["a/b", "naïve ?#%2F", "😀"];
		const { id } = await makeEndedBatch(api.ledger, { customIds, manifest: { effectiveUntilMs: 1 } });
		for (const [line, customId] of customIds.entries()) {
			const response = await ask(`/api/batches/${id}/results/${encodeURIComponent(customId)}`);
			expect(response.headers.get("x-nightshift-stale")).toBe("true");
			expect(response.headers.get("x-nightshift-produced-at")).toBe(
				new Date(FIRST_PRODUCED_MS + line * 1_000).toISOString(),
			);
			const result = lineResultSchema.parse(await response.json());
			expect(result).toMatchObject({ custom_id: customId, stale: true, input_tokens: 10 + line });
		}
		expect((await ask(`/api/batches/${id}/results/a/b`)).status).toBe(200);
		const error = await refusal(ask(`/api/batches/${id}/results/none`));
		expect(error).toMatchObject({ status: 404, param: "custom_id", message: expect.stringContaining("lists all") });
		expect(api.ledger.batch(id)?.collectedAtMs).toBeNull();
	});
});

describe("results read to their end", () => {
	const collectedAt = (id: string) => api.ledger.batch(id)?.collectedAtMs ?? null;

	it("are collected, if nothing that was answered was left out and the batch had ended", async () => {
		const failing = { failed: [1] };
		for (const [wish, query, isCollected] of [
			[failing, "", true],
			[failing, "?only=answered", true],
			[failing, "?only=failed", false],
			[{ failed: [0, 1, 2] }, "?only=failed", true],
			[{ failed: [0, 1, 2] }, "?only=answered", false],
		] as const) {
			const { id } = await makeEndedBatch(api.ledger, wish);
			await resultsOf(id, query);
			expect([query, collectedAt(id) !== null]).toEqual([query, isCollected]);
		}
		const running = await makeBatch(api.ledger);
		await api.ledger.commit(running.id, [answerTo(0)]);
		await resultsOf(running.id);
		expect(collectedAt(running.id)).toBeNull();
	});

	it("are collected over a socket once the last byte is out", async () => {
		const { id } = await makeEndedBatch(api.ledger);
		const collected = new Promise<void>((resolve) => {
			const stop = api.ledger.watch(() => {
				if (collectedAt(id) === null) return;
				stop();
				resolve();
			});
		});
		const headers = { authorization: `Bearer ${api.token}` };
		const answer = await fetch(`${api.url}/api/batches/${id}/results`, { headers });
		expect((await answer.text()).split("\n")).toHaveLength(4);
		await collected;
	});

	it("are not, when only asked for by HEAD, or when the client went away in the middle", async () => {
		// More than the sockets of both sides hold, so that a client that goes has not got it all.
		const customIds = Array.from({ length: 48 }, (_, line) => `line-${line}`);
		const { id } = await makeEndedBatch(api.ledger, { customIds, answer: "x".repeat(1024 * 1024) });
		await ask(`/api/batches/${id}/results`, "HEAD");
		const server = await startServer(api.app, { port: 0, host: "127.0.0.1", log: silentLog });
		const options = { headers: { authorization: `Bearer ${api.token}` }, agent: false };
		await new Promise<void>((resolve) => {
			const asking = get(`${server.url}/api/batches/${id}/results`, options, (response) => {
				response.once("data", () => asking.destroy());
				response.once("close", resolve);
			});
			asking.on("error", () => {});
		});
		// A stop waits for all answers that are under way.
		await server.stop();
		expect(collectedAt(id)).toBeNull();
	});
});
