import { expect, test } from "vitest";
import type { StoredOp } from "../../ledger/log.ts";
import type { Fact } from "../core/core.ts";
import { foldForTest } from "../core/testing.ts";
import { createDropped } from "./dropped.ts";

function operation(kind: string, body: object): StoredOp {
	return {
		...{ origin: "o", sequence: 1, previous: "", hash: "", version: 1, atMs: 0 },
		kind,
		body: JSON.stringify(body),
	};
}

const nothing = { batches: new Map() };
const segment = operation("segment", { batchId: "x" });
const published = operation("published", { batchId: "x", output: { id: "f1" }, errors: null });

test("results are looked for until the word has come that they were dropped", () => {
	const dropped = createDropped();
	expect(dropped.mayBeGone(segment, nothing)).toBe(false);
	dropped.note([operation("results-dropped", { batchId: "y" })]);
	expect(dropped.mayBeGone(segment, nothing)).toBe(false);
	dropped.note([operation("results-dropped", { batchId: "x" })]);
	expect([dropped.mayBeGone(segment, nothing), dropped.mayBeGone(published, nothing)]).toEqual([true, true]);
});

test("a published file is looked for until it was dropped, and an error file beside it as well", () => {
	const dropped = createDropped();
	const both = operation("published", { batchId: "x", output: { id: "f1" }, errors: { id: "f2" } });
	dropped.note([operation("file-dropped", { id: "f1", cause: "deleted" })]);
	expect([dropped.mayBeGone(published, nothing), dropped.mayBeGone(both, nothing)]).toEqual([true, false]);
});

test("where lines lie, and a seal that nobody published, matter only until the batch has ended", () => {
	const dropped = createDropped();
	const epoch = { term: 1, rank: 0, device: "a" };
	const open: Fact = { kind: "batch", batchId: "x", total: 1, model: "m" };
	const seal: Fact = { kind: "seal", batchId: "x", digest: "d", epoch, outcome: "completed", round: 0 };
	const ended = [open, seal, { kind: "published", batchId: "x", digest: "d" } as const];
	for (const kind of ["seal", "indexed"]) {
		const one = operation(kind, { batchId: "x" });
		expect(dropped.mayBeGone(one, { batches: foldForTest([open, seal]) })).toBe(false);
		expect(dropped.mayBeGone(one, { batches: foldForTest(ended) })).toBe(true);
	}
	expect(dropped.mayBeGone(segment, { batches: foldForTest(ended) })).toBe(false);
});

test("what was dropped before this start is known, and a body that makes no sense proves nothing", () => {
	const dropped = createDropped({ batches: ["x"], files: [] });
	expect(dropped.mayBeGone(segment, nothing)).toBe(true);
	expect(dropped.mayBeGone({ kind: "segment", body: "{" }, nothing)).toBe(false);
	dropped.note([operation("results-dropped", { any: 1 })]);
	expect(dropped.things).toEqual({ batches: ["x"], files: [] });
});
