import { expect, test } from "vitest";
import type { BatchLine } from "../../native/contract/contract.ts";
import { groupFailures } from "./failures.ts";

const line = (number: number, code: string | null, state: BatchLine["state"] = "failed"): BatchLine => ({
	line: number,
	custom_id: `line-${number}`,
	state,
	asked: "?",
	answered: `message of ${number}`,
	error_code: code,
});

test("lines are counted by reason, the most frequent first, with the first message and lines", () => {
	const lines = [line(1, "too_long"), line(4, null), ...[5, 6, 7, 8, 9, 10].map((number) => line(number, "timeout"))];
	expect(groupFailures(lines)).toEqual([
		{ code: "timeout", count: 6, message: "message of 5", lines: [5, 6, 7, 8, 9] },
		{ code: "too_long", count: 1, message: "message of 1", lines: [1] },
		{ code: null, count: 1, message: "message of 4", lines: [4] },
	]);
});

test("lines that did not fail are no failures", () => {
	expect(groupFailures([line(1, null, "answered"), line(2, null, "open")])).toEqual([]);
});
