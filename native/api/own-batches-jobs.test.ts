/** `/api/batches` over the real ledger, real jobs and the demo model: from a rehearsal to collected results. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { silentLog, systemClock } from "../base/base.ts";
import { batchDetailsSchema, fileObjectSchema, lineResultSchema, rehearsalSchema } from "../contract/contract.ts";
import { createEngine } from "../engine/create-engine.ts";
import { createResidency } from "../engine/create-residency.ts";
import { DEMO_MODEL_PATH, TEST_LOAD } from "../engine/testing.ts";
import { createJobs } from "../jobs/create-jobs.ts";
import { unshared } from "../jobs/sharing.ts";
import { steadyPower } from "../jobs/work/work-testing.ts";
import { alwaysPermitted } from "../jobs/work-permit.ts";
import { createModels } from "../models/models.ts";
import { fileForm, startTestApi, type TestApi } from "./testing.ts";

const folder = mkdtempSync(join(tmpdir(), "nightshift-own-"));
const clock = systemClock;
const log = silentLog;
const models = createModels({
	modelsDir: join(folder, "models"),
	demoModelPath: DEMO_MODEL_PATH,
	modelDigestsPath: join(folder, "digests.json"),
	names: () => ({ default: null, map: { "gpt-4o-mini": "demo" } }),
	log,
});
const residency = createResidency({
	createEngine: () => createEngine({ clock, log, native: { gpu: false } }),
	load: { ...TEST_LOAD, lanes: 4 },
	mostModels: 1,
	settleFor: () => "wait",
	clock,
	log,
});

let api: TestApi;
beforeAll(async () => {
	const nightBudget = () => ({ nightTokens: null, nightMinutes: null });
	const permit = () => alwaysPermitted;
	const rooms = { residency, models, power: steadyPower, nightBudget, permit, clock, log, machine: "desk" };
	api = await startTestApi({ models, jobs: (ledger) => createJobs({ ...rooms, ledger, sharing: unshared(ledger) }) });
	api.jobs.start();
});
afterAll(async () => {
	await api.jobs.stop();
	await residency.stop();
	await api.stop();
	rmSync(folder, { recursive: true });
});

async function ask(method: string, path: string, body?: object): Promise<Response> {
	return fetch(`${api.url}${path}`, {
		method,
		headers: { authorization: `Bearer ${api.token}`, "content-type": "application/json" },
		...(body === undefined ? {} : { body: JSON.stringify(body) }),
	});
}

function line(number: number, model: string): string {
	const messages = [{ role: "user", content: `Ticket ${number}: I was charged twice.` }];
	const body = { model, messages, max_tokens: 4, temperature: 0 };
	return `${JSON.stringify({ custom_id: `t-${number}`, method: "POST", url: "/v1/chat/completions", body })}\n`;
}

async function upload(text: string): Promise<string> {
	const uploaded = await fetch(`${api.url}/v1/files`, { method: "POST", body: fileForm(text) });
	return fileObjectSchema.parse(await uploaded.json()).id;
}

/** Resolves once the ledger says so of a batch. */
function until(isSo: () => boolean): Promise<void> {
	return new Promise((resolve) => {
		let stop = () => {};
		const look = () => {
			if (!isSo()) return;
			stop();
			resolve();
		};
		stop = api.ledger.watch(look);
		look();
	});
}

describe("a batch made for a hosted model", () => {
	it("is rehearsed, queued, worked on without running the rehearsed lines again, and collected", async () => {
		const text = Array.from({ length: 6 }, (_, number) => line(number, "gpt-4o-mini")).join("");
		const wish = { input_file_id: await upload(text), rehearsal: { lines: 2 } };
		const played = rehearsalSchema.parse(await (await ask("POST", "/api/batches/rehearse?wait=300", wish)).json());
		expect(played).toMatchObject({
			is_finished: true,
			batch: { status: "in_progress", is_rehearsal: true, model: "demo", health: { state: "rehearsed" } },
			lines: [
				{ line: 1, custom_id: "t-0", is_error: false },
				{ line: 2, custom_id: "t-1", is_error: false },
			],
		});
		expect(played.lines[0]?.text).not.toBe("");
		expect(played.lines[0]?.output_tokens).toBeGreaterThan(0);
		const { id } = played.batch;
		const queued = await ask("POST", `/api/batches/${id}/queue`, { completion_window: "90m" });
		expect(batchDetailsSchema.parse(await queued.json()).is_rehearsal).toBe(false);
		await until(() => api.ledger.batch(id)?.status === "completed");
		const details = batchDetailsSchema.parse(await (await ask("GET", `/api/batches/${id}`)).json());
		expect(details).toMatchObject({
			status: "completed",
			request_counts: { total: 6, completed: 6, failed: 0 },
			health: { state: "done-uncollected" },
			statistics: { retries: 0, adopted: 0, machines: { desk: 6 } },
			forecast: null,
		});
		const lines = (await (await ask("GET", `/api/batches/${id}/results`)).text()).split("\n").slice(0, -1);
		const results = lines.map((each) => lineResultSchema.parse(JSON.parse(each)));
		expect(results.map(({ custom_id, model, machine }) => [custom_id, model, machine])).toEqual(
			Array.from({ length: 6 }, (_, number) => [`t-${number}`, "demo", "desk"]),
		);
		expect(results[0]?.result).toMatchObject({ response: { body: { model: "demo" } } });
		await until(() => api.ledger.batch(id)?.collectedAtMs !== null);
		expect(batchDetailsSchema.parse(await (await ask("GET", `/api/batches/${id}`)).json()).health.state).toBe("done");
	}, 30_000);

	it("is refused with every fault and its line when its rehearsal finds any", async () => {
		const input = await upload(`${line(0, "demo")}{"custom_id":\n${line(0, "demo")}`);
		const response = await ask("POST", "/api/batches/rehearse?wait=300", { input_file_id: input });
		const { batch, is_finished: isFinished } = rehearsalSchema.parse(await response.json());
		expect(isFinished).toBe(true);
		expect(batch).toMatchObject({ status: "failed", health: { state: "failed" } });
		expect(batch.errors?.data.map(({ code, line: at }) => [code, at])).toEqual([
			["invalid_json_line", 2],
			["duplicate_custom_id", 3],
		]);
	});

	it("can be paused before it begins, and cancelled", async () => {
		const notBefore = Math.floor(Date.now() / 1000) + 3_600;
		const wish = { input_file_id: await upload(line(9, "demo")), not_before: notBefore };
		const made = batchDetailsSchema.parse(await (await ask("POST", "/api/batches", wish)).json());
		await until(() => api.ledger.batch(made.id)?.status === "in_progress");
		const paused = batchDetailsSchema.parse(await (await ask("POST", `/api/batches/${made.id}/pause`)).json());
		expect(paused).toMatchObject({ pause: { cause: "user" }, health: { state: "paused" } });
		expect((await ask("POST", `/api/batches/${made.id}/cancel`)).status).toBe(200);
		await until(() => api.ledger.batch(made.id)?.status === "cancelled");
		const results = lineResultSchema.parse(await (await ask("GET", `/api/batches/${made.id}/results/t-9`)).json());
		expect(results).toMatchObject({ is_error: true, result: { error: { code: "batch_cancelled" } } });
		expect((await ask("DELETE", `/api/batches/${made.id}`)).status).toBe(200);
	});
});
