import { expect, test } from "vitest";
import { type ActionFacts, actionsOf } from "./job-actions.ts";

const running: ActionFacts = {
	status: "in_progress",
	pause: null,
	is_rehearsal: false,
	health: { state: "on-time", words: "" },
	results_dropped_at: null,
	output_file_id: null,
	error_file_id: null,
	in_progress_at: 1,
	request_counts: { total: 10, completed: 4, failed: 1 },
};
const ended: ActionFacts = {
	...running,
	status: "completed",
	health: { state: "partial", words: "" },
	output_file_id: "file-1",
	error_file_id: "file-2",
	request_counts: { total: 10, completed: 9, failed: 1 },
};

test("a running job can be paused and cancelled, not deleted", () => {
	expect(actionsOf(running, false)).toEqual(["pause", "duplicate", "cancel"]);
});

test("a paused job goes on, a rehearsed one is queued", () => {
	const pause = { cause: "user", message: "Paused by its owner.", at: 1 } as const;
	expect(actionsOf({ ...running, pause }, false)).toEqual(["resume", "duplicate", "cancel"]);
	const health = { state: "rehearsed", words: "" } as const;
	expect(actionsOf({ ...running, is_rehearsal: true, health }, false)).toEqual(["queue", "duplicate", "cancel"]);
});

test("what is being cancelled or written can't be stopped any more", () => {
	expect(actionsOf({ ...running, status: "cancelling" }, false)).toEqual(["duplicate"]);
	expect(actionsOf({ ...running, status: "finalizing" }, false)).toEqual(["duplicate", "cancel"]);
});

test("an ended job gives its files, its failed lines again, and can go", () => {
	expect(actionsOf(ended, false)).toEqual(["results", "errors", "retry", "duplicate", "delete"]);
	const whole = { ...ended, error_file_id: null, request_counts: { total: 10, completed: 10, failed: 0 } };
	expect(actionsOf(whole, false)).toEqual(["results", "duplicate", "delete"]);
});

test("a refused file and removed results have nothing to run again", () => {
	const refused: ActionFacts = {
		...ended,
		status: "failed",
		in_progress_at: null,
		output_file_id: null,
		error_file_id: null,
	};
	expect(actionsOf(refused, false)).toEqual(["duplicate", "delete"]);
	expect(actionsOf({ ...ended, results_dropped_at: 5 }, false)).toEqual(["duplicate", "delete"]);
});

test("machines are chosen while a job is open, where there is a choice of them", () => {
	expect(actionsOf(running, true)).toEqual(["pause", "machines", "duplicate", "cancel"]);
	expect(actionsOf(ended, true)).not.toContain("machines");
	expect(actionsOf({ ...running, status: "cancelling" }, true)).not.toContain("machines");
});
