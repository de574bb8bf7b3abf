import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Engine } from "../../native/engine/engine.ts";
import type { EngineRequest } from "../../native/engine/request.ts";
import { createPacedEngine, type PacedEngine } from "./paced-engine.ts";

const PACE = { lanes: 2, lineMs: 100, answerCharacters: 40 };
const REQUEST: EngineRequest = { kind: "embed", inputs: [], dimensions: null };

beforeEach(() => {
	vi.useFakeTimers({ now: 1_000_000 });
});

afterEach(() => {
	vi.useRealTimers();
});

async function engineOf({ residency }: PacedEngine): Promise<Engine> {
	const held = await residency.acquire({ path: "m.gguf", name: "m" }, "batch");
	if (!held.ok) throw new Error(held.error.kind);
	return held.value.engine;
}

test("all lanes run at the set speed, also where this process hears of it late", async () => {
	const paced = createPacedEngine({ path: "m.gguf", name: "m" }, PACE);
	const engine = await engineOf(paced);
	const ended: string[] = [];
	for (let line = 0; line < 10; line += 1) {
		void engine.run(REQUEST, { priority: "batch" }).then(({ ok }) => ended.push(ok ? "answered" : "failed"));
	}
	await vi.advanceTimersByTimeAsync(99);
	expect(ended).toEqual([]);
	// Nothing is heard for a while: lines that should have begun meanwhile have.
	vi.setSystemTime(Date.now() + 250);
	await vi.advanceTimersByTimeAsync(1_000);
	expect(ended).toEqual(Array.from({ length: 10 }, () => "answered"));
	expect(paced.figures()).toEqual({ lines: 10, firstBeganMs: 1_000_000, lastEndedMs: 1_000_500 });
});

test("a lane that had nothing to do begins when a line comes", async () => {
	const paced = createPacedEngine({ path: "m.gguf", name: "m" }, PACE);
	const engine = await engineOf(paced);
	await vi.advanceTimersByTimeAsync(700);
	const run = engine.run(REQUEST, { priority: "batch" });
	await vi.advanceTimersByTimeAsync(100);
	const answered = await run;
	expect(answered).toMatchObject({ ok: true, value: { kind: "generate" } });
	expect(paced.figures()).toEqual({ lines: 1, firstBeganMs: 1_000_700, lastEndedMs: 1_000_800 });
});

test("a line that is stopped leaves its lane to the next one and counts for nothing", async () => {
	const paced = createPacedEngine({ path: "m.gguf", name: "m" }, { ...PACE, lanes: 1 });
	const engine = await engineOf(paced);
	const [running, waiting] = [new AbortController(), new AbortController()];
	const stopped = [
		engine.run(REQUEST, { priority: "batch", signal: running.signal }),
		engine.run(REQUEST, { priority: "batch", signal: waiting.signal }),
	];
	const last = engine.run(REQUEST, { priority: "batch" });
	waiting.abort();
	await vi.advanceTimersByTimeAsync(50);
	running.abort();
	await vi.advanceTimersByTimeAsync(100);
	expect((await Promise.all(stopped)).map(({ ok }) => ok)).toEqual([false, false]);
	expect((await last).ok).toBe(true);
	expect(paced.figures()).toMatchObject({ lines: 1, lastEndedMs: 1_000_150 });
});
