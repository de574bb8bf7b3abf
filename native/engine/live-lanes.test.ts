import { copyFile, mkdtemp, rm, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { Engine, RunOptions, RunStart } from "./engine.ts";
import { continueText, DEMO_MODEL_PATH, generated, startDemoEngine, TEST_LOAD } from "./testing.ts";

const LIVE: RunOptions = { priority: "interactive" };

describe("lanes for live requests", () => {
	let engine: Engine | null = null;
	let folder: string | null = null;
	afterEach(async () => {
		await engine?.stop();
		if (folder !== null) await rm(folder, { recursive: true });
		engine = null;
		folder = null;
	});

	it("serves live requests that are longer than any batch lane, each kind within its own limit", async () => {
		engine = await startDemoEngine({ contextTokens: 256, interactiveContextTokens: 512, interactiveLanes: 2 });
		expect(engine.state).toMatchObject({
			model: { lanes: 8, contextTokens: 256, interactiveLanes: 2, interactiveContextTokens: 512 },
		});
		const long = continueText("The app is slow. ".repeat(70), { maxTokens: 4 });
		const result = await engine.run(long, LIVE);
		if (!result.ok) throw new Error(JSON.stringify(result.error));
		const { promptTokens } = generated(result.value);
		expect(promptTokens).toBeGreaterThan(256);
		expect(await engine.run(long, { priority: "batch" })).toEqual({
			ok: false,
			error: { kind: "context-exceeded", promptTokens, contextTokens: 256 },
		});
		expect(await engine.run(continueText("word ".repeat(2_000)), LIVE)).toMatchObject({
			error: { kind: "context-exceeded", contextTokens: 512 },
		});
		const full = await engine.run({ ...long, maxTokens: null }, LIVE);
		expect(full.ok && promptTokens + generated(full.value).completionTokens).toBeLessThanOrEqual(512);
	});

	it("tells with the start how long the prompt is and how much of it is there already", async () => {
		engine = await startDemoEngine();
		const starts: RunStart[] = [];
		const onStart = (start: RunStart) => starts.push(start);
		const text = "The quick support team answers every ticket within a day. ".repeat(4);
		for (let round = 0; round < 2; round++) {
			const result = await engine.run(continueText(text, { maxTokens: 1 }), { ...LIVE, onStart });
			expect(result.ok && generated(result.value)).toMatchObject(starts[round] ?? {});
		}
		const [first, second] = starts;
		expect(first).toMatchObject({ cachedTokens: 0 });
		expect(second).toEqual({ promptTokens: first?.promptTokens, cachedTokens: (first?.promptTokens ?? 0) - 1 });
		await engine.run({ kind: "embed", inputs: ["one", "two words"], dimensions: null }, { ...LIVE, onStart });
		expect(starts[2]?.promptTokens).toBeGreaterThan(1);
	});

	it("refuses work it has no lanes for, and to load without any", async () => {
		engine = await startDemoEngine({ interactiveLanes: 0 });
		const request = continueText("Hello", { maxTokens: 2 });
		expect(await engine.run(request, LIVE)).toMatchObject({ error: { kind: "not-loaded" } });
		const source = { path: DEMO_MODEL_PATH, name: "demo" };
		const liveOnly = await engine.load(source, { ...TEST_LOAD, lanes: 0 });
		expect(liveOnly).toMatchObject({ ok: true, value: { lanes: 0, contextTokens: 0, interactiveLanes: 1 } });
		expect((await engine.run(request, LIVE)).ok).toBe(true);
		expect(await engine.run(request, { priority: "batch" })).toMatchObject({ error: { kind: "not-loaded" } });
		expect(await engine.countPromptTokens([request])).toMatchObject({ ok: true, value: [{ ok: true }] });
		await expect(engine.load(source, { ...TEST_LOAD, lanes: 0, interactiveLanes: 0 })).rejects.toThrow(RangeError);
	});

	it("chooses the size of live lanes itself", async () => {
		engine = await startDemoEngine({ interactiveContextTokens: null });
		if (engine.state.kind !== "ready") throw new Error("not ready");
		const { interactiveContextTokens, trainedContextTokens, notes } = engine.state.model;
		expect(interactiveContextTokens).toBe(Math.min(16_384, trainedContextTokens));
		expect(notes.join(" ")).toContain(`1 lanes for live requests with ${interactiveContextTokens} tokens`);
		expect(notes.join(" ")).toContain("8 lanes for batch work with 512 tokens");
	});

	// Elsewhere a file of that size would have to be on the disk.
	it.runIf(process.platform === "linux")("says so where the memory beside another model is too small", async () => {
		folder = await mkdtemp(join(tmpdir(), "nightshift-beside-"));
		const path = join(folder, "huge.gguf");
		await copyFile(DEMO_MODEL_PATH, path);
		await truncate(path, 2 ** 42);
		engine = await startDemoEngine({ beside: true });
		expect(await engine.load({ path, name: "huge" }, { ...TEST_LOAD, beside: true })).toMatchObject({
			ok: false,
			error: { kind: "out-of-memory" },
		});
	});
});
