import { afterEach, expect, test } from "vitest";
import {
	gate,
	HOUR_MS,
	isCompleted,
	isRehearsed,
	openWorkshop,
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

test("a rehearsal runs its lines and holds; queued, the rest runs and those are not run again", async () => {
	const workshop = await workshopOf({ engine: () => ({ tokens: 7 }) });
	const prompts = promptsOf(12);
	const id = await workshop.submit(prompts, { rehearsal: { lines: 5, spread: false } });
	const held = await workshop.until(id, isRehearsed);
	expect(held).toMatchObject({ status: "in_progress", isHeld: true, completed: 5, total: 12 });
	expect(held.rehearsed).toMatchObject({ lines: 5, failed: 0, inputTokens: 50, outputTokens: 35 });
	expect([...workshop.starts].sort()).toEqual(prompts.slice(0, 5));
	expect(workshop.jobs.progress(id)?.activity).toBe("rehearsed, waiting to be queued");
	expect(workshop.jobs.health(id)?.state).toBe("rehearsed");
	expect(workshop.jobs.forecast(id)).toMatchObject({ lines_left: 7, lines_done: 5, deadline_at: null });
	const queued = await workshop.jobs.queue(id, HOUR_MS);
	expect(queued).toMatchObject({ ok: true, value: { isHeld: false } });
	await workshop.until(id, isCompleted);
	expect([...workshop.starts].sort()).toEqual(prompts);
	expect(workshop.jobs.health(id)?.state).toBe("done-uncollected");
	expect(workshop.jobs.forecast(id)).toBeNull();
	expect(workshop.jobs.health("batch_none")).toBeNull();
});

test("a rehearsal that a restart cut short goes on with the lines that have no answer", async () => {
	const door = gate();
	const engine = async (prompt: string) => {
		if (prompt > "prompt 0001") await door.pass();
		return { tokens: 3 };
	};
	const workshop = await workshopOf({ engine, lanes: 8 });
	const id = await workshop.submit(promptsOf(50), { rehearsal: { lines: 5, spread: true } });
	await workshop.until(id, ({ completed }) => completed === 1);
	await workshop.restart();
	door.open();
	expect(await workshop.until(id, isRehearsed)).toMatchObject({ isHeld: true, completed: 5 });
	expect(workshop.starts.filter((prompt) => prompt === "prompt 0000")).toHaveLength(1);
	expect(new Set(workshop.starts)).toEqual(new Set([0, 12, 25, 37, 49].map((line) => promptsOf(50)[line])));
});

test("a rehearsal queued while it still runs goes on to its end, and its figures are kept", async () => {
	const door = gate();
	const engine = async () => {
		await door.pass();
		return { tokens: 2 };
	};
	const workshop = await workshopOf({ engine });
	const id = await workshop.submit(promptsOf(9), { rehearsal: { lines: 3, spread: false } });
	await workshop.until(id, () => workshop.starts.length === 3);
	expect(await workshop.jobs.queue(id, HOUR_MS)).toMatchObject({ ok: true });
	door.open();
	expect(await workshop.until(id, isCompleted)).toMatchObject({ completed: 9, rehearsed: { lines: 3 } });
	expect(workshop.starts).toHaveLength(9);
});

test("a rehearsal of a file that was answered before runs nothing, and so does the whole batch", async () => {
	let isModelThere = true;
	const loadFailure = () => (isModelThere ? null : "It is not wanted.");
	const workshop = await workshopOf({ engine: () => ({ tokens: 4 }), loadFailure });
	const prompts = promptsOf(6);
	await workshop.until(await workshop.submit(prompts), isCompleted);
	isModelThere = false;
	const id = await workshop.submit(prompts, { rehearsal: { lines: 5, spread: false } });
	expect(await workshop.until(id, isRehearsed)).toMatchObject({
		adopted: 6,
		rehearsed: { lines: 5, outputTokens: 20 },
	});
	await workshop.jobs.queue(id, HOUR_MS);
	await workshop.until(id, isCompleted);
	expect(workshop.starts).toHaveLength(6);
});

test("a rehearsal can be paused, let go on and cancelled", async () => {
	const door = gate();
	const engine = async () => {
		await door.pass();
		return { tokens: 1 };
	};
	const workshop = await workshopOf({ engine, lanes: 1 });
	const { jobs } = workshop;
	const id = await workshop.submit(promptsOf(20), { rehearsal: { lines: 5, spread: false } });
	await workshop.until(id, () => workshop.starts.length === 2);
	await jobs.pause(id);
	door.open();
	await workshop.until(id, ({ completed }) => completed === 2);
	expect(workshop.starts).toHaveLength(2);
	await jobs.resume(id);
	await workshop.until(id, isRehearsed);
	expect(await jobs.cancel(id)).toMatchObject({ ok: true, value: { status: "cancelling" } });
	const cancelled = await workshop.until(id, ({ status }) => status === "cancelled");
	expect(cancelled).toMatchObject({ completed: 5, total: 20 });
	expect(workshop.starts).toHaveLength(5);
});

test("a rehearsal goes before a batch that runs, which then goes on where it was", async () => {
	const door = gate();
	const engine = async (prompt: string) => {
		if (prompt.startsWith("slow")) await door.pass();
		return { tokens: 1 };
	};
	const workshop = await workshopOf({ engine, lanes: 1 });
	const slow = await workshop.submit(promptsOf(20, "slow"), { priority: "soon" });
	await workshop.until(slow, () => workshop.starts.length === 2);
	const rehearsal = await workshop.submit(promptsOf(20, "test"), { rehearsal: { lines: 2, spread: true } });
	await workshop.until(slow, () => workshop.jobs.progress(slow)?.activity === "finishing the lines that run");
	door.open();
	await workshop.until(rehearsal, isRehearsed);
	expect(workshop.starts.slice(2, 4).sort()).toEqual(["test 0000", "test 0019"]);
	await workshop.until(slow, isCompleted);
	expect(workshop.starts).toHaveLength(22);
});
