import { afterEach, describe, expect, it } from "vitest";
import { silentLog, systemClock } from "../base/base.ts";
import { createEngine } from "./create-engine.ts";
import type { Engine, RunOptions, RunStart } from "./engine.ts";
import { beginToWrite, continueText, firstChoice, GREEDY, generated, runGood, startDemoEngine } from "./testing.ts";

const LIVE: RunOptions = { priority: "interactive" };
const ENDLESS = { maxTokens: null, sampling: { ...GREEDY, temperature: 2 } };
const NOTHING_FROZEN = { batchSteps: 0, batchTokens: 0, lastStepMs: 0, frozenLanes: 0, frozenTokens: 0 };
const now = () => systemClock.monotonicMs();

/** Fills the lanes of an engine with answers that go on for long; resolves when all of them have begun to grow. */
async function fillLanes(engine: Engine, count: number) {
	const begin = (index: number) =>
		beginToWrite((onDelta) =>
			engine.run(continueText(`Story ${index} goes on and on`, ENDLESS), { priority: "batch", onDelta }),
		);
	const begun = await Promise.all(Array.from({ length: count }, (_, index) => begin(index)));
	return { ended: Promise.all(begun.map(({ run }) => run)) };
}

describe("an engine that steps aside", () => {
	let engine: Engine | null = null;
	afterEach(async () => {
		await engine?.stop();
		engine = null;
	});

	it("stops batch work after the step in flight, and goes on without computing anything again", async () => {
		engine = await startDemoEngine();
		const { ended } = await fillLanes(engine, 8);
		const sinceMs = now();
		const report = await engine.closeGate(sinceMs);
		const frozen = await engine.counters();
		// Of eight lanes that write, a step evaluates eight tokens at most. How many steps ended before the word was there is a
		// matter of time with a model this small; that none begins after is not, and the gate's own tests count the one in flight.
		expect(report.batchTokens).toBeLessThanOrEqual(8 * report.batchSteps);
		expect(report.lastStepMs > 0).toBe(report.batchSteps > 0);
		expect(report.frozenLanes).toBe(frozen.busyLanes);
		expect(report.frozenTokens).toBeGreaterThan(report.frozenLanes);
		const live = await engine.run(continueText("A live question", { maxTokens: 6 }), LIVE);
		expect(live.ok).toBe(true);
		const after = await engine.counters();
		expect(after.steps - frozen.steps).toBeLessThanOrEqual(6);
		// A second arrival changes nothing, and no batch step ended after it.
		expect(await engine.closeGate(now())).toEqual({
			...NOTHING_FROZEN,
			frozenLanes: report.frozenLanes,
			frozenTokens: report.frozenTokens,
		});
		expect(await engine.openGate()).toEqual({ recomputedTokens: 0 });
		const results = await ended;
		const done = await engine.counters();
		const written = results.reduce(
			(sum, result) => sum + (result.ok ? generated(result.value).completionTokens : 0),
			0,
		);
		expect(results.every((result) => result.ok)).toBe(true);
		expect(done.evaluatedTokens - done.promptTokens + done.cachedTokens).toBeLessThanOrEqual(written + 6);
	});

	it("counts exactly the batch work since an arrival, from its first to its last step", async () => {
		engine = await startDemoEngine();
		const sinceMs = now();
		const results = await Promise.all(
			["one", "two", "three"].map((name) => runGood(engine ?? fail(), continueText(`Say ${name}`, { maxTokens: 9 }))),
		);
		const { steps, evaluatedTokens } = await engine.counters();
		const report = await engine.closeGate(sinceMs);
		expect(report).toMatchObject({ batchSteps: steps, batchTokens: evaluatedTokens, frozenLanes: 0, frozenTokens: 0 });
		expect(evaluatedTokens).toBe(
			results.reduce((sum, one) => sum + one.promptTokens - one.cachedTokens + one.completionTokens - 1, 0),
		);
		expect(await engine.openGate()).toEqual({ recomputedTokens: 0 });
	});

	it("gives the batch the same answers with live requests all the time as without any", async () => {
		engine = await startDemoEngine({ interactiveLanes: 2 });
		const running = engine;
		const texts = Array.from(
			{ length: 40 },
			(_, index) => `Ticket ${index * 31}: ${"the app is slow ".repeat(index % 7)}and`,
		);
		const answers = () =>
			Promise.all(
				texts.map(async (text) => firstChoice(await runGood(running, continueText(text, { maxTokens: 40 }))).text),
			);
		const undisturbed = await answers();
		let isOver = false;
		const disturb = async (): Promise<number> => {
			for (let count = 0; ; count++) {
				if (isOver) return count;
				// Half of them without anybody closing the gate.
				if (count % 2 === 0) await running.closeGate(now());
				const text = `${"Live text ".repeat(count % 20)} ${count}`;
				const asked = [text, `${text}!`].map((one) => running.run(continueText(one, { maxTokens: 3 }), LIVE));
				for (const result of await Promise.all(asked)) expect(result.ok).toBe(true);
				expect(await running.openGate()).toEqual({ recomputedTokens: 0 });
			}
		};
		const disturbing = disturb();
		const disturbed = await answers();
		isOver = true;
		expect(await disturbing).toBeGreaterThan(3);
		expect(disturbed).toEqual(undisturbed);
	});

	it("counts what a process that is lost while frozen had computed as computed again", async () => {
		engine = await startDemoEngine();
		const { ended } = await fillLanes(engine, 4);
		const report = await engine.closeGate(now());
		expect(report.frozenTokens).toBeGreaterThan(0);
		const victim = engine.processId;
		if (victim === null) throw new Error("no process");
		process.kill(victim, "SIGKILL");
		await ended;
		// The gate stays closed over the restart: a live request is served, a batch one waits.
		const waiting = runGood(engine, continueText("After the restart", { maxTokens: 2 }));
		const live = await engine.run(continueText("Live", { maxTokens: 2 }), LIVE);
		expect(live.ok).toBe(true);
		expect((await engine.counters()).completionTokens).toBe(live.ok && generated(live.value).completionTokens);
		expect(await engine.openGate()).toEqual({ recomputedTokens: report.frozenTokens });
		await waiting;
		expect(await engine.openGate()).toEqual({ recomputedTokens: 0 });
	});

	it("reports nothing where there is no process", async () => {
		engine = createEngine({ clock: systemClock, log: silentLog, native: { gpu: false } });
		expect(await engine.closeGate(now())).toEqual(NOTHING_FROZEN);
		expect(await engine.openGate()).toEqual({ recomputedTokens: 0 });
	});

	it("keeps vectors for the batch waiting at the gate, and makes those of live requests meanwhile", async () => {
		engine = await startDemoEngine();
		const started: string[] = [];
		const embed = (name: string, priority: RunOptions["priority"], signal?: AbortSignal) =>
			(engine ?? fail()).run(
				{ kind: "embed", inputs: [name, `${name} again`], dimensions: null },
				{ priority, onStart: () => started.push(name), ...(signal === undefined ? {} : { signal }) },
			);
		await engine.closeGate(now());
		const batch = embed("batch", "batch");
		const controller = new AbortController();
		const given = embed("given up", "batch", controller.signal);
		expect((await embed("live", "interactive")).ok).toBe(true);
		controller.abort();
		expect(await given).toEqual({ ok: false, error: { kind: "aborted" } });
		expect(started).toEqual(["live"]);
		const sinceMs = now();
		await engine.openGate();
		const result = await batch;
		expect(started).toEqual(["live", "batch"]);
		expect(await engine.closeGate(sinceMs)).toMatchObject({
			batchSteps: 2,
			batchTokens: result.ok ? result.value.promptTokens : null,
		});
	});

	it("makes vectors of live requests between those of a batch line", async () => {
		engine = await startDemoEngine();
		const started = Promise.withResolvers<RunStart>();
		const inputs = Array.from({ length: 200 }, (_, index) => `text ${index}`);
		const ended: string[] = [];
		const batch = engine
			.run({ kind: "embed", inputs, dimensions: null }, { priority: "batch", onStart: started.resolve })
			.then(() => ended.push("batch"));
		await started.promise;
		await engine.run({ kind: "embed", inputs: ["live"], dimensions: null }, LIVE).then(() => ended.push("live"));
		await batch;
		expect(ended).toEqual(["live", "batch"]);
	});

	it("frees a frozen lane whose request is given up", async () => {
		engine = await startDemoEngine();
		const controller = new AbortController();
		const started = Promise.withResolvers<RunStart>();
		const run = engine.run(continueText("An endless story", ENDLESS), {
			priority: "batch",
			signal: controller.signal,
			onStart: started.resolve,
		});
		await started.promise;
		await engine.closeGate(now());
		controller.abort();
		expect(await run).toEqual({ ok: false, error: { kind: "aborted" } });
		expect((await engine.counters()).busyLanes).toBe(0);
		expect(await engine.openGate()).toEqual({ recomputedTokens: 0 });
	});
});

function fail(): never {
	throw new Error("no engine");
}
