import { expect, test } from "vitest";
import { silentLog } from "../../base/base.ts";
import { sampleBatch } from "../testing.ts";
import { forecastBatch } from "./forecast.ts";
import { createLookout } from "./lookout.ts";

/** A batch with a tenth of its lines done, at ten tokens a second. */
const batch = sampleBatch("a", {
	total: 1_000,
	completed: 100,
	usage: { inputTokens: 1_000, cachedTokens: 0, outputTokens: 9_000, reasoningTokens: 0 },
});

function lookoutAt(warn: (batchId: string, message: string | null) => Promise<void> = async () => {}) {
	let nowMs = 10_000;
	const warned: (string | null)[] = [];
	const lookout = createLookout({
		ledger: {
			async warn(batchId, message) {
				warned.push(message);
				await warn(batchId, message);
				return batch;
			},
		},
		insight: {
			forecast: (one) =>
				forecastBatch(one, {
					nowMs,
					permittedAtMs: null,
					running: null,
					history: { tokensPerSecond: 10, workedMs: 3_600_000 },
					sample: [],
					lanes: null,
				}),
			formatTime: (seconds) => `at ${seconds}`,
		},
		clock: { nowMs: () => nowMs, monotonicMs: () => nowMs },
		log: silentLog,
	});
	return { lookout, warned, pass: (ms: number) => (nowMs += ms) };
}

test("each minute batches that won't be done in time are warned of, held ones and ended ones never", async () => {
	const { lookout, warned, pass } = lookoutAt();
	const late = { ...batch, expiresAtMs: 1_000_000 };
	await lookout.look([late, { ...late, id: "held", isHeld: true }, { ...late, id: "over", status: "completed" }]);
	expect(warned).toHaveLength(1);
	expect(lookout.slackMs().get("a")).toBeLessThan(0);
	expect(lookout.slackMs().size).toBe(1);
	await lookout.look([late]);
	expect(warned).toHaveLength(1);
	pass(60_000);
	await lookout.look([{ ...late, expiresAtMs: 1e9, warning: { message: "late", atMs: 1 } }]);
	expect(warned[1]).toBeNull();
	expect(lookout.slackMs().get("a")).toBeGreaterThan(0);
});

test("a disk that can't take a warning holds nothing up, and it is tried again", async () => {
	const { lookout, warned, pass } = lookoutAt(async () => {
		throw new Error("no space left");
	});
	const late = { ...batch, expiresAtMs: 1_000_000 };
	await lookout.look([late]);
	pass(60_000);
	await lookout.look([late]);
	expect(warned).toHaveLength(2);
});
