import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { silentLog, systemClock } from "../base/base.ts";
import { createEngine } from "./create-engine.ts";
import { createResidency } from "./create-residency.ts";
import type { ModelSource } from "./engine.ts";
import type { HeldModel, ModelUse, Residency } from "./residency.ts";
import { continueText, DEMO_MODEL_PATH, runGood, TEST_LOAD } from "./testing.ts";

/** The order of events is `residency.test.ts`'s; this is about real processes. Two models: the demo under two names. */
let folder: string;
let residency: Residency;

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "nightshift-residency-"));
	for (const name of ["alpha", "beta"]) copyFileSync(DEMO_MODEL_PATH, source(name).path);
	residency = createResidency({
		createEngine: () => createEngine({ clock: systemClock, log: silentLog, native: { gpu: false } }),
		load: { ...TEST_LOAD, lanes: 2 },
		mostModels: 2,
		settleFor: () => "wait",
		clock: systemClock,
		log: silentLog,
	});
});
afterEach(async () => {
	await residency.stop();
	rmSync(folder, { recursive: true, force: true });
});

function source(name: string): ModelSource {
	return { path: join(folder, `${name}.gguf`), name };
}

async function hold(name: string, use: ModelUse): Promise<HeldModel> {
	const held = await residency.acquire(source(name), use);
	if (!held.ok) throw new Error(JSON.stringify(held.error));
	return held.value;
}

/** The process of a held model. */
function processOf({ engine }: HeldModel): number {
	if (engine.processId === null) throw new Error("no process");
	return engine.processId;
}

function isAlive(processId: number): boolean {
	try {
		return process.kill(processId, 0);
	} catch {
		// ESRCH: there is none.
		return false;
	}
}

test("two models run beside each other in processes of their own, and no process is left after stopping", async () => {
	const batch = await hold("alpha", "batch");
	const live = await hold("beta", "interactive");
	expect(live.loaded).toMatchObject({ lanes: 0, interactiveLanes: TEST_LOAD.interactiveLanes });
	const processes = [processOf(batch), processOf(live)];
	expect(new Set(processes).size).toBe(2);
	await residency.closeGates(systemClock.monotonicMs());
	const line = runGood(batch.engine, continueText("A line", { maxTokens: 3 }));
	const answer = await live.engine.run(continueText("A question", { maxTokens: 3 }), { priority: "interactive" });
	expect(answer.ok).toBe(true);
	expect(await residency.openGates()).toEqual({ recomputedTokens: 0 });
	expect((await line).completionTokens).toBeGreaterThan(0);
	await residency.stop();
	expect(processes.filter(isAlive)).toEqual([]);
});

test("a model whose process is killed comes back by itself, and its users keep it", async () => {
	const batch = await hold("alpha", "batch");
	const killed = processOf(batch);
	process.kill(killed, "SIGKILL");
	const live = await hold("alpha", "interactive");
	expect(live.engine).toBe(batch.engine);
	while (batch.engine.processId === killed) await new Promise((resolve) => setImmediate(resolve));
	expect((await runGood(batch.engine, continueText("A line", { maxTokens: 3 }))).completionTokens).toBeGreaterThan(0);
	expect(batch.leaving.aborted).toBe(false);
});

test("stopped while it loads, it leaves no process", async () => {
	const loading = residency.acquire(source("alpha"), "batch");
	const processIds = () => residency.models.flatMap(({ processId }) => processId ?? []);
	while (processIds().length === 0) await new Promise((resolve) => setImmediate(resolve));
	const processes = processIds();
	await residency.stop();
	expect(await loading).toEqual({ ok: false, error: { kind: "aborted" } });
	expect(processes.filter(isAlive)).toEqual([]);
});
