import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createGate, type Gate } from "./gate.ts";
import { LONGEST_REST_MS, restMs } from "./rest.ts";

const STEP_MS = 10;
/** A clock that only the tests move. */
let nowMs = 0;
const clock = { nowMs: () => nowMs, monotonicMs: () => nowMs };

beforeEach(() => {
	nowMs = 0;
	vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterEach(() => {
	vi.useRealTimers();
});

/** Everything due has run. */
async function settled(): Promise<void> {
	for (let round = 0; round < 10; round++) await new Promise((resolve) => setImmediate(resolve));
}

async function pass(ms: number): Promise<void> {
	for (let passed = 0; passed < ms; passed++) {
		nowMs++;
		vi.advanceTimersByTime(1);
		await settled();
	}
}

/** Batch work that always has a next step; tells when each began. */
async function work(gate: Gate): Promise<readonly number[]> {
	const begunMs: number[] = [];
	const run = async (): Promise<void> => {
		for (;;) {
			await gate.turn("batch", async () => {
				begunMs.push(nowMs);
				await new Promise((resolve) => setTimeout(resolve, STEP_MS));
				return 1;
			});
		}
	};
	void run();
	await settled();
	return begunMs;
}

describe("a rest", () => {
	it("is as long as makes the step its share of both, and never too long", () => {
		expect([1, 0.5, 0.25, 0.05].map((fraction) => restMs(100, fraction))).toEqual([0, 100, 300, 1_900]);
		fc.assert(
			fc.property(fc.nat(100_000), fc.double({ min: 0.01, max: 1, noNaN: true }), (stepMs, fraction) => {
				const rest = restMs(stepMs, fraction);
				expect(rest).toBeGreaterThanOrEqual(0);
				expect(rest).toBeLessThanOrEqual(LONGEST_REST_MS);
				if (rest < LONGEST_REST_MS) expect(stepMs / (stepMs + rest || 1)).toBeLessThanOrEqual(fraction + 1e-9);
			}),
		);
	});
});

describe("batch work with a share of the time", () => {
	it("rests after each step, and takes all of it again when it may", async () => {
		const gate = createGate(clock);
		gate.setBatchShare(0.25);
		const begunMs = await work(gate);
		await pass(100);
		expect(begunMs).toEqual([0, 40, 80]);
		gate.setBatchShare(1);
		await settled();
		expect(begunMs.at(-1)).toBe(100);
		await pass(20);
		expect(begunMs.slice(-3)).toEqual([100, 110, 120]);
	});

	it("is held to a smaller one within the rest under way", async () => {
		const gate = createGate(clock);
		gate.setBatchShare(0.5);
		const begunMs = await work(gate);
		await pass(15);
		gate.setBatchShare(0.1);
		await pass(100);
		expect(begunMs).toEqual([0, 100]);
	});

	it("holds up neither live work, whose coming ends the rest, nor the closing of the gate", async () => {
		const gate = createGate(clock);
		gate.setBatchShare(0.05);
		const begunMs = await work(gate);
		await pass(15);
		let liveMs: number | null = null;
		await gate.turn("interactive", async () => {
			liveMs = nowMs;
			return 1;
		});
		expect(liveMs).toBe(15);
		await settled();
		expect(begunMs).toEqual([0, 15]);
		await pass(20);
		expect(await gate.close(nowMs)).toMatchObject({ batchSteps: 0 });
		await pass(1_000);
		gate.open();
		await settled();
		expect(begunMs).toEqual([0, 15, 1_035]);
	});

	it("lets go at once of who no longer wants a turn", async () => {
		const gate = createGate(clock);
		gate.setBatchShare(0.05);
		await gate.turn("batch", async () => {
			nowMs += 50;
			return 1;
		});
		const controller = new AbortController();
		const waiting = gate.turn("batch", async () => 1, controller.signal);
		controller.abort();
		expect(await waiting).toBe(false);
		expect(vi.getTimerCount()).toBe(0);
	});
});
