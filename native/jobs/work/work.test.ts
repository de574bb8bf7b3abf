import { afterEach, expect, test } from "vitest";
import {
	gate,
	HOUR_MS,
	isCompleted,
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

test("retrying all failed lines runs exactly those, into the same batch", async () => {
	let isBroken = true;
	const workshop = await workshopOf({
		engine: (prompt) =>
			isBroken && prompt < "prompt 0003" ? { kind: "invalid-request", message: "no", param: null } : { tokens: 1 },
	});
	const id = await workshop.submit(promptsOf(10));
	expect(await workshop.until(id, isCompleted)).toMatchObject({ completed: 7, failed: 3 });
	isBroken = false;
	expect(await workshop.jobs.retry(id, "all", HOUR_MS)).toMatchObject({ ok: true, value: { round: 1 } });
	expect(await workshop.until(id, isCompleted)).toMatchObject({ completed: 10, failed: 0 });
	expect(workshop.starts.slice(10).sort()).toEqual(promptsOf(3));
	expect(await workshop.jobs.retry(id, "all", HOUR_MS)).toMatchObject({
		ok: true,
		value: { round: 1, status: "completed" },
	});
});

test("retrying what may pass leaves out requests that were refused", async () => {
	let isBroken = true;
	const workshop = await workshopOf({
		engine: (prompt) => {
			if (prompt === "prompt 0001") return { kind: "invalid-request", message: "no", param: null };
			return isBroken && prompt === "prompt 0002" ? { tokens: 20, finishReason: "length" } : { tokens: 1 };
		},
	});
	const id = await workshop.submit(promptsOf(6), { policy: policyOf({ line_tokens: 20 }) });
	expect(await workshop.until(id, isCompleted)).toMatchObject({ failed: 2 });
	isBroken = false;
	await workshop.jobs.retry(id, "may-pass", HOUR_MS);
	expect(await workshop.until(id, isCompleted)).toMatchObject({ completed: 5, failed: 1, round: 1 });
	expect(workshop.starts.slice(6)).toEqual(["prompt 0002"]);
});

test("paused, running lines end and are kept, none starts; resumed, the rest runs once", async () => {
	const door = gate();
	const engine = async () => {
		await door.pass();
		return { tokens: 1 };
	};
	const workshop = await workshopOf({ engine, lanes: 2 });
	const { jobs } = workshop;
	const id = await workshop.submit(promptsOf(40));
	await workshop.until(id, () => workshop.starts.length > 0);
	expect(await jobs.pause(id)).toMatchObject({ ok: true, value: { pause: { cause: "user" } } });
	const running = workshop.starts.length;
	door.open();
	await workshop.until(id, ({ completed }) => completed === running);
	expect(workshop.starts).toHaveLength(running);
	expect(jobs.progress(id)?.activity).toContain("paused");
	await workshop.restart();
	expect(workshop.ledger.batch(id)).toMatchObject({ completed: running, pause: { cause: "user" } });
	await workshop.jobs.resume(id);
	await workshop.until(id, isCompleted);
	expect(workshop.starts).toHaveLength(40);
});

test("a batch wanted soon overtakes one that runs, whose lines come to their end", async () => {
	const door = gate();
	const engine = async (prompt: string) => {
		if (prompt.startsWith("slow")) await door.pass();
		return { tokens: 1 };
	};
	const workshop = await workshopOf({ engine, lanes: 2 });
	const slow = await workshop.submit(promptsOf(40, "slow"));
	await workshop.until(slow, () => workshop.starts.length === 4);
	const soon = await workshop.submit(promptsOf(5, "urgent"), { priority: "soon" });
	await workshop.until(slow, () => workshop.jobs.progress(slow)?.activity === "finishing the lines that run");
	door.open();
	await workshop.until(soon, isCompleted);
	expect(workshop.starts.slice(4, 9).every((prompt) => prompt.startsWith("urgent"))).toBe(true);
	await workshop.until(slow, isCompleted);
	expect(workshop.starts).toHaveLength(45);
});

test("nothing of a batch starts before its time", async () => {
	const workshop = await workshopOf({ engine: () => ({ tokens: 1 }) });
	const id = await workshop.submit(promptsOf(3), { notBeforeMs: Date.now() + HOUR_MS });
	await workshop.until(id, ({ status }) => status === "in_progress");
	await workshop.until(id, () => workshop.jobs.progress(id)?.activity.startsWith("waiting until") === true);
	expect(workshop.starts).toEqual([]);
	workshop.pass(HOUR_MS);
	await workshop.until(id, isCompleted);
});

test("work is recorded with its energy, and answers with their attempts", async () => {
	const died = new Set<string>();
	const workshop = await workshopOf({
		engine(prompt) {
			if (prompt !== "prompt 0001" || died.has(prompt)) return { tokens: 1 };
			died.add(prompt);
			return { kind: "process-died", cause: "killed", started: true, detail: "SIGKILL" };
		},
	});
	const id = await workshop.submit(promptsOf(3), { policy: policyOf({ retry_backoff_ms: 0 }) });
	const done = await workshop.until(id, ({ status, workedMs }) => status === "completed" && workedMs > 0);
	expect(done).toMatchObject({ wattHours: 1, isEnergyMeasured: true, retries: 1 });
	const attempts = (await workshop.lines(id)).map(({ result }) => result?.provenance.attempts);
	expect(attempts).toEqual([1, 2, 1]);
});

test("what can't be done to a batch is refused with a sentence, and what is done already is not", async () => {
	const workshop = await workshopOf({ engine: () => ({ tokens: 1 }) });
	const { jobs } = workshop;
	const id = await workshop.submit(promptsOf(2));
	expect(await jobs.queue(id, HOUR_MS)).toMatchObject({ ok: true });
	await workshop.until(id, isCompleted);
	for (const acted of [jobs.cancel(id), jobs.pause(id), jobs.resume(id), jobs.queue(id, HOUR_MS)]) {
		expect(await acted).toMatchObject({
			ok: false,
			error: { kind: "wrong-state", message: expect.stringContaining("ended (completed)") },
		});
	}
	expect(await jobs.pause("batch_none")).toMatchObject({ ok: false, error: { kind: "not-found" } });
	const running = await workshop.submit(promptsOf(2, "later"), { notBeforeMs: Date.now() + HOUR_MS });
	await workshop.until(running, ({ status }) => status === "in_progress");
	expect(await jobs.retry(running, "all", HOUR_MS)).toMatchObject({ ok: false, error: { kind: "wrong-state" } });
	expect(await jobs.resume(running)).toMatchObject({ ok: true, value: { pause: null } });
	const refused = await workshop.submit([]);
	await workshop.until(refused, ({ status }) => status === "failed");
	expect(await jobs.retry(refused, "all", HOUR_MS)).toMatchObject({ ok: false, error: { kind: "wrong-state" } });
});

test("a retry that a restart cut short goes on with the lines that still have no answer", async () => {
	const door = gate();
	let isBroken = true;
	const workshop = await workshopOf({
		lanes: 1,
		async engine(prompt) {
			if (isBroken && prompt < "prompt 0006") return { kind: "invalid-request", message: "no", param: null };
			if (!isBroken && prompt > "prompt 0001") await door.pass();
			return { tokens: 1 };
		},
	});
	const id = await workshop.submit(promptsOf(10));
	expect(await workshop.until(id, isCompleted)).toMatchObject({ completed: 4, failed: 6 });
	isBroken = false;
	await workshop.jobs.retry(id, "all", HOUR_MS);
	await workshop.until(id, ({ completed }) => completed === 6);
	await workshop.restart();
	door.open();
	expect(await workshop.until(id, isCompleted)).toMatchObject({ completed: 10, failed: 0, round: 1 });
	for (const prompt of ["prompt 0000", "prompt 0001"]) {
		expect(workshop.starts.slice(10).filter((start) => start === prompt)).toHaveLength(1);
	}
});

test("answers that are there already are taken over when a file was checked, long before its turn", async () => {
	const workshop = await workshopOf({ engine: () => ({ tokens: 1 }) });
	await workshop.until(await workshop.submit(promptsOf(5)), isCompleted);
	const id = await workshop.submit(promptsOf(8), { notBeforeMs: Date.now() + HOUR_MS });
	expect(await workshop.until(id, ({ adopted }) => adopted > 0)).toMatchObject({ adopted: 5, completed: 5, total: 8 });
	expect(workshop.starts).toHaveLength(5);
});

test("a batch that can't be worked on tells why and does not keep others from their turn", async () => {
	// There is room again once the other batch is to be worked on.
	let sound = "";
	const isThereRoom = () => ["in_progress", "completed"].includes(workshop.ledger.batch(sound)?.status ?? "");
	const workshop = await workshopOf({
		engine: () => ({ tokens: 1 }),
		loadFailure: () => (isThereRoom() ? null : "The memory is full."),
	});
	const broken = await workshop.submit(promptsOf(2, "urgent"), { priority: "soon" });
	await workshop.until(broken, () => workshop.jobs.progress(broken)?.trouble === "The memory is full.");
	expect(workshop.jobs.health(broken)?.state).toBe("stuck");
	sound = await workshop.submit(promptsOf(2, "plain"));
	expect(await workshop.until(broken, isCompleted)).toMatchObject({ completed: 2 });
	expect(workshop.starts.slice(0, 2).sort()).toEqual(promptsOf(2, "plain"));
	expect(workshop.ledger.batch(sound)?.status).toBe("completed");
	expect(workshop.jobs.progress(broken)?.trouble).toBeNull();
});
