import { describe, expect, it } from "vitest";
import { initialState, type ShellState } from "../state/state.ts";
import { NOW_MS, sampleBatch, sampleEngine, sampleMachine } from "../state/testing.ts";
import { trayLookOf } from "./tray-look.ts";

const none = { line: null, actions: [] };

function stateWith(...batches: ReturnType<typeof sampleBatch>[]): ShellState {
	return {
		...initialState,
		service: { kind: "up", url: "http://127.0.0.1:22007", version: "1.0.0" },
		batches: new Map(batches.map((batch) => [batch.id, batch])),
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
});
