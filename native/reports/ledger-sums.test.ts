import { afterEach, beforeEach, expect, test } from "vitest";
import { settingsSchema } from "../contract/contract.ts";
import { makeBatch, resultOf } from "../ledger/testing/fixtures.ts";
import { type SqliteUnderTest, sqliteUnderTest } from "../ledger/testing/sqlite.ts";
import { createReports } from "./create-reports.ts";
import { createWorkTotals } from "./work-totals.ts";

let given: SqliteUnderTest;
beforeEach(async () => {
	given = await sqliteUnderTest();
});
afterEach(async () => {
	await given.dispose();
});

const HOUR_MS = 3_600_000;

test("what was committed to a real ledger is what the report and the totals say", async () => {
	const { ledger, clock } = given;
	const totals = createWorkTotals(ledger, clock.nowMs());
	const reports = createReports({
		ledger,
		jobs: { forecast: () => null, health: () => ({ state: "done-uncollected", words: "done" }) },
		power: { reading: { watts: 65, isMeasured: false, basis: "65 W estimated" } },
		stepAside: { yields: [] },
		settings: { current: settingsSchema.parse({}) },
		prices: { current: { prices: [], asOf: "2026-10-07" } },
		clock,
	});
	const id = await makeBatch(ledger, 30);
	// Well inside a night, whatever the time zone and day of the ledger's clock.
	clock.advance(nightBegins(clock.nowMs()) - clock.nowMs() + HOUR_MS);
	const fromMs = clock.nowMs();
	const results = Array.from({ length: 30 }, (_, line) => {
		const result = resultOf(line, "answer", line % 10 === 0);
		return { ...result, provenance: { ...result.provenance, attempts: line === 5 ? 3 : 1, producedAtMs: fromMs } };
	});
	await ledger.commit(id, results.slice(0, 12));
	clock.advance(5 * 60_000);
	await ledger.commit(id, results.slice(10));
	clock.advance(HOUR_MS);
	await ledger.recordStint({
		batchId: id,
		machine: "test",
		fromMs,
		toMs: fromMs + HOUR_MS,
		wattHours: 80,
		isMeasured: false,
	});
	const output = await ledger.storeWhole(bytesOfText("{}\n"));
	if (!output.ok) throw new Error(output.error.kind);
	await ledger.seal(id, { status: "completed", output: output.value, errors: null, extension: "jsonl" });
	clock.advance(60_000);

	const sum = (pick: (result: (typeof results)[number]) => number) =>
		results.reduce((total, result) => total + pick(result), 0);
	const tokens = {
		input: sum(({ provenance }) => provenance.promptTokens),
		output: sum(({ provenance }) => provenance.completionTokens),
	};
	const report = reports.lastNight();
	expect(report).toMatchObject({
		lines: 30,
		failed: 3,
		retries: 2,
		input_tokens: tokens.input,
		output_tokens: tokens.output,
		worked_seconds: 3_600,
		energy: { kilowatt_hours: 0.08, is_measured: false, basis: "65 W estimated" },
		uncollected: [{ id, filename: "input.jsonl" }],
	});
	expect(report.batches).toMatchObject([
		{ id, filename: "input.jsonl", status: "completed", model: "demo", lines: 30, failed: 3, total: 30, completed: 27 },
	]);
	expect(totals.upTo(clock.nowMs())).toEqual({
		completed: 27,
		failed: 3,
		retries: 2,
		inputTokens: tokens.input,
		outputTokens: tokens.output,
		workedMs: HOUR_MS,
		wattHours: 80,
	});
	await ledger.markCollected(id);
	expect(reports.lastNight().uncollected).toEqual([]);
});

/** Ten in the evening of the day after, in local time. */
function nightBegins(nowMs: number): number {
	const at = new Date(nowMs);
	at.setDate(at.getDate() + 1);
	at.setHours(22, 0, 0, 0);
	return at.getTime();
}

async function* bytesOfText(text: string) {
	yield Buffer.from(text);
}
