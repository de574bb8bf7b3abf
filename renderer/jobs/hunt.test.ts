import { expect, test } from "vitest";
import type { BatchLine } from "../../native/contract/contract.ts";
import { offline } from "../api/client.ts";
import {
	ENOUGH_LINES,
	failHunt,
	freshHunt,
	goOnHunting,
	huntPath,
	isHunt,
	MOST_FOUND,
	stopHunt,
	takeFound,
} from "./hunt.ts";

const found = (count: number, from = 0): BatchLine[] =>
	Array.from({ length: count }, (_, index) => ({
		line: from + index,
		custom_id: `line-${from + index}`,
		state: "failed" as const,
		asked: "?",
		answered: "no",
		error_code: null,
	}));
const answer = (count: number, next: number | null) => ({
	total: 1_000_000,
	data: found(count),
	next_from: next,
	notice: null,
});

test("it goes on from where the service says until all lines were looked at", () => {
	const first = takeFound(freshHunt, answer(3, 2_000));
	expect(first).toMatchObject({ state: "running", next: 2_000 });
	expect(takeFound(first, answer(1, null))).toMatchObject({ state: "over", found: { length: 4 } });
});

test("answers that find nothing do not end it", () => {
	expect(takeFound(freshHunt, answer(0, 90_000))).toMatchObject({ state: "running", next: 90_000 });
});

test("it rests when it has some screens, and goes on for some more", () => {
	const rests = takeFound(freshHunt, answer(ENOUGH_LINES, 500));
	expect(rests.state).toBe("resting");
	const goesOn = goOnHunting(rests);
	expect(goesOn.state).toBe("running");
	expect(takeFound(goesOn, answer(ENOUGH_LINES - 1, 800)).state).toBe("running");
	expect(takeFound(goesOn, answer(ENOUGH_LINES, 800)).state).toBe("resting");
});

test("what arrives after somebody stopped it is kept, and it stays stopped", () => {
	const late = takeFound(stopHunt(freshHunt), answer(2, 700));
	expect(late).toMatchObject({ state: "stopped", next: 700, found: { length: 2 } });
	expect(goOnHunting(late)).toMatchObject({ state: "running", next: 700 });
});

test("it holds no more than its limit and does not go on then", () => {
	const full = takeFound(goOnHunting(freshHunt), answer(MOST_FOUND, 20_000));
	expect(full.state).toBe("full");
	expect(goOnHunting(full)).toBe(full);
});

test("a call that came to nothing keeps what was found, and trying again goes on there", () => {
	const failed = failHunt(takeFound(freshHunt, answer(2, 700)), offline);
	expect(failed).toMatchObject({ state: "failed", error: offline, found: { length: 2 } });
	expect(goOnHunting(failed)).toMatchObject({ state: "running", next: 700, error: null });
});

test("a filter or a text is a hunt, blanks alone are none", () => {
	expect(isHunt({ only: "all", search: "  " })).toBe(false);
	expect(isHunt({ only: "failed", search: "" })).toBe(true);
	expect(isHunt({ only: "all", search: "refund" })).toBe(true);
});

test("the call carries the text as it is, whatever signs are in it", () => {
	const path = huntPath("batch_1", { only: "failed", search: "50 % & more" }, 100);
	const { pathname, searchParams } = new URL(path, "http://page");
	expect(pathname).toBe("/api/batches/batch_1/lines");
	expect(Object.fromEntries(searchParams)).toEqual({
		from: "100",
		limit: "200",
		only: "failed",
		search: "50 % & more",
	});
});
