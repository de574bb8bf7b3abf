import { expect, test, vi } from "vitest";
import { silentLog } from "../../base/base.ts";
import type { LineRanges } from "../core/core.ts";
import { countLines, without } from "../core/core.ts";
import { createSlices, type SlicesDeps } from "./slices.ts";

/** A ledger that knows of slices and of nothing else. */
function setUp(change: Partial<SlicesDeps> = {}) {
	const open = new Map<string, LineRanges>();
	const ended: string[] = [];
	const onLines = vi.fn();
	const slices = createSlices({
		ledger: {
			assign: (_batchId, sliceId, lines) => void open.set(sliceId, lines),
			withdraw(sliceId, lines) {
				if (lines === null) open.delete(sliceId);
				else open.set(sliceId, without(open.get(sliceId) ?? [], lines));
			},
			openOf: (sliceId) => countLines(open.get(sliceId) ?? []),
		},
		log: silentLog,
		prepare: async () => {},
		onEnded: (leaseId) => ended.push(leaseId),
		onLines,
		isOver: () => false,
		lingerMs: 20,
		...change,
	});
	return { slices, open, ended, onLines };
}

const SLICE = { leaseId: "l1", batchId: "x", lines: [[0, 3]] } as const;
const never = new AbortController().signal;

test("lines can be claimed once all that is needed for them is here, and not before", async () => {
	const ready = Promise.withResolvers<void>();
	const { slices, open, onLines } = setUp({ prepare: () => ready.promise });
	slices.start(SLICE);
	expect([open.size, slices.hasLines("x")]).toEqual([0, false]);
	ready.resolve();
	await expect.poll(() => slices.hasLines("x")).toBe(true);
	expect(onLines).toHaveBeenCalledOnce();
	expect(slices.hasLines("y")).toBe(false);
});

test("a slice whose lines can't be had here goes back at once", async () => {
	const { slices, open, ended } = setUp({ prepare: () => Promise.reject(new Error("Nobody has the input.")) });
	slices.start(SLICE);
	await expect.poll(() => ended).toEqual(["l1"]);
	expect(open.size).toBe(0);
});

test("a slice has ended when its last line has a result, whoever made it", async () => {
	const { slices, open, ended } = setUp();
	slices.start(SLICE);
	await expect.poll(() => open.has("l1")).toBe(true);
	open.set("l1", [[1, 1]]);
	slices.look();
	expect(ended).toEqual([]);
	open.set("l1", []);
	slices.look();
	expect(ended).toEqual(["l1"]);
});

test("lines given to another machine are left to it; a slice of which nothing stays has ended", async () => {
	const { slices, open, ended } = setUp();
	slices.start(SLICE);
	await expect.poll(() => open.has("l1")).toBe(true);
	slices.shrink("l1", [[2, 1]]);
	expect(open.get("l1")).toEqual([[0, 2]]);
	slices.shrink("l1", [[0, 2]]);
	expect(ended).toEqual(["l1"]);
});

test("lanes that ran dry get the next slice, and stop waiting where none comes", async () => {
	const { slices } = setUp({ lingerMs: 10_000 });
	const more = slices.moreLines("x", never);
	// While they wait the batch is theirs: its model must not be let go.
	expect(slices.hasLines("x")).toBe(true);
	slices.start(SLICE);
	expect(await more).toBe(true);
	const { slices: others } = setUp();
	expect(await others.moreLines("x", never)).toBe(false);
	const enough = new AbortController();
	const stopped = slices.moreLines("y", enough.signal);
	enough.abort();
	expect(await stopped).toBe(false);
});

test("lanes wait no longer once the last line of the batch has its result, whoever made it", async () => {
	let isOver = false;
	const { slices } = setUp({ lingerMs: 60_000, isOver: (batchId) => batchId === "x" && isOver });
	const others = new AbortController();
	const more = [slices.moreLines("x", never), slices.moreLines("x", never)];
	const ofAnother = slices.moreLines("y", others.signal);
	slices.look();
	expect([slices.hasLines("x"), slices.hasLines("y")]).toEqual([true, true]);
	isOver = true;
	slices.look();
	expect(await Promise.all(more)).toEqual([false, false]);
	expect([slices.hasLines("x"), slices.hasLines("y")]).toEqual([false, true]);
	expect(await slices.moreLines("x", never)).toBe(false);
	others.abort();
	expect(await ofAnother).toBe(false);
});

test("everything is given back when work must stop; a host that is gone is not told", async () => {
	const { slices, open, ended } = setUp();
	slices.start(SLICE);
	slices.start({ ...SLICE, leaseId: "l2" });
	await expect.poll(() => open.size).toBe(2);
	slices.giveBack();
	expect([ended, open.size]).toEqual([["l1", "l2"], 0]);
	slices.start({ ...SLICE, leaseId: "l3" });
	await expect.poll(() => open.size).toBe(1);
	slices.forget();
	expect([ended, open.size]).toEqual([["l1", "l2"], 0]);
});
