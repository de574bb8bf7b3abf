import { expect, test } from "vitest";
import type { BatchDetails } from "../../native/contract/contract.ts";
import { NOW_MS, sampleBatch, sampleEngine, sampleMachine, sampleMesh } from "../testing/sample-state.ts";
import { MOST_BATCHES, reduce } from "./reduce.ts";
import { initialState, type ShellState } from "./state.ts";

interface Told {
	readonly gone?: readonly string[];
	readonly isFirst?: boolean;
	readonly atMs?: number;
}

function tell(state: ShellState, changed: readonly BatchDetails[], told: Told = {}): ShellState {
	const { gone = [], isFirst = false, atMs = NOW_MS } = told;
	return reduce(state, { kind: "batches", event: { changed, gone }, isFirst, atMs });
}

const ids = ({ batches }: ShellState) => [...batches.keys()].sort();

/** So many ended batches, each a second newer than the one before. */
function endedBatches(count: number, prefix = "old"): readonly BatchDetails[] {
	return Array.from({ length: count }, (_, index) =>
		sampleBatch(`${prefix}-${index}`, { status: "completed", created_at: 1_000 + index }),
	);
}

test("machine, engine and phase are what was told last, and the rest stays", () => {
	const machine = sampleMachine();
	const engine = sampleEngine();
	let state = tell(initialState, [sampleBatch("a")]);
	state = reduce(state, { kind: "machine", machine });
	state = reduce(state, { kind: "engine", engine });
	state = reduce(state, { kind: "phase", phase: { kind: "restarting", attempt: 1, delayMs: 250 } });
	expect(state).toMatchObject({ machine, engine, service: { kind: "restarting" } });
	expect(ids(state)).toEqual(["a"]);
});

test("what was in the memory of a service that ended is not in that of the next one", () => {
	const heard = reduce(tell(initialState, [sampleBatch("a")]), { kind: "mesh", mesh: sampleMesh("idle", "idle") });
	const known = reduce(heard, { kind: "engine", engine: sampleEngine() });
	const ended = reduce(known, { kind: "phase", phase: { kind: "restarting", attempt: 1, delayMs: 250 } });
	expect(ended.engine).toEqual(sampleEngine());
	const next = reduce(ended, { kind: "phase", phase: { kind: "starting" } });
	expect(next.engine).toBeNull();
	expect([ended.mesh?.machines.length, next.mesh]).toEqual([2, null]);
	expect(ids(next)).toEqual(["a"]);
});

test("batches change, come and go", () => {
	let state = tell(initialState, [sampleBatch("a"), sampleBatch("b")]);
	state = tell(state, [sampleBatch("b", { status: "completed" }), sampleBatch("c")], { gone: ["a"] });
	expect(ids(state)).toEqual(["b", "c"]);
	expect(state.batches.get("b")?.status).toBe("completed");
	expect([...state.progress.keys()]).toEqual(["c"]);
});

test("nothing new is the same state, so that nobody draws it anew", () => {
	const state = tell(initialState, [sampleBatch("a")]);
	expect(tell(state, [], { gone: ["never-heard-of"] })).toBe(state);
});

test("the newest are kept, and what is not ended however old it is", () => {
	const open = sampleBatch("open", { created_at: 1 });
	const state = tell(tell(initialState, [open]), endedBatches(MOST_BATCHES + 50));
	expect(state.batches.size).toBe(MOST_BATCHES + 1);
	expect(state.batches.has("open")).toBe(true);
	expect(state.batches.has("old-50")).toBe(true);
	expect(state.batches.has("old-49")).toBe(false);
	const ended = tell(state, [sampleBatch("open", { status: "completed", created_at: 1 })]);
	expect(ended.batches.has("open")).toBe(false);
});

test("after a reconnection, what was deleted meanwhile is gone", () => {
	const state = tell(initialState, [sampleBatch("a"), sampleBatch("b")]);
	expect(ids(tell(state, [sampleBatch("b")], { isFirst: true }))).toEqual(["b"]);
	expect(ids(tell(state, [], { isFirst: true }))).toEqual([]);
});

test("after a reconnection, what is older than the hundred that were told stays", () => {
	const old = sampleBatch("very-old", { created_at: 1 });
	const deleted = sampleBatch("deleted", { created_at: 1_050 });
	const state = tell(initialState, [old, deleted]);
	const told = tell(state, endedBatches(100), { isFirst: true });
	expect(told.batches.has("very-old")).toBe(true);
	expect(told.batches.has("deleted")).toBe(false);
	expect(told.batches.size).toBe(101);
});

test("how far an open batch was is kept for half a minute, without lines taken over, and begins anew with a retry", () => {
	const at = (second: number, completed: number, adopted = 0) => {
		const { statistics } = sampleBatch("a");
		return [sampleBatch("a", { statistics: { ...statistics, adopted } }, { completed }), second] as const;
	};
	const after = (steps: readonly (readonly [BatchDetails, number])[]) =>
		steps
			.reduce((state, [batch, second]) => tell(state, [batch], { atMs: second * 1_000 }), initialState)
			.progress.get("a")
			?.map(({ atMs, lines }) => [atMs / 1_000, lines]);
	expect(after([at(0, 0), at(1, 50, 50), at(20, 60, 50)])).toEqual([
		[0, 0],
		[1, 0],
		[20, 10],
	]);
	expect(after([at(0, 0), at(1, 5), at(31, 9), at(32, 9)])).toEqual(
		[
			[1, 5],
			[31, 9],
			[32, 9],
		].slice(1),
	);
	expect(after([at(0, 50), at(1, 60), at(2, 40)])).toEqual([[2, 40]]);
});
