import { expect, test } from "vitest";
import { initialState, type ShellState } from "../state/state.ts";
import { summarize } from "../state/summary.ts";
import { createFakeLink } from "../testing/fake-link.ts";
import { batchesOf, machineOn, NOW_MS, sampleBatch, up } from "../testing/sample-state.ts";
import { taskbarProgressOf, watchTaskbarProgress } from "./taskbar.ts";

const barOf = (change: Partial<ShellState>) => taskbarProgressOf({ ...initialState, service: up, ...change }, NOW_MS);
const counts = (completed: number, failed = 0) => ({ request_counts: { total: 100, completed, failed } });

test("the bar shows all open batches together, and stands where work may not run", () => {
	const batches = batchesOf(sampleBatch("a", counts(40, 10)), sampleBatch("b", counts(0)));
	expect(barOf({ batches, machine: machineOn("run") })).toEqual({ fraction: 0.25, mode: "normal" });
	expect(barOf({ batches, machine: machineOn("yield") })).toMatchObject({ mode: "paused" });
});

test("the bar tells the same as the tray: neither tells of a batch that is not to begin yet, nor of one that is stuck", () => {
	const batches = batchesOf(
		sampleBatch("a", counts(40)),
		sampleBatch("b", { ...counts(0), not_before: NOW_MS / 1_000 + 60 }),
		sampleBatch("c", { ...counts(0), health: { state: "stuck", words: "stuck: the disk is full" } }),
	);
	const state = { ...initialState, service: up, batches, machine: machineOn("run") };
	expect(taskbarProgressOf(state, NOW_MS).fraction).toBe(summarize(state, NOW_MS).progress?.fraction);
	expect(taskbarProgressOf(state, NOW_MS).fraction).toBe(0.4);
});

test("there is no bar without work, and none for rehearsals that wait, paused batches and those that are over", () => {
	const batches = batchesOf(
		sampleBatch("a", { health: { state: "rehearsed", words: "5 lines rehearsed" } }),
		sampleBatch("b", { pause: { cause: "user", message: "", at: 1 } }),
		sampleBatch("c", { status: "completed" }),
	);
	expect(barOf({ batches })).toEqual({ fraction: -1, mode: "none" });
});

test("while lines are still being counted the bar only moves", () => {
	const checking = sampleBatch("a", {
		status: "validating",
		health: { state: "checking", words: "" },
		request_counts: { total: 0, completed: 0, failed: 0 },
	});
	expect(barOf({ batches: batchesOf(checking) }).mode).toBe("indeterminate");
});

test("it is told of when something moved, and only then", () => {
	const told: number[] = [];
	const link = createFakeLink({ service: up, batches: batchesOf(sampleBatch("a", counts(50))) });
	const stop = watchTaskbarProgress(link, ({ fraction }) => void told.push(fraction));
	link.become({ engine: null });
	expect(told).toEqual([0.5]);
	link.become({ batches: batchesOf(sampleBatch("a", counts(51))) });
	expect(told).toEqual([0.5, 0.51]);
	stop();
	link.become({ batches: new Map() });
	expect(told).toHaveLength(2);
});
