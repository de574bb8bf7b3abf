import { expect, test } from "vitest";
import type { BatchDetails } from "../../native/contract/contract.ts";
import { batch } from "../drop/testing.ts";
import { applyBatches, type BatchesState, noBatches } from "../state/batches.ts";
import { workingOn } from "./working-on.ts";

const SECOND_MS = 1_000;

/** A batch of which so many lines were done at moments a second apart, from 0 on. */
function progress(state: BatchesState, id: string, done: readonly number[], different: Partial<BatchDetails> = {}) {
	return done.reduce((before, completed, at) => {
		const changed = [batch(id, { ...different, request_counts: { total: 10, completed, failed: 0 } })];
		return applyBatches(before, { changed, gone: [] }, at * SECOND_MS);
	}, state);
}

test("the batch whose lines came in last is the one that is worked on", () => {
	const state = progress(progress(noBatches, "a", [0, 1]), "b", [0, 1, 2]);
	expect(workingOn(state, 3 * SECOND_MS)?.id).toBe("b");
});

test("a batch that stands still, is paused or has ended is not worked on", () => {
	expect(workingOn(noBatches, 0)).toBeNull();
	expect(workingOn(progress(noBatches, "a", [1, 1]), SECOND_MS)).toBeNull();
	expect(workingOn(progress(noBatches, "a", [1, 2], { status: "completed" }), SECOND_MS)).toBeNull();
	const pause = { cause: "user", message: "paused by you", at: 1 } as const;
	expect(workingOn(progress(noBatches, "a", [1, 2], { pause }), SECOND_MS)).toBeNull();
});

test("a batch that is told anew without more lines is still worked on", () => {
	expect(workingOn(progress(noBatches, "a", [0, 1, 1, 1]), 4 * SECOND_MS)?.id).toBe("a");
});

test("lines that came in long ago say nothing of now", () => {
	const state = progress(noBatches, "a", [0, 1]);
	expect(workingOn(state, 60 * SECOND_MS)?.id).toBe("a");
	expect(workingOn(state, 600 * SECOND_MS)).toBeNull();
});
