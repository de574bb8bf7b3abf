import { expect, test } from "vitest";
import { afterEnd, freshHistory, type RestartDecision, type RunEnd } from "./restart-policy.ts";

const MINUTE_MS = 60_000;

/** Ends one after the other, each at a moment; answers what was decided about each. */
function decisions(ends: readonly (readonly [atMs: number, end: RunEnd])[]): readonly RestartDecision[] {
	let history = freshHistory;
	return ends.map(([atMs, end]) => {
		const next = afterEnd(history, end, atMs);
		history = next.history;
		return next.decision;
	});
}

function crash(upMs: number | null): RunEnd {
	return { kind: "crashed", upMs, detail: "It was ended by SIGKILL." };
}

const restart = (attempt: number, delayMs: number) => ({ kind: "restart", attempt, delayMs });

test("three ends within a minute are put up with, each with twice the pause; the fourth is a matter for people", () => {
	expect(decisions([0, 5_000, 20_000, 59_000].map((atMs) => [atMs, crash(1_000)]))).toEqual([
		restart(1, 250),
		restart(2, 500),
		restart(3, 1_000),
		{
			kind: "give-up",
			message:
				"Nightshift's service ended 4 times within a minute and is not started again by itself. It was ended by SIGKILL.",
		},
	]);
});

test("an end a minute ago counts no more", () => {
	const decided = decisions([0, 20_000, 40_000, MINUTE_MS].map((atMs) => [atMs, crash(1_000)]));
	expect(decided.at(-1)).toEqual(restart(4, 2_000));
});

test("pauses grow to half a minute and no further, as long as it is never up for a while", () => {
	const ends = Array.from({ length: 10 }, (_, index) => [index * 50_000, crash(15_000)] as const);
	const pauses = decisions(ends).map((decision) => decision.kind === "restart" && decision.delayMs);
	expect(pauses).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
});

test("a service that was up for a minute begins anew", () => {
	const ends = [
		[0, crash(1_000)],
		[5_000, crash(1_000)],
		[5_000 + MINUTE_MS, crash(MINUTE_MS)],
	] as const;
	expect(decisions(ends)).toEqual([restart(1, 250), restart(2, 500), restart(1, 250)]);
});

test("a service that never gets ready is given up after four attempts, however long each takes", () => {
	const never: RunEnd = { kind: "refused", failure: "transient", message: "The file could not be written (ENOSPC)." };
	const ends = [
		[0, crash(null)],
		[2 * MINUTE_MS, crash(null)],
		[4 * MINUTE_MS, crash(null)],
		[6 * MINUTE_MS, never],
	] as const;
	expect(decisions(ends).slice(2)).toEqual([
		restart(3, 1_000),
		{
			kind: "give-up",
			message:
				"Nightshift's service did not start in 4 attempts and is not tried again by itself. The file could not be written (ENOSPC).",
		},
	]);
	const oneReady = decisions([...ends.slice(0, 3), [6 * MINUTE_MS, crash(100)], [8 * MINUTE_MS, crash(null)]]);
	expect(oneReady.map(({ kind }) => kind)).toEqual(Array(5).fill("restart"));
});

test("a data folder that can't be used is a matter for people at once, in the service's own words", () => {
	for (const failure of ["data-folder-in-use", "data-folder-unusable"] as const) {
		const refused: RunEnd = { kind: "refused", failure, message: `It is ${failure}.` };
		expect(decisions([[0, refused]])).toEqual([{ kind: "give-up", message: `It is ${failure}.` }]);
	}
});
