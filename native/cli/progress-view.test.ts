import { expect, test } from "vitest";
import type { BatchProgress } from "../jobs/jobs.ts";
import { sampleBatch } from "../jobs/testing.ts";
import { createProgressView, describeProgress } from "./progress-view.ts";

function progress(completed: number, changes: Partial<BatchProgress> = {}): BatchProgress {
	return {
		batch: sampleBatch("b", { total: 1_000, completed }),
		isInHand: true,
		linesPerSecond: 37.25,
		tokensPerSecond: 1_210.4,
		secondsLeft: (1_000 - completed) / 37.25,
		activity: "working",
		trouble: null,
		...changes,
	};
}

test("says done of total, speeds and time left", () => {
	expect(describeProgress(progress(412))).toBe("412/1,000 lines, 37.3 lines/s, 1,210 tokens/s, 16 s left");
});

test("says what it waits for when nothing moves", () => {
	const waiting = progress(0, { linesPerSecond: 0, secondsLeft: null, activity: "loading demo" });
	expect(describeProgress(waiting)).toBe("0/1,000 lines, loading demo");
	const validating = progress(0, {
		batch: sampleBatch("b", { status: "validating" }),
		activity: "checking every line",
	});
	expect(describeProgress(validating)).toBe("checking every line");
});

test("on a terminal one line is drawn over and fits its width", () => {
	const written: string[] = [];
	const stream = { isTTY: true, columns: 40, write: (text: string) => written.push(text) };
	const view = createProgressView(stream, { nowMs: () => 0, monotonicMs: () => 0 });
	view.update(progress(500));
	view.update(progress(501));
	view.note("a line that stays");
	view.update(progress(502));
	view.end();
	expect(written).toHaveLength(5);
	expect(written[2]).toBe("\r\u001b[2Ka line that stays\n");
	for (const line of [written[0], written[1], written[3]]) {
		if (line === undefined) throw new Error("five writes were counted");
		expect(line.startsWith("\r")).toBe(true);
		expect(line.replace("\r\u001b[2K", "").length).toBeLessThan(40);
		expect(line).not.toContain("\n");
	}
});

test("elsewhere plain lines come now and then, and always the last one", () => {
	const written: string[] = [];
	let nowMs = 0;
	const view = createProgressView(
		{ write: (text: string) => written.push(text) },
		{ nowMs: () => 0, monotonicMs: () => nowMs },
	);
	for (const completed of [1, 2, 3]) view.update(progress(completed));
	nowMs += 10_000;
	view.update(progress(4));
	view.update(progress(1_000));
	expect(written.map((line) => line.split("/")[0])).toEqual(["1", "4", "1,000"]);
	expect(written.every((line) => line.endsWith("\n"))).toBe(true);
});
