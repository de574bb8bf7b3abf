import { describe, expect, test } from "vitest";
import type { BatchDetails } from "../../native/contract/contract.ts";
import {
	heldMachine,
	NOW_MS,
	sampleBatch,
	sampleEngine,
	sampleForecast,
	sampleMachine,
	sampleMesh,
	up,
} from "../testing/sample-state.ts";
import { reduce } from "./reduce.ts";
import { initialState, type ShellState } from "./state.ts";
import { type SummaryKind, summarize } from "./summary.ts";

function given(batches: readonly BatchDetails[], change: Partial<ShellState> = {}): ShellState {
	const known = new Map(batches.map((batch) => [batch.id, batch]));
	return { ...initialState, service: up, machine: sampleMachine(), engine: sampleEngine(), batches: known, ...change };
}

const game = heldMachine("yield", "game", "Doom is running");
const paused = sampleMachine({ rung: "leave", reason: "paused by you" }, { isPaused: true });
const snoozed = sampleMachine({ rung: "leave", reason: "snoozed until 23:00" }, { snoozedUntilMs: NOW_MS + 3_600_000 });
const pausedBy = (cause: "user" | "runaway" | "budget") =>
	sampleBatch(`paused-${cause}`, {
		pause: { cause, message: `paused by ${cause}`, at: 1 },
		health: { state: "paused", words: `paused: by ${cause}` },
	});
const stuck = sampleBatch("stuck", { health: { state: "stuck", words: "stuck: the disk is full" } });
const running = sampleBatch("running");
const checking = sampleBatch(
	"checking",
	{ status: "validating", health: { state: "checking", words: "checking every line" } },
	{ total: 0, completed: 0 },
);
const later = sampleBatch("later", {
	not_before: NOW_MS / 1_000 + 60,
	health: { state: "waiting", words: "not to begin before 03:00" },
});
const rehearsed = sampleBatch("rehearsed", {
	is_rehearsal: true,
	health: { state: "rehearsed", words: "5 lines rehearsed; queue it to run the other 95" },
});
const rehearsing = sampleBatch("rehearsing", { is_rehearsal: true });
const done = sampleBatch("done", { status: "completed", health: { state: "done-uncollected", words: "completed" } });
const failed = sampleBatch("failed", { status: "failed", health: { state: "failed", words: "failed" } });

type Row = readonly [
	what: string,
	state: ShellState,
	kind: SummaryKind,
	reason: string | null,
	attention?: readonly string[],
];

const phases: readonly Row[] = [
	["the first start", initialState, "starting", null],
	[
		"a service that is started again, with work known from before",
		given([running], { service: { kind: "restarting", attempt: 1, delayMs: 250 } }),
		"down",
		null,
	],
	["a service that was stopped", given([], { service: { kind: "stopped" } }), "down", null],
	[
		"a service that is given up",
		given([running], { service: { kind: "given-up", message: "Another Nightshift is using it." } }),
		"attention",
		"Another Nightshift is using it.",
	],
	["a service of which nothing was heard yet", given([], { machine: null, engine: null }), "starting", null],
];

const work: readonly Row[] = [
	["no batches", given([]), "idle", null],
	["ended batches only", given([done, failed]), "idle", null],
	["a batch whose lines run", given([running]), "working", null],
	["one that runs beside ended ones", given([done, running]), "working", null],
	["two whose lines run in turn", given([running, sampleBatch("b")]), "working", null],
	["one that runs and one that is checked", given([running, checking]), "working", null],
	["a rehearsal whose lines run", given([rehearsing]), "working", null],
	["a rehearsal that waits to be queued", given([rehearsed]), "idle", "1 batch waiting"],
	["a batch that is not to begin yet", given([later]), "idle", "1 batch waiting"],
	["two of those", given([later, rehearsed]), "idle", "2 batches waiting"],
	["a batch that is checked", given([checking], { engine: sampleEngine(null) }), "starting", "checking tickets.jsonl"],
	[
		"a model that is loaded for a batch",
		given([running], { engine: sampleEngine({ state: "loading", progress: 0.4 }) }),
		"starting",
		"loading demo",
	],
	[
		"a model that comes back after a crash",
		given([running], { engine: sampleEngine({ state: "restarting" }) }),
		"starting",
		"loading demo",
	],
	["a batch no model is there for yet", given([running], { engine: sampleEngine(null) }), "starting", null],
	[
		"a model that is there for the owner alone",
		given([running], { engine: sampleEngine({ usedByBatch: false }) }),
		"starting",
		null,
	],
	[
		"a batch whose results are written",
		given([sampleBatch("a", { status: "finalizing" })], { engine: sampleEngine(null) }),
		"starting",
		"writing the results of tickets.jsonl",
	],
	["a batch that is being cancelled", given([sampleBatch("a", { status: "cancelling" })]), "idle", "1 batch waiting"],
	[
		"a batch whose input file is gone",
		given([{ ...checking, input_filename: null }], { engine: sampleEngine(null) }),
		"starting",
		"checking a batch",
	],
];

/** Two machines besides this one, each with lines of these batches in hand. */
function meshAt(work: readonly (readonly string[])[]): ShellState["mesh"] {
	const mesh = sampleMesh("resting", ...work.map(() => "working" as const));
	const slicesOf = (index: number) => (work[index - 1] ?? []).map((batch_id) => ({ batch_id, lines: 5 }));
	return { ...mesh, machines: mesh.machines.map((machine, index) => ({ ...machine, slices: slicesOf(index) })) };
}

const elsewhere: readonly Row[] = [
	[
		"a game here and another machine at work",
		given([running], { machine: game, mesh: meshAt([["running"]]) }),
		"working",
		"by machine 1",
	],
	[
		"a game here and two others at work",
		given([running], { machine: game, mesh: meshAt([["running"], ["running"]]) }),
		"working",
		"by machine 1 and 1 more",
	],
	["others that work beside this one", given([running], { mesh: meshAt([["running"]]) }), "working", null],
	[
		"a game here and another that has nothing of it",
		given([running], { machine: game, mesh: meshAt([["done"]]) }),
		"yielding",
		"Doom is running",
	],
	[
		"the owner's pause, and another machine at work",
		given([running], { machine: paused, mesh: meshAt([["running"]]) }),
		"paused",
		null,
	],
];

const held: readonly Row[] = [
	["a game", given([running], { machine: game }), "yielding", "Doom is running"],
	["a game and nothing to do", given([done], { machine: game }), "idle", null],
	["a game and a batch that is not to begin yet", given([later], { machine: game }), "idle", "1 batch waiting"],
	[
		"somebody at the computer",
		given([running], { machine: heldMachine("leave", "user-present", "you are at the computer") }),
		"yielding",
		"you are at the computer",
	],
	[
		"a live request by the verdict",
		given([running], {
			machine: heldMachine("freeze", "live-request", "a chat request is answered"),
			engine: sampleEngine({}, true),
		}),
		"yielding",
		"a chat request is answered",
	],
	[
		"a live request the verdict tells nothing of yet",
		given([running], { engine: sampleEngine({}, true) }),
		"yielding",
		"a request is being answered",
	],
	["a batch that waits to be checked", given([checking], { machine: game }), "yielding", "Doom is running"],
];

const pauses: readonly Row[] = [
	["all work paused", given([running], { machine: paused }), "paused", null],
	["all work paused and nothing to do", given([], { machine: paused }), "paused", null],
	["snoozed", given([running], { machine: snoozed }), "paused", "snoozed until 23:00"],
	["the only batch paused", given([pausedBy("user"), done]), "paused", "paused by user"],
	["every batch paused", given([pausedBy("user"), { ...pausedBy("user"), id: "b" }]), "paused", "paused by user"],
	["one paused, one running", given([pausedBy("user"), running]), "working", null],
	["one paused, one not to begin yet", given([pausedBy("user"), later]), "idle", "1 batch waiting"],
	["one paused while a game runs", given([pausedBy("user")], { machine: game }), "paused", "paused by user"],
];

const troubles: readonly Row[] = [
	["a batch that is stuck", given([stuck]), "attention", "stuck: the disk is full", ["stuck"]],
	["a batch that stopped itself", given([pausedBy("runaway")]), "attention", "paused: by runaway", ["paused-runaway"]],
	[
		"one that spent its budget while another runs",
		given([pausedBy("budget"), running]),
		"attention",
		"paused: by budget",
		["paused-budget"],
	],
	[
		"two in trouble, the newest first",
		given([{ ...pausedBy("runaway"), created_at: 1 }, stuck]),
		"attention",
		"stuck: the disk is full",
		["stuck", "paused-runaway"],
	],
	[
		"trouble while all work is paused",
		given([stuck], { machine: paused }),
		"attention",
		"stuck: the disk is full",
		["stuck"],
	],
	["a batch that failed is over and needs nobody", given([failed]), "idle", null],
];

const groups: readonly (readonly [string, readonly Row[]])[] = [
	["the service", phases],
	["work", work],
	["work elsewhere", elsewhere],
	["what keeps it", held],
	["the owner's word", pauses],
	["trouble", troubles],
];

for (const [group, rows] of groups) {
	describe(`${group}:`, () => {
		for (const [what, state, kind, reason, attentionIds = []] of rows) {
			test(what, () => {
				expect(summarize(state, NOW_MS)).toMatchObject({ kind, reason, attentionIds });
			});
		}
	});
}

describe("progress", () => {
	const progressOf = (state: ShellState, nowMs = NOW_MS) => summarize(state, nowMs).progress;

	test("is of the batches that run or could, and of no others", () => {
		const state = given([running, checking, later, pausedBy("user"), rehearsed, stuck, done]);
		const { progress, runningIds } = summarize(state, NOW_MS);
		expect(progress).toMatchObject({ done: 40, total: 100, fraction: 0.4 });
		expect([...runningIds].sort()).toEqual(["checking", "running"]);
		expect(progressOf(given([done, later]))).toBeNull();
	});

	test("of lines that are not counted yet is none, and no number that is none", () => {
		expect(progressOf(given([checking]))).toMatchObject({ done: 0, total: 0, fraction: 0 });
	});

	test("has a rate over the last half minute, also of lines that take longer than that between two events", () => {
		const at = (second: number, completed: number) => ({
			kind: "batches" as const,
			event: { changed: [sampleBatch("a", {}, { completed })], gone: [] },
			isFirst: false,
			atMs: NOW_MS + second * 1_000,
		});
		let state = reduce(given([]), at(0, 10));
		expect(progressOf(state, NOW_MS)?.linesPerSecond).toBeNull();
		state = reduce(state, at(1, 20));
		expect(progressOf(state, NOW_MS + 1_000)?.linesPerSecond).toBeNull();
		state = reduce(state, at(4, 50));
		expect(progressOf(state, NOW_MS + 4_000)?.linesPerSecond).toBe(10);
		// Nothing was told for sixteen seconds: nothing was done.
		expect(progressOf(state, NOW_MS + 20_000)?.linesPerSecond).toBe(2);
		expect(progressOf({ ...state, machine: game }, NOW_MS + 4_000)?.linesPerSecond).toBeNull();
	});

	test("is ready when the last batch is, one after the other", () => {
		const soon = sampleBatch("a", { forecast: sampleForecast(600) });
		const next = sampleBatch("b", { forecast: sampleForecast(300) });
		const atEight = sampleBatch("c", { forecast: sampleForecast(60, NOW_MS + 6 * 3_600_000) });
		expect(progressOf(given([soon]))?.readyByMs).toBe(NOW_MS + 600_000);
		expect(progressOf(given([soon, next]))?.readyByMs).toBe(NOW_MS + 900_000);
		expect(progressOf(given([soon, atEight]))?.readyByMs).toBe(NOW_MS + 6 * 3_600_000 + 60_000);
	});

	test("does not say when, where it can't be told", () => {
		const known = sampleBatch("a", { forecast: sampleForecast(600) });
		expect(progressOf(given([known, running]))?.readyByMs).toBeNull();
		expect(progressOf(given([known], { machine: game }))?.readyByMs).toBeNull();
		const untilMs = NOW_MS + 60_000;
		const ending = sampleMachine({ rung: "yield", reason: "waiting: it cools down", untilMs });
		expect(progressOf(given([known], { machine: ending }))?.readyByMs).toBe(NOW_MS + 600_000);
	});
});
