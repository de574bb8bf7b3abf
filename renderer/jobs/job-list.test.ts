import { expect, test } from "vitest";
import { chooseJobs, doneFraction, nameOf, rateNow, rateWords, savedName } from "./job-list.ts";

const jobs = [
	{ id: "batch_1", status: "in_progress", input_filename: "Tickets May.jsonl" },
	{ id: "batch_2", status: "completed", input_filename: "tickets june.csv" },
	{ id: "batch_3", status: "cancelling", input_filename: null },
] as const;
const chosen = (filter: "all" | "open" | "ended", search = ""): string[] =>
	chooseJobs(jobs, { filter, search }).map(({ id }) => id);

test("a job goes by its file's name, and by its id once that is gone", () => {
	expect(jobs.map(nameOf)).toEqual(["Tickets May.jsonl", "tickets june.csv", "batch_3"]);
});

test("what a job answered is saved under the name of what was asked", () => {
	expect(savedName(jobs[0], "results")).toBe("Tickets May-results");
	expect(savedName({ id: "batch_4", input_filename: "a.b.jsonl" }, "errors")).toBe("a.b-errors");
	expect(savedName(jobs[1], "results")).toBe("tickets june-results");
	expect(savedName(jobs[2], "results")).toBe("batch_3-results");
});

test("open jobs are those to which something still happens by itself", () => {
	expect(chosen("all")).toEqual(["batch_1", "batch_2", "batch_3"]);
	expect(chosen("open")).toEqual(["batch_1", "batch_3"]);
	expect(chosen("ended")).toEqual(["batch_2"]);
});

test("a search takes every word, in any order and case, of name or id", () => {
	expect(chosen("all", "MAY tick")).toEqual(["batch_1"]);
	expect(chosen("all", "batch_3")).toEqual(["batch_3"]);
	expect(chosen("ended", "may")).toEqual([]);
});

test("nobody knows how far a batch is before its lines are counted", () => {
	expect(doneFraction({ request_counts: { total: 0, completed: 0, failed: 0 } })).toBeNull();
	expect(doneFraction({ request_counts: { total: 8, completed: 1, failed: 1 } })).toBe(0.25);
});

test("the rate now is that of the last minute, however unevenly it was told", () => {
	const points = [
		{ atMs: 0, doneLines: 0 },
		{ atMs: 100_000, doneLines: 5_000 },
		{ atMs: 101_000, doneLines: 5_010 },
		{ atMs: 150_000, doneLines: 5_100 },
	];
	expect(rateNow(points)).toBe(2);
	expect(rateNow([])).toBeNull();
	expect(rateNow(points.slice(0, 1))).toBeNull();
});

test("lines that a retry takes back make no rate below nothing", () => {
	const points = [
		{ atMs: 0, doneLines: 100 },
		{ atMs: 1_000, doneLines: 60 },
		{ atMs: 2_000, doneLines: 70 },
	];
	expect(rateNow(points)).toBe(5);
});

test("a slow rate is told by the minute", () => {
	expect(rateWords(0.1)).toMatch(/^6[.,]0 lines\/min$/);
	expect(rateWords(12)).toMatch(/^12[.,]0 lines\/s$/);
});
