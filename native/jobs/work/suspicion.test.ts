import { expect, test } from "vitest";
import { sampleLine } from "../testing.ts";
import { createSuspicion, type ProcessDeath } from "./suspicion.ts";

const crashed: ProcessDeath = { cause: "crashed", started: true };
const killed: ProcessDeath = { cause: "killed", started: true };

/** Judges one line again and again, counting its crashes as the ledger does. */
function judging(policy: { most_crashes?: number; retry_backoff_ms?: number } = {}) {
	const suspicion = createSuspicion({ most_crashes: 2, retry_backoff_ms: 1_000, ...policy });
	let crashes = 0;
	return {
		suspicion,
		judge: (death: ProcessDeath, line = 1) => suspicion.judge(sampleLine(line), death, async () => ++crashes),
	};
}

test("pauses double with each death a line was in, up to five minutes", async () => {
	const { judge } = judging({ most_crashes: 20, retry_backoff_ms: 60_000 });
	const waits: number[] = [];
	for (let death = 0; death < 5; death++) {
		const verdict = await judge(crashed);
		if (verdict.kind !== "guilty") waits.push(verdict.waitMs);
	}
	expect(waits).toEqual([60_000, 120_000, 240_000, 300_000, 300_000]);
});

test("a line waits by its own deaths, not by those of others", async () => {
	const { judge } = judging();
	await judge(killed, 1);
	await judge(killed, 1);
	expect(await judge(killed, 2)).toEqual({ kind: "innocent", waitMs: 1_000 });
});

test("a line that had not begun runs again at once", async () => {
	const { judge } = judging();
	expect(await judge({ cause: "crashed", started: false })).toEqual({ kind: "innocent", waitMs: 0 });
});

test("a line is guilty after as many crashes as its batch puts up with", async () => {
	const { judge } = judging({ most_crashes: 3 });
	expect(await judge(crashed)).toMatchObject({ kind: "suspect" });
	expect(await judge(crashed)).toMatchObject({ kind: "suspect" });
	expect(await judge(crashed)).toEqual({ kind: "guilty" });
});

test("what has its result is forgotten", async () => {
	const { judge, suspicion } = judging();
	await judge(killed);
	await judge(killed);
	suspicion.forget(1);
	expect(await judge(killed)).toEqual({ kind: "innocent", waitMs: 1_000 });
});
