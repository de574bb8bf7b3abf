import { afterEach, beforeEach, expect, test } from "vitest";
import { alwaysPermitted, type WorkPermit } from "../work-permit.ts";
import {
	gate,
	HOUR_MS,
	isCompleted,
	isRehearsed,
	openWorkshop,
	promptsOf,
	type StubEngine,
	type Workshop,
	type WorkshopOptions,
} from "./work-testing.ts";

/** Batches while the permit to work comes and goes, as a scheduler would have it. */
const open: Workshop[] = [];
const reason = "waiting: Blender uses 6.1 GB of GPU memory";
const putOff: WorkPermit = { ...alwaysPermitted, isGranted: false, rehearses: false, reason };
const gone: WorkPermit = { ...putOff, keepsLeases: false };

let permit: WorkPermit;
beforeEach(() => {
	permit = alwaysPermitted;
});
afterEach(async () => {
	for (const workshop of open.splice(0)) await workshop.end();
});

async function workshopOf(engine: StubEngine, options: Partial<WorkshopOptions> = {}): Promise<Workshop> {
	const workshop = await openWorkshop({ engine, lanes: 2, permit: () => permit, ...options });
	open.push(workshop);
	return workshop;
}

/** Takes the machine from batch work. */
async function stopWork({ residency, jobs }: Workshop, next: WorkPermit): Promise<void> {
	permit = next;
	const suspended = residency.suspend();
	jobs.attend();
	await suspended;
}

function letWork({ residency, jobs }: Workshop): void {
	permit = alwaysPermitted;
	residency.resume();
	jobs.attend();
}

const isLetGo = ({ jobs }: Workshop, id: string) => jobs.progress(id)?.isInHand === false;

/** Answers prompts before `from` at once, later ones when the door is open. */
function stopsAt(from: string) {
	const door = gate();
	const engine: StubEngine = async (prompt) => {
		if (prompt >= from) await door.pass();
		return { tokens: 1 };
	};
	return { engine, door };
}

test("stopped in the middle, it keeps its lines, records what was answered, and goes on where it was, in the same order", async () => {
	const { engine, door } = stopsAt("prompt 0010");
	const workshop = await workshopOf(engine);
	const { jobs, ledger } = workshop;
	const id = await workshop.submit(promptsOf(40));
	await workshop.until(id, () => workshop.starts.length === 14);
	await stopWork(workshop, putOff);
	expect(await workshop.until(id, () => isLetGo(workshop, id))).toMatchObject({ completed: 10, failed: 0 });
	expect(jobs.progress(id)).toMatchObject({ activity: reason, trouble: null });
	expect(jobs.health(id)).toEqual({ state: "waiting", words: `10 of 40 lines done, ${reason}` });
	expect(ledger.claim(id, 100, 1_000)).toBeNull();
	expect(workshop.starts).toHaveLength(14);
	door.open();
	letWork(workshop);
	expect(await workshop.until(id, isCompleted)).toMatchObject({ completed: 40, failed: 0 });
	expect(workshop.starts.slice(14)).toEqual(promptsOf(40).slice(10));
});

test("stopped for long, it gives its lines back, at once or when it turns out to be long", async () => {
	for (const first of [gone, putOff]) {
		permit = alwaysPermitted;
		const workshop = await workshopOf(stopsAt("prompt 0004").engine);
		const id = await workshop.submit(promptsOf(20));
		await workshop.until(id, () => workshop.starts.length === 8);
		await stopWork(workshop, first);
		await workshop.until(id, ({ completed }) => completed === 4 && isLetGo(workshop, id));
		permit = gone;
		workshop.jobs.attend();
		const given = workshop.ledger.claim(id, 100, 1_000)?.lines.map(({ customId }) => customId) ?? [];
		expect(new Set(given)).toEqual(new Set(promptsOf(20).flatMap((_, line) => (line < 4 ? [] : `line-${line}`))));
	}
});

test("a batch that waits for its model lets go when the permit is withdrawn, and takes it up when it comes back", async () => {
	const workshop = await workshopOf(() => ({ tokens: 1 }));
	const { jobs } = workshop;
	const id = await workshop.submit(promptsOf(2), { notBeforeMs: Date.now() + HOUR_MS });
	await workshop.until(id, ({ status }) => status === "in_progress" && isLetGo(workshop, id));
	await workshop.residency.suspend();
	workshop.pass(HOUR_MS);
	jobs.attend();
	await workshop.until(id, () => jobs.progress(id)?.isInHand === true);
	permit = putOff;
	jobs.attend();
	await workshop.until(id, () => isLetGo(workshop, id));
	expect(jobs.progress(id)).toMatchObject({ activity: reason, trouble: null });
	letWork(workshop);
	await workshop.until(id, isCompleted);
});

test("while work is not permitted a file is checked without its model, and nothing of it runs until it is", async () => {
	const workshop = await workshopOf(() => ({ tokens: 1 }));
	await stopWork(workshop, gone);
	const id = await workshop.submit(promptsOf(3));
	await workshop.until(id, () => workshop.jobs.progress(id)?.activity === reason);
	expect(workshop.jobs.health(id)).toEqual({ state: "checking", words: reason });
	expect([workshop.jobs.hasWork(), workshop.jobs.wantsToRehearse()]).toEqual([true, false]);
	letWork(workshop);
	await workshop.until(id, isCompleted);
	expect(workshop.starts).toHaveLength(3);
	expect(workshop.jobs.hasWork()).toBe(false);
});

test("a rehearsal somebody waits for runs all the same; the batch it came before is stopped and goes on later", async () => {
	const { engine, door } = stopsAt("slow 0000");
	const workshop = await workshopOf(engine);
	const { jobs } = workshop;
	const slow = await workshop.submit(promptsOf(20, "slow"));
	await workshop.until(slow, () => workshop.starts.length === 4);
	permit = { ...gone, rehearses: true };
	jobs.attend();
	await workshop.until(slow, () => isLetGo(workshop, slow));
	const id = await workshop.submit(promptsOf(9, "asked"), { rehearsal: { lines: 3, spread: false } });
	expect(jobs.wantsToRehearse()).toBe(true);
	await workshop.until(id, isRehearsed);
	expect(jobs.wantsToRehearse()).toBe(false);
	expect([...workshop.starts.slice(4)].sort()).toEqual(promptsOf(3, "asked"));
	await jobs.queue(id, HOUR_MS);
	expect(jobs.progress(id)?.activity).toBe(reason);
	door.open();
	letWork(workshop);
	for (const batch of [slow, id]) await workshop.until(batch, isCompleted);
	expect(workshop.starts).toHaveLength(4 + 3 + 20 + 6);
});

test("a batch that is cancelled or whose service ends while its lines are kept loses none and runs none twice", async () => {
	const { engine, door } = stopsAt("prompt 0003");
	const workshop = await workshopOf(engine);
	const [cancelled, kept] = [await workshop.submit(promptsOf(10)), await workshop.submit(promptsOf(10, "prompt 0002"))];
	await workshop.until(cancelled, () => workshop.starts.length === 7);
	await stopWork(workshop, putOff);
	await workshop.until(cancelled, ({ completed }) => completed === 3 && isLetGo(workshop, cancelled));
	await workshop.jobs.cancel(cancelled);
	expect(await workshop.until(cancelled, ({ status }) => status === "cancelled")).toMatchObject({ completed: 3 });
	permit = alwaysPermitted;
	await workshop.restart();
	door.open();
	expect(await workshop.until(kept, isCompleted)).toMatchObject({ completed: 10, failed: 0 });
	expect(workshop.starts).toHaveLength(17);
});

test("a permit that is missing is not asked for over and over, but now and then", async () => {
	let asked = 0;
	const workshop = await workshopOf(() => ({ tokens: 1 }), {
		permit: () => {
			asked += 1;
			return permit;
		},
	});
	await stopWork(workshop, gone);
	const id = await workshop.submit(promptsOf(3));
	await workshop.until(id, () => workshop.jobs.progress(id)?.activity === reason);
	const before = asked;
	for (let turn = 0; turn < 1_000; turn += 1) await new Promise(setImmediate);
	expect(asked - before).toBeLessThan(100);
});
