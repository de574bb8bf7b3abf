import { describe, expect, it } from "vitest";
import { initialState, type ShellState } from "../state/state.ts";
import {
	batchesOf,
	NOW_MS,
	sampleBatch,
	sampleEngine,
	sampleMachine,
	sampleMesh,
	up,
} from "../testing/sample-state.ts";
import { statusLine } from "./look.ts";
import { trayLookOf } from "./tray-look.ts";

const none = { update: { line: null, actions: [] }, isFirewallOffered: false };

function stateWith(...batches: ReturnType<typeof sampleBatch>[]): ShellState {
	return {
		...initialState,
		service: up,
		batches: batchesOf(...batches),
		machine: sampleMachine(),
		engine: sampleEngine({}),
	};
}

describe("what the tray shows of a state", () => {
	it("is the work at hand, by the names of its files", () => {
		const look = trayLookOf(stateWith(sampleBatch("batch_1"), sampleBatch("batch_2")), none, NOW_MS);
		expect(look.kind).toBe("working");
		expect(look.batches.map(({ id }) => id).toSorted()).toEqual(["batch_1", "batch_2"]);
		expect(look.progress?.fraction).toBeGreaterThanOrEqual(0);
		expect(look.canTryAgain).toBe(false);
	});

	it("is what is done before the first line runs, and what waits for its time", () => {
		const loading = { ...stateWith(sampleBatch("a")), engine: sampleEngine({ state: "loading" }) };
		expect(statusLine(trayLookOf(loading, none, NOW_MS))).toBe("Nightshift: starting, loading demo");
		const later = stateWith(sampleBatch("a", { not_before: NOW_MS / 1_000 + 60 }));
		expect(statusLine(trayLookOf(later, none, NOW_MS))).toBe("Nightshift: nothing to do, 1 batch waiting");
	});

	it("is a way to start a service again that was given up, and why it was", () => {
		const state: ShellState = { ...initialState, service: { kind: "given-up", message: "It ended four times." } };
		expect(trayLookOf(state, none, NOW_MS)).toMatchObject({
			kind: "down",
			canTryAgain: true,
			reason: "It ended four times.",
			batches: [],
		});
	});

	it("is the owner's word as the service has it", () => {
		const state = stateWith(sampleBatch("batch_1"));
		const machine = sampleMachine();
		const paused = { ...state, machine: { ...machine, rest: { isPaused: true, snoozedUntilMs: null } } };
		expect(trayLookOf(paused, none, NOW_MS)).toMatchObject({ kind: "paused", rest: { isPaused: true } });
	});

	it("is what is offered beside it: a newer version, and a way in for other machines", () => {
		const update = { line: "Version 1.2.0 is ready", actions: [] };
		const look = trayLookOf(stateWith(), { update, isFirewallOffered: true }, NOW_MS);
		expect(look).toMatchObject({ update, isFirewallOffered: true });
	});

	it("counts the machines that are there and work, where there is more than one", () => {
		const look = (mesh: ShellState["mesh"]) => trayLookOf({ ...stateWith(), mesh }, none, NOW_MS).machines;
		// What one that is gone said last is no work of now.
		expect(look(sampleMesh("idle", "working", "resting", "gone"))).toEqual({ online: 3, working: 1 });
		expect(look(sampleMesh("working"))).toBeNull();
		expect(look({ ...sampleMesh("idle", "idle"), is_on: false })).toBeNull();
		expect(look(null)).toBeNull();
	});
});
