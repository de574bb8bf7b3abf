import { copyFile, mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { silentLog, systemClock } from "../base/base.ts";
import { createEngine } from "./create-engine.ts";
import type { Engine } from "./engine.ts";
import { continueText, DEMO_MODEL_PATH, GREEDY, runGood, startDemoEngine, TEST_LOAD } from "./testing.ts";

const ENDLESS = { maxTokens: null, sampling: { ...GREEDY, temperature: 2, logitBias: [] } };

/** Resolves when `count` requests have entered their lanes. */
function startedRuns(engine: Engine, count: number) {
	const entered = Promise.withResolvers<void>();
	let left = count;
	const runs = Array.from({ length: count }, (_, index) =>
		engine.run(continueText(`Story ${index} goes on and on`, ENDLESS), {
			priority: "batch",
			onStart: () => {
				if (--left === 0) entered.resolve();
			},
		}),
	);
	return { runs, entered: entered.promise };
}

describe("an engine's life", () => {
	let engine: Engine | null = null;
	let folder: string | null = null;
	afterEach(async () => {
		await engine?.stop();
		if (folder !== null) await rm(folder, { recursive: true });
		engine = null;
		folder = null;
	});

	it("tells who was in a killed process, starts again, and runs what came meanwhile", async () => {
		engine = await startDemoEngine();
		const { runs, entered } = startedRuns(engine, 8);
		const queued = engine.run(continueText("Waiting", { maxTokens: 2 }), { priority: "batch" });
		await entered;
		const victim = engine.processId;
		if (victim === null) throw new Error("no process");
		process.kill(victim, "SIGKILL");
		for (const result of await Promise.all(runs)) {
			expect(result).toMatchObject({ ok: false, error: { kind: "process-died", cause: "killed", started: true } });
		}
		expect(await queued).toMatchObject({ ok: false, error: { kind: "process-died", started: false } });
		await runGood(engine, continueText("After the restart", { maxTokens: 2 }));
		expect(engine.state.kind).toBe("ready");
		expect(engine.processId).not.toBe(victim);
	});

	it("calls a fault of the process a crash", async () => {
		engine = await startDemoEngine();
		const { runs, entered } = startedRuns(engine, 1);
		await entered;
		if (engine.processId !== null) process.kill(engine.processId, "SIGSEGV");
		expect(await runs[0]).toMatchObject({ ok: false, error: { kind: "process-died", cause: "crashed" } });
	});

	it("ends what it holds as aborted when stopped, and is empty after", async () => {
		engine = await startDemoEngine();
		const { runs, entered } = startedRuns(engine, 2);
		await entered;
		await engine.stop();
		expect(await Promise.all(runs)).toEqual([
			{ ok: false, error: { kind: "aborted" } },
			{ ok: false, error: { kind: "aborted" } },
		]);
		expect(engine.state).toEqual({ kind: "empty" });
		expect(engine.processId).toBeNull();
		expect(await engine.run(continueText("x"), { priority: "batch" })).toMatchObject({ error: { kind: "not-loaded" } });
	});

	it("answers at once when the model is loaded already", async () => {
		engine = await startDemoEngine();
		const { processId } = engine;
		const again = await engine.load({ path: DEMO_MODEL_PATH, name: "demo" }, TEST_LOAD);
		expect(again.ok).toBe(true);
		expect(engine.processId).toBe(processId);
	});

	it("chooses lanes itself, and gives no more context than the model was trained on", async () => {
		engine = createEngine({ clock: systemClock, log: silentLog, native: { gpu: false } });
		const long = await engine.load({ path: DEMO_MODEL_PATH, name: "demo" }, { ...TEST_LOAD, contextTokens: 1_000_000 });
		expect(long.ok && long.value.contextTokens).toBe(long.ok && long.value.trainedContextTokens);
		const free = await engine.load(
			{ path: DEMO_MODEL_PATH, name: "demo" },
			{ ...TEST_LOAD, lanes: null, contextTokens: null },
		);
		expect(free.ok && free.value.lanes).toBe(16);
	});

	it("says what is wrong with a file that is missing, no model, cut off or hostile", async () => {
		folder = await mkdtemp(join(tmpdir(), "nightshift-engine-"));
		const cut = join(folder, "cut.gguf");
		await copyFile(DEMO_MODEL_PATH, cut);
		await truncate(cut, 700_000);
		const text = join(folder, "text.gguf");
		await writeFile(text, "hello, I am a text");
		const hostile = join(folder, "hostile.gguf");
		await writeFile(hostile, Buffer.concat([Buffer.from("GGUF\x03\0\0\0"), Buffer.alloc(64, 0xff)]));
		engine = createEngine({ clock: systemClock, log: silentLog, native: { gpu: false } });
		const kinds: string[] = [];
		const garbled = join(folder, "garbled.gguf");
		await writeFile(garbled, "GGUF but not really, and long enough for a header");
		for (const path of [join(folder, "none.gguf"), text, cut, hostile, garbled]) {
			const result = await engine.load({ path, name: "bad" }, TEST_LOAD);
			kinds.push(result.ok ? "loaded" : result.error.kind);
		}
		expect(kinds).toEqual(["not-found", "not-a-model", "not-a-model", "not-a-model", "not-a-model"]);
		expect(engine.state.kind).toBe("failed");
	});
});
