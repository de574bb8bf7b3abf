import { afterEach, expect, test } from "vitest";
import {
	gate,
	HOUR_MS,
	isCompleted,
	isPaused,
	isRehearsed,
	openWorkshop,
	policyOf,
	promptsOf,
	type Workshop,
	type WorkshopOptions,
} from "./work-testing.ts";

const open: Workshop[] = [];
afterEach(async () => {
	for (const workshop of open.splice(0)) await workshop.end();
});

async function workshopOf(options: WorkshopOptions): Promise<Workshop> {
	const workshop = await openWorkshop(options);
	open.push(workshop);
	return workshop;
}

test("an answer that reaches the budget of a line fails it with both figures; one that ends by itself does not", async () => {
	const asked: (number | null)[] = [];
	const workshop = await workshopOf({
		engine: (prompt, { maxTokens }) => {
			asked.push(maxTokens);
			return prompt.endsWith("0") ? { tokens: 20, finishReason: "length" } : { tokens: 20 };
		},
	});
	const id = await workshop.submit(promptsOf(2), { policy: policyOf({ line_tokens: 20 }) });
	await workshop.until(id, isCompleted);
	expect(asked).toEqual([20, 20]);
	const [cut, whole] = await workshop.lines(id);
	const { response } = JSON.parse(cut?.result?.payload ?? "{}");
	expect(response).toMatchObject({ status_code: 422, body: { error: { code: "line_budget_exceeded" } } });
	expect(response.body.error.message).toContain("20 tokens a line");
	expect(response.body.error.message).toContain("1,000");
	expect(cut?.result?.provenance.completionTokens).toBe(20);
	expect(whole?.result?.isError).toBe(false);
});

test("a line that runs too long is ended alone and fails", async () => {
	const workshop = await workshopOf({
		engine: (prompt) => (prompt.endsWith("1") ? new Promise(() => {}) : { tokens: 1 }),
	});
	const id = await workshop.submit(promptsOf(4), { policy: policyOf({ line_seconds: 1 }) });
	expect(await workshop.until(id, isCompleted)).toMatchObject({ completed: 3, failed: 1 });
	const failed = (await workshop.lines(id))[1]?.result;
	expect(JSON.parse(failed?.payload ?? "{}").response).toMatchObject({ status_code: 422 });
});

test("a batch whose first lines fail is given up, keeps what it has and can be retried", async () => {
	let isBroken = true;
	const workshop = await workshopOf({
		engine: (prompt) =>
			isBroken && prompt > "prompt 0002" ? { kind: "invalid-request", message: "no", param: null } : { tokens: 1 },
	});
	const id = await workshop.submit(promptsOf(300), { policy: policyOf({ give_up_percent: 10 }) });
	const ended = await workshop.until(id, ({ status }) => status === "failed");
	expect(ended).toMatchObject({ completed: 3, faults: [{ code: "too_many_failures" }] });
	expect(ended.failed).toBeGreaterThan(10);
	expect(ended.failed).toBeLessThan(40);
	expect(ended.outputFileId).not.toBeNull();
	expect(ended.errorFileId).not.toBeNull();
	isBroken = false;
	expect(await workshop.jobs.retry(id, "all", HOUR_MS)).toMatchObject({ ok: true });
	expect(await workshop.until(id, isCompleted)).toMatchObject({ completed: 300, failed: 0 });
});

test("answers ten times as long as the rehearsal's pause the batch with both figures, and resumed it goes on", async () => {
	const workshop = await workshopOf({ engine: (prompt) => ({ tokens: prompt < "prompt 0005" ? 6 : 90 }) });
	const id = await workshop.submit(promptsOf(120), { rehearsal: { lines: 5, spread: false } });
	await workshop.until(id, isRehearsed);
	await workshop.jobs.queue(id, HOUR_MS);
	const paused = await workshop.until(id, isPaused);
	expect(paused.pause).toMatchObject({ cause: "runaway" });
	expect(paused.pause?.message).toMatch(/90 tokens.*\b6\b/);
	await workshop.restart();
	expect(workshop.ledger.batch(id)).toMatchObject({ status: "in_progress", pause: { cause: "runaway" } });
	expect(workshop.ledger.batch(id)?.completed).toBeLessThan(120);
	expect(await workshop.jobs.resume(id)).toMatchObject({ ok: true, value: { overruled: ["runaway"] } });
	expect(await workshop.until(id, isCompleted)).toMatchObject({ completed: 120 });
});

test("a batch pauses at its budget of tokens, also when taken up anew, and goes on when resumed", async () => {
	const workshop = await workshopOf({ engine: () => ({ tokens: 10 }) });
	const id = await workshop.submit(promptsOf(100), { policy: policyOf({ batch_tokens: 200 }) });
	const paused = await workshop.until(id, isPaused);
	expect(paused.pause).toMatchObject({ cause: "budget" });
	await workshop.restart();
	const ran = workshop.starts.length;
	expect(ran).toBeLessThan(40);
	await workshop.jobs.resume(id);
	await workshop.until(id, isCompleted);
	expect(workshop.starts).toHaveLength(100);
});

test("a night's budget lets running lines end and starts no more until it is raised; rehearsals run all the same", async () => {
	let nightTokens: number | null = 50;
	const workshop = await workshopOf({
		engine: () => ({ tokens: 10 }),
		nightBudget: () => ({ nightTokens, nightMinutes: null }),
	});
	const first = await workshop.submit(promptsOf(10));
	await workshop.until(first, isCompleted);
	// The night's figures are added up anew after some seconds.
	workshop.pass(10_000);
	const second = await workshop.submit(promptsOf(10, "more"));
	await workshop.until(second, ({ status }) => status === "in_progress");
	await workshop.until(second, () => workshop.jobs.progress(second)?.activity.includes("night's budget") === true);
	const rehearsal = await workshop.submit(promptsOf(10, "test"), { rehearsal: { lines: 2, spread: false } });
	await workshop.until(rehearsal, isRehearsed);
	expect(workshop.starts).toHaveLength(12);
	nightTokens = null;
	await workshop.until(second, isCompleted);
});

test("failures before a restart count when the first lines are judged", async () => {
	const door = gate();
	const workshop = await workshopOf({
		lanes: 1,
		async engine(prompt) {
			if (prompt >= "prompt 0008") await door.pass();
			return { kind: "invalid-request", message: "no", param: null };
		},
	});
	const id = await workshop.submit(promptsOf(300), { policy: policyOf({ give_up_percent: 10 }) });
	await workshop.until(id, ({ failed }) => failed === 8);
	await workshop.restart();
	door.open();
	const ended = await workshop.until(id, ({ status }) => status === "failed");
	expect(ended.failed).toBeLessThan(8 + 8);
	expect(await workshop.jobs.retry(id, "may-pass", HOUR_MS)).toMatchObject({ ok: true });
});

test("tokens used before a restart count against the budget of a batch", async () => {
	const door = gate();
	const workshop = await workshopOf({
		lanes: 1,
		async engine(prompt) {
			if (prompt >= "prompt 0015") await door.pass();
			return { tokens: 10 };
		},
	});
	const id = await workshop.submit(promptsOf(100), { policy: policyOf({ batch_tokens: 200 }) });
	await workshop.until(id, ({ completed }) => completed === 15);
	await workshop.restart();
	door.open();
	expect((await workshop.until(id, isPaused)).pause?.message).toContain("200 output tokens");
	await workshop.restart();
	expect(workshop.ledger.batch(id)?.completed).toBeLessThan(25);
});
