import { expect, test } from "vitest";
import { batchesOf, machineOn, sampleBatch, up } from "../testing/sample-state.ts";
import { workOf } from "./work.ts";

const machine = machineOn("run");

test("work runs while a batch is in hand and nothing keeps it from running", () => {
	const batches = batchesOf(sampleBatch("a"));
	expect(workOf({ service: up, batches, machine })).toEqual({
		batches: 1,
		lines: 100,
		finishedLines: 10,
		isRunning: true,
	});
	expect(workOf({ service: up, batches, machine: null }).isRunning).toBe(true);
	// Frozen lanes hold lines too.
	expect(workOf({ service: up, batches, machine: machineOn("freeze") }).isRunning).toBe(true);
	expect(workOf({ service: up, batches, machine: machineOn("leave") }).isRunning).toBe(false);
	expect(workOf({ service: { kind: "starting" }, batches, machine }).isRunning).toBe(false);
});

test("batches that wait for their time are work, but nothing of theirs runs", () => {
	const batches = batchesOf(sampleBatch("a", { health: { state: "waiting", words: "" } }));
	expect(workOf({ service: up, batches, machine })).toMatchObject({ batches: 1, isRunning: false });
});

test.each(["validating", "finalizing", "cancelling"] as const)("a batch that is %s counts", (status) => {
	expect(workOf({ service: up, batches: batchesOf(sampleBatch("a", { status })), machine }).isRunning).toBe(true);
});

test.each(["failed", "completed", "expired", "cancelled"] as const)("a batch that is %s does not", (status) => {
	expect(workOf({ service: up, batches: batchesOf(sampleBatch("a", { status })), machine }).batches).toBe(0);
});

test("what waits for somebody's word is no work", () => {
	const rehearsed = sampleBatch("a", { health: { state: "rehearsed", words: "" } });
	const paused = sampleBatch("b", { pause: { cause: "budget", message: "", at: 1 } });
	expect(workOf({ service: up, batches: batchesOf(rehearsed, paused), machine }).batches).toBe(0);
});
