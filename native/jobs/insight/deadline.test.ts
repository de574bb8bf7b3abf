import fc from "fast-check";
import { expect, test } from "vitest";
import { estimateWithin, exactly } from "../../base/base.ts";
import type { BatchRecord } from "../../ledger/ledger.ts";
import { sampleManifest } from "../../ledger/testing/manifest.ts";
import type { WorkForecast } from "../jobs.ts";
import { sampleBatch } from "../testing.ts";
import { deadlineWarning } from "./deadline.ts";

const HOUR_MS = 3_600_000;
const nowMs = 1_000 * HOUR_MS;
const expiresAtMs = nowMs + 10 * HOUR_MS;
const facts = { nowMs, formatTime: (seconds: number) => `hour ${seconds / 3_600 - 1_000}` };
const warned = { warning: { message: "late", atMs: nowMs - HOUR_MS } };

function batchWith(changes: Partial<BatchRecord> = {}): BatchRecord {
	return sampleBatch("one", { expiresAtMs, ...changes });
}

function finishingIn(hours: number): WorkForecast {
	return {
		lines_left: 10,
		lines_done: 0,
		input_tokens_per_line: exactly(1),
		output_tokens_per_line: exactly(1),
		input_tokens: exactly(10),
		output_tokens: exactly(10),
		tokens_per_second: exactly(1),
		speed_from: "running",
		seconds: estimateWithin(hours * 3_600, 0.1),
		finish_at: exactly((nowMs + hours * HOUR_MS) / 1_000),
		deadline_at: expiresAtMs / 1_000,
		misses_deadline: nowMs + hours * HOUR_MS > expiresAtMs,
	};
}

test("warns hours before, with both times, how late it is, and what helps", () => {
	const decision = deadlineWarning(batchWith(), finishingIn(12.5), facts);
	if (decision.kind !== "set") throw new Error(`It was ${decision.kind}.`);
	expect(decision.message).toContain("ready about hour 12.5, 2 h 30 min after its window ends (hour 10)");
	expect(decision.message).toMatch(/"soon".*fewer lines.*longer window/);
	const soon = batchWith({ manifest: sampleManifest({ priority: "soon" }) });
	expect(deadlineWarning(soon, finishingIn(12.5), facts)).not.toHaveProperty(
		"message",
		expect.stringContaining('"soon"'),
	);
});

test("says nothing of a batch that is in time, nor without facts, nor once it has ended, is held or is past its end", () => {
	expect(deadlineWarning(batchWith(), finishingIn(9.9), facts)).toEqual({ kind: "keep" });
	expect(deadlineWarning(batchWith(), null, facts)).toEqual({ kind: "keep" });
	expect(deadlineWarning(batchWith({ status: "completed" }), finishingIn(20), facts)).toEqual({ kind: "keep" });
	expect(deadlineWarning(batchWith({ isHeld: true }), finishingIn(20), facts)).toEqual({ kind: "keep" });
	const late = { ...facts, nowMs: expiresAtMs };
	expect(deadlineWarning(batchWith(warned), finishingIn(1), late)).toEqual({ kind: "keep" });
});

test("does not warn twice, and lifts the warning only with room to spare", () => {
	const decide = (hours: number) => deadlineWarning(batchWith(warned), finishingIn(hours), facts).kind;
	expect([12, 10.1, 10, 9.6, 9.5, 3].map(decide)).toEqual(["keep", "keep", "keep", "keep", "lift", "lift"]);
	expect(deadlineWarning(batchWith(warned), null, facts).kind).toBe("keep");
});

test("a forecast that wavers by less than 5 % of the time left gives one warning at most", () => {
	const wavering = fc.array(fc.double({ min: 9.51, max: 10.4, noNaN: true }), { maxLength: 30 });
	fc.assert(
		fc.property(wavering, (hours) => {
			let batch = batchWith();
			const changes = hours.filter((hour) => {
				const decision = deadlineWarning(batch, finishingIn(hour), facts);
				if (decision.kind === "set") batch = batchWith(warned);
				if (decision.kind === "lift") batch = batchWith();
				return decision.kind !== "keep";
			});
			expect(changes.length).toBeLessThanOrEqual(1);
		}),
	);
});
