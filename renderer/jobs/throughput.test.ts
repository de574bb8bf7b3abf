import { expect, test } from "vitest";
import type { WorkMinuteObject, Yield } from "../../native/contract/contract.ts";
import { bandsOf, composeThroughput, tableOf, yieldsDuring } from "./throughput.ts";

const minute = (at: number, lines: number, failed = 0, machine = "one"): WorkMinuteObject => ({
	at,
	machine,
	lines,
	failed,
	input_tokens: 0,
	output_tokens: 0,
});
const aside = (number: number, atSeconds: number, seconds: number): Yield => ({
	number,
	cause: { kind: "request", endpoint: "/v1/chat/completions", client: null },
	requests: 1,
	arrivedAtMs: atSeconds * 1_000,
	handBackMs: 10,
	freedBytes: null,
	batchSteps: 0,
	batchTokens: 0,
	frozenLanes: 1,
	frozenMs: seconds * 1_000,
	recomputedTokens: 0,
});

test("machines are summed, failed lines stand apart, and rests are minutes with nothing done", () => {
	const { at, answered, failed } = composeThroughput([minute(600, 10, 2), minute(600, 5, 0, "other"), minute(780, 4)]);
	expect(at).toEqual([540, 600, 660, 720, 780, 840]);
	expect(answered).toEqual([0, 13, 0, 0, 4, 0]);
	expect(failed).toEqual([0, 2, 0, 0, 0, 0]);
});

test("a job that has not worked has an empty chart", () => {
	const nothing = composeThroughput([]);
	expect(nothing.at).toEqual([]);
	expect(bandsOf([aside(1, 0, 10)], nothing)).toEqual([]);
	expect(tableOf(nothing)).toEqual([]);
});

test("times of stepping aside are cut to the chart, joined where they touch, and left out beyond it", () => {
	const chart = { at: [540, 600, 660] };
	const yields = [aside(3, 610, 20), aside(1, 500, 50), aside(2, 600, 15), aside(4, 900, 5)];
	expect(bandsOf(yields, chart)).toEqual([
		{ from: 540, to: 550 },
		{ from: 600, to: 630 },
	]);
	expect(yieldsDuring(yields, chart).map((one) => one.number)).toEqual([1, 2, 3]);
});

test("a band within a longer one does not cut it short", () => {
	expect(bandsOf([aside(1, 545, 60), aside(2, 550, 5)], { at: [540, 660] })).toEqual([{ from: 545, to: 605 }]);
});

test("the table of a long night has few rows, sums all its lines and leaves out the rests", () => {
	const minutes = Array.from({ length: 600 }, (_, index) =>
		minute(index * 60, index < 300 ? 2 : 0, index < 300 ? 1 : 0),
	);
	const rows = tableOf(composeThroughput(minutes));
	expect(rows.length).toBeLessThanOrEqual(48);
	expect(rows.reduce((sum, row) => sum + row.answered, 0)).toBe(300);
	expect(rows.reduce((sum, row) => sum + row.failed, 0)).toBe(300);
	expect(rows.every((row) => row.answered + row.failed > 0)).toBe(true);
});
