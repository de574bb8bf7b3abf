import { describe, expect, test } from "vitest";
import type { BatchDetails } from "../../native/contract/contract.ts";
import { batchesOf, machineOn, NOW_MS, sampleBatch, sampleEngine, up } from "../testing/sample-state.ts";
import { initialState, type ShellState } from "./state.ts";
import { type Work, workOf } from "./work.ts";

function work(batches: readonly BatchDetails[], change: Partial<ShellState> = {}): Work {
	const state = { ...initialState, service: up, machine: machineOn("run"), engine: sampleEngine(), ...change };
	return workOf({ ...state, batches: batchesOf(...batches) }, NOW_MS);
}

const ids = (batches: readonly BatchDetails[]) => batches.map(({ id }) => id);

const running = sampleBatch("running");
const waiting = sampleBatch("waiting", { health: { state: "waiting", words: "waiting for its turn" } });
const later = sampleBatch("later", {
	not_before: NOW_MS / 1_000 + 60,
	health: { state: "waiting", words: "not to begin before 03:00" },
});
const lateToo = sampleBatch("late-too", {
	not_before: NOW_MS / 1_000 + 60,
	health: { state: "late", words: "not to begin before 03:00, a day after its window ends" },
});
const rehearsed = sampleBatch("rehearsed", { health: { state: "rehearsed", words: "5 lines rehearsed" } });
const paused = sampleBatch("paused", { pause: { cause: "user", message: "paused by you", at: 1 } });
const stopped = sampleBatch("stopped", { pause: { cause: "budget", message: "its budget is spent", at: 1 } });
const stuck = sampleBatch("stuck", { health: { state: "stuck", words: "stuck: the disk is full" } });

describe("batches", () => {
	test("are sorted by what goes on with them", () => {
		const over = (["failed", "completed", "expired", "cancelled"] as const).map((status) =>
			sampleBatch(status, { status }),
		);
		const cancelling = sampleBatch("cancelling", { status: "cancelling" });
		const told = work([running, later, rehearsed, paused, stopped, stuck, cancelling, ...over]);
		expect(ids(told.open)).toEqual(["running", "later", "rehearsed", "paused", "stopped", "stuck", "cancelling"]);
		expect(ids(told.pending)).toEqual(["running", "later", "stuck", "cancelling"]);
		expect(ids(told.running)).toEqual(["running"]);
		expect(ids(told.paused)).toEqual(["paused", "stopped"]);
		expect(ids(told.troubled)).toEqual(["stopped", "stuck"]);
	});

	test("stand in the order of their making, the newest first", () => {
		const old = sampleBatch("old", { created_at: 1 });
		expect(ids(work([old, running]).open)).toEqual(["running", "old"]);
	});
});

describe("lines run", () => {
	test.each([
		["a batch runs", [running], {}, true],
		["one runs while another needs somebody", [stopped, running], {}, true],
		["nothing was heard of the machine yet", [running], { machine: null }, true],
		["a model is only being loaded", [running], { engine: sampleEngine({ state: "loading" }) }, false],
		["the model is there for the owner alone", [running], { engine: sampleEngine({ usedByBatch: false }) }, false],
		["a request of the owner is being answered", [running], { engine: sampleEngine({}, true) }, false],
		["they are frozen", [running], { machine: machineOn("freeze") }, false],
		["the service is not up", [running], { service: { kind: "starting" } }, false],
		["the only batch is to begin later", [later], {}, false],
	] as const)("when %s: %j", (_when, batches, change, isWorking) => {
		expect(work(batches, change).isWorking).toBe(isWorking);
	});
});

describe("something would be cut off", () => {
	test.each([
		["lines run", [running], {}, true],
		// Frozen lanes hold lines too.
		["they are frozen", [running], { machine: machineOn("freeze") }, true],
		["a model is loaded for them", [running], { engine: sampleEngine({ state: "loading" }) }, true],
		["nothing is known of models yet", [running], { engine: null }, true],
		["nothing is known of the machine yet", [running], { machine: null }, true],
		["a file is checked", [sampleBatch("a", { status: "validating" })], { engine: sampleEngine(null) }, true],
		["results are written", [sampleBatch("a", { status: "finalizing" })], { engine: sampleEngine(null) }, true],
		["a batch is being cancelled", [sampleBatch("a", { status: "cancelling" })], { engine: sampleEngine(null) }, true],
		["batch work had to stop", [running], { machine: machineOn("leave") }, false],
		["the service is not up", [running], { service: { kind: "starting" } }, false],
		["the only batch waits for its turn", [waiting], {}, false],
		["the only batch is to begin later", [later], {}, false],
		["it is to begin later, and too late", [lateToo], { engine: sampleEngine(null) }, false],
		["no model is there for it", [running], { engine: sampleEngine({ usedByBatch: false }) }, false],
		["batches wait for somebody's word", [rehearsed, paused, stopped, stuck], {}, false],
	] as const)("when %s: %j", (_when, batches, change, isBusy) => {
		expect(work(batches, change).isBusy).toBe(isBusy);
	});
});
