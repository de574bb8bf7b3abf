import { afterEach, beforeEach, expect, test } from "vitest";
import { silentLog, systemClock } from "../base/base.ts";
import { createEngine } from "./create-engine.ts";
import { createResidency } from "./create-residency.ts";
import type { RunOptions } from "./engine.ts";
import type { HeldModel, ModelUse, Residency } from "./residency.ts";
import { beginToWrite, continueText, DEMO_MODEL_PATH, GREEDY, runGood, TEST_LOAD } from "./testing.ts";

/** The order of events is `suspend.test.ts`'s; this is about real processes. */
let residency: Residency;

const SOURCE = { path: DEMO_MODEL_PATH, name: "demo" };
const LANES = 16;
const ENDLESS = { maxTokens: null, sampling: { ...GREEDY, temperature: 2 } };

beforeEach(() => {
	residency = createResidency({
		createEngine: () => createEngine({ clock: systemClock, log: silentLog, native: { gpu: false } }),
		load: { ...TEST_LOAD, lanes: LANES },
		mostModels: 2,
		settleFor: () => "wait",
		clock: systemClock,
		log: silentLog,
	});
});
afterEach(async () => {
	await residency.stop();
});

async function hold(use: ModelUse): Promise<HeldModel> {
	const held = await residency.acquire(SOURCE, use);
	if (!held.ok) throw new Error(JSON.stringify(held.error));
	return held.value;
}

/** Runs that go on for long; resolves when each has begun to write. */
async function startRuns(held: HeldModel, count: number, options: RunOptions) {
	const begin = (index: number) =>
		beginToWrite((onDelta) =>
			held.engine.run(continueText(`Story ${index} goes on and on`, ENDLESS), { ...options, onDelta }),
		);
	const begun = await Promise.all(Array.from({ length: count }, (_, index) => begin(index)));
	return begun.map(({ run }) => run);
}

function isAlive(processId: number): boolean {
	try {
		return process.kill(processId, 0);
	} catch {
		// ESRCH: there is none.
		return false;
	}
}

function processOf({ engine }: HeldModel): number {
	if (engine.processId === null) throw new Error("no process");
	return engine.processId;
}

test("a batch with all lanes busy is gone with its process, waits, and has its lanes again after", async () => {
	const batch = await hold("batch");
	const processId = processOf(batch);
	const runs = await startRuns(batch, LANES, { priority: "batch" });
	const report = await residency.suspend();
	expect(isAlive(processId)).toBe(false);
	expect(report).toMatchObject({ processes: 1, staying: 0 });
	// Stories end by themselves at different lengths; those that have not are all counted, with their prompts.
	const given = (await Promise.all(runs)).filter((run) => !run.ok);
	expect(given).toEqual(given.map(() => ({ ok: false, error: { kind: "aborted" } })));
	expect(report.lanes).toBeGreaterThan(0);
	expect(report.lanes).toBeGreaterThanOrEqual(given.length);
	expect(report.lostTokens).toBeGreaterThan(2 * report.lanes);
	expect([batch.leaving.aborted, residency.models]).toEqual([true, []]);
	batch.release();
	const waiting = hold("batch");
	expect(residency.tryAcquire(SOURCE)).toBeNull();
	const live = await hold("interactive");
	expect(live.loaded).toMatchObject({ lanes: 0, interactiveLanes: 1 });
	expect((await live.engine.run(continueText("A question", { maxTokens: 3 }), { priority: "interactive" })).ok).toBe(
		true,
	);
	live.release();
	residency.resume();
	const again = await waiting;
	expect(again.loaded.lanes).toBe(LANES);
	expect((await runGood(again.engine, continueText("A line", { maxTokens: 3 }))).completionTokens).toBeGreaterThan(0);
	expect(await residency.openGates()).toEqual({ recomputedTokens: 0 });
});

// A stopped process stands for one whose step takes longer than anybody would wait; Windows has no such signal.
test.runIf(process.platform !== "win32")("a process that hears nothing is ended all the same", async () => {
	const batch = await hold("batch");
	const processId = processOf(batch);
	process.kill(processId, "SIGSTOP");
	expect(await residency.suspend()).toEqual({ processes: 1, lanes: 0, lostTokens: 0, staying: 0 });
	expect(isAlive(processId)).toBe(false);
});

test("a live request under way is answered to its end, and the process ends with it", async () => {
	const [batch, live] = [await hold("batch"), await hold("interactive")];
	const processId = processOf(live);
	const stories = await startRuns(batch, 4, { priority: "batch", signal: batch.leaving });
	const [answer] = await startRuns(live, 1, { priority: "interactive" });
	const report = await residency.suspend();
	expect(report).toMatchObject({ processes: 0, staying: 1 });
	expect(report.lanes).toBeGreaterThan(0);
	await Promise.all(stories);
	batch.release();
	// Lanes come free though the gate is closed, whether the word found them in a step or at rest.
	while ((await live.engine.counters()).batchLanes > 0);
	expect((await answer)?.ok).toBe(true);
	expect(isAlive(processId)).toBe(true);
	live.release();
	while (residency.models.length > 0) await new Promise((resolve) => setImmediate(resolve));
	expect(isAlive(processId)).toBe(false);
});

test("a share of the time changes no answer, and a model that is loaded again has it too", async () => {
	const whole = await hold("batch");
	const request = continueText("The app is slow and", { maxTokens: 12 });
	const expected = (await runGood(whole.engine, request)).choices;
	residency.setBatchShare(0.5);
	expect((await runGood(whole.engine, request)).choices).toEqual(expected);
	process.kill(processOf(whole), "SIGKILL");
	while (whole.engine.state.kind === "ready") await new Promise((resolve) => setImmediate(resolve));
	expect((await runGood(whole.engine, request)).choices).toEqual(expected);
});
