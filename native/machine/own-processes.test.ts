import { beforeEach, describe, expect, test } from "vitest";
import type { Clock } from "../base/base.ts";
import { watchOwnProcesses } from "./own-processes.ts";
import { sampleGpu, sampleProcess } from "./source-testing.ts";

let nowMs: number;
let running: number[];
const clock: Clock = { nowMs: () => nowMs, monotonicMs: () => nowMs };

beforeEach(() => {
	nowMs = 1_000;
	running = [];
});

const watch = () => watchOwnProcesses({ clock, inferenceProcessIds: () => running, gpuProcessIds: () => running });

describe("our processes", () => {
	test("are those that run when a look begins or when it ends", () => {
		const own = watch();
		running = [1];
		expect(own.begin()).toEqual([1]);
		running = [1, 2];
		expect([...own.end([]).ids]).toEqual([1, 2]);
	});

	test("stay ours for a while after they ended, and are said to have just ended once", () => {
		const own = watch();
		running = [1];
		own.begin();
		own.end([]);
		running = [];
		nowMs += 2_000;
		own.begin();
		const first = own.end([]);
		expect([[...first.ids], [...first.justEnded], [...first.mayBeOnGpu]]).toEqual([[1], [1], []]);
		nowMs += 2_000;
		own.begin();
		const second = own.end([]);
		expect([[...second.ids], [...second.justEnded]]).toEqual([[1], []]);
		nowMs += 10_000;
		own.begin();
		expect(own.end([]).ids.size).toBe(0);
	});

	test("that end while a look runs have just ended in that look", () => {
		const own = watch();
		running = [1];
		own.begin();
		running = [];
		expect([...own.end([]).justEnded]).toEqual([1]);
	});

	test("are seen by a source for good once it has listed one", () => {
		const own = watch();
		running = [1];
		own.begin();
		const gpu = { ...sampleGpu({ processes: [sampleProcess(1)] }), source: "NVML" };
		expect([...own.end([gpu]).seenBy]).toEqual(["NVML"]);
		running = [2];
		own.begin();
		expect([...own.end([{ ...gpu, processes: [] }]).seenBy]).toEqual(["NVML"]);
	});
});
