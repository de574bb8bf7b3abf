import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Log, silentLog } from "../base/base.ts";
import type { Yield, YieldCause } from "../contract/contract.ts";
import type { FreezeReport, ThawReport } from "../engine/engine.ts";
import type { StepAside } from "./scheduler.ts";
import { createStepAside } from "./step-aside.ts";
import type { YieldJournal } from "./yield-journal.ts";

const cause: YieldCause = { kind: "request", endpoint: "/v1/chat/completions", client: "curl" };
const atWork: FreezeReport = { batchSteps: 1, batchTokens: 16, lastStepMs: 40.04, frozenLanes: 16, frozenTokens: 900 };
const idle: FreezeReport = { batchSteps: 0, batchTokens: 0, lastStepMs: 0, frozenLanes: 0, frozenTokens: 0 };

/** Every call of the gates, with the way to end it. */
interface Call {
	readonly name: "close" | "open";
	readonly atMs: number;
	readonly end: (report: FreezeReport & ThawReport) => void;
	readonly fail: (error: Error) => void;
}

let calls: Call[];
let said: string[];
let stepAside: StepAside;
let entries: Yield[];

/** What closing reports while `isPrompt`; with it off, each test ends the calls itself. */
let report: FreezeReport;
let isPrompt: boolean;

beforeEach(() => {
	vi.useFakeTimers({ now: 1_000_000 });
	calls = [];
	said = [];
	entries = [];
	report = atWork;
	isPrompt = true;
	stepAside = build();
});
afterEach(() => {
	vi.useRealTimers();
});

function call(name: Call["name"], atMs: number): Promise<FreezeReport & ThawReport> {
	const { promise, resolve, reject } = Promise.withResolvers<FreezeReport & ThawReport>();
	calls.push({ name, atMs, end: resolve, fail: reject });
	if (isPrompt) resolve({ ...report, recomputedTokens: 0 });
	return promise;
}

function memoryJournal(): YieldJournal {
	return {
		yields: entries,
		totals: { count: 0, frozenMs: 0, recomputedTokens: 0 },
		append: (entry) => entries.push({ number: entries.length + 1, ...entry }),
		async close() {},
	};
}

function build(): StepAside {
	const log: Log = { ...silentLog, error: (_fields, message) => said.push(message) };
	return createStepAside({
		gates: { closeGates: (sinceMs) => call("close", sinceMs), openGates: () => call("open", Date.now()) },
		clock: { nowMs: () => Date.now(), monotonicMs: () => Date.now() },
		log,
		quiet: () => ({ quietMs: 2_000, longestQuietMs: 60_000 }),
		journal: memoryJournal(),
	});
}

const names = () => calls.map((one) => one.name);
/** Lets everything happen that is due now. */
const settle = () => vi.advanceTimersByTimeAsync(0);

/** A request that works for some time. */
async function serve(workMs: number): Promise<void> {
	const visit = stepAside.arrive(cause);
	visit.worked();
	await vi.advanceTimersByTimeAsync(workMs);
	visit.leave();
}

test("closes the gates before arriving returns, counted from the arrival", () => {
	stepAside.arrive(cause);
	expect(calls).toMatchObject([{ name: "close", atMs: 1_000_000 }]);
	expect(stepAside.isAside).toBe(true);
});

test("a visitor who works keeps batch work waiting for the quiet time after", async () => {
	await serve(500);
	await vi.advanceTimersByTimeAsync(1_999);
	expect(names()).toEqual(["close"]);
	await vi.advanceTimersByTimeAsync(1);
	expect(names()).toEqual(["close", "open"]);
	expect(stepAside.isAside).toBe(false);
	expect(entries).toEqual([
		{
			number: 1,
			cause,
			requests: 1,
			arrivedAtMs: 1_000_000,
			handBackMs: 40,
			freedBytes: null,
			batchSteps: 1,
			batchTokens: 16,
			frozenLanes: 16,
			frozenMs: 2_500,
			recomputedTokens: 0,
		},
	]);
});

test("tells who is there and since when, how long handing over took, and whoever watches hears of each once", async () => {
	const heard: (string | null)[] = [];
	const unwatch = stepAside.watch(() => heard.push(stepAside.present?.cause.kind ?? null));
	expect(stepAside.present).toBeNull();
	const visit = stepAside.arrive(cause);
	stepAside.arrive(cause).leave();
	expect(heard).toEqual(["request"]);
	expect(stepAside.present).toEqual({ cause, sinceMs: 1_000_000, handBackMs: null });
	await settle();
	expect(stepAside.present).toEqual({ cause, sinceMs: 1_000_000, handBackMs: 40 });
	visit.leave();
	await settle();
	expect(heard).toEqual(["request", "request", null]);
	unwatch();
	stepAside.arrive(cause).leave();
	expect(heard).toHaveLength(3);
});

test("a visitor who makes no work lets batch work go on at once", async () => {
	stepAside.arrive(cause).leave();
	await settle();
	expect(names()).toEqual(["close", "open"]);
	expect(entries).toMatchObject([{ frozenMs: 0, requests: 1 }]);
});

test("a visitor who makes no work does not cut the quiet time of another", async () => {
	await serve(100);
	await vi.advanceTimersByTimeAsync(1_000);
	stepAside.arrive(cause).leave();
	await vi.advanceTimersByTimeAsync(999);
	expect(names()).toEqual(["close"]);
	await vi.advanceTimersByTimeAsync(1);
	expect(names()).toEqual(["close", "open"]);
	expect(entries).toMatchObject([{ requests: 2 }]);
});

test("many at once are one yield, which ends after the last", async () => {
	const visits = [0, 1, 2, 3].map(() => stepAside.arrive(cause));
	for (const visit of visits) visit.worked();
	for (const visit of visits) {
		await vi.advanceTimersByTimeAsync(10_000);
		visit.leave();
		visit.leave();
	}
	await vi.advanceTimersByTimeAsync(2_000);
	expect(names()).toEqual(["close", "open"]);
	expect(entries).toMatchObject([{ requests: 4, frozenMs: 42_000 }]);
});

test("requests in a burst keep batch work waiting longer, and a calm stretch makes that good", async () => {
	await serve(100);
	await vi.advanceTimersByTimeAsync(1_000);
	await serve(100);
	await vi.advanceTimersByTimeAsync(3_999);
	expect(stepAside.isAside).toBe(true);
	await vi.advanceTimersByTimeAsync(60_000);
	expect(stepAside.isAside).toBe(false);
	await serve(100);
	await vi.advanceTimersByTimeAsync(2_000);
	expect(stepAside.isAside).toBe(false);
	expect(names()).toEqual(["close", "open", "close", "open"]);
});

test("nothing is recorded where no batch work was under way", async () => {
	report = idle;
	stepAside.arrive(cause).leave();
	await settle();
	expect(names()).toEqual(["close", "open"]);
	expect(entries).toEqual([]);
});

test("opening waits until closing is done, and does not happen when somebody came meanwhile", async () => {
	isPrompt = false;
	stepAside.arrive(cause).leave();
	await settle();
	expect(names()).toEqual(["close"]);
	const second = stepAside.arrive(cause);
	calls[0]?.end({ ...atWork, recomputedTokens: 0 });
	await settle();
	expect(names()).toEqual(["close"]);
	second.leave();
	await settle();
	expect(names()).toEqual(["close", "open"]);
});

test("who arrives while the gates open closes them at once, and every report goes to its own yield", async () => {
	isPrompt = false;
	stepAside.arrive(cause).leave();
	calls[0]?.end({ ...atWork, recomputedTokens: 0 });
	await settle();
	expect(names()).toEqual(["close", "open"]);
	const second = stepAside.arrive({ ...cause, client: "editor" });
	expect(names()).toEqual(["close", "open", "close"]);
	calls[2]?.end({ ...atWork, lastStepMs: 7, recomputedTokens: 0 });
	second.leave();
	await settle();
	expect(names()).toEqual(["close", "open", "close", "open"]);
	calls[3]?.end({ ...idle, recomputedTokens: 5 });
	await settle();
	expect(entries).toEqual([]);
	calls[1]?.end({ ...idle, recomputedTokens: 3 });
	await settle();
	expect(entries).toMatchObject([
		{ number: 1, cause: { client: "curl" }, handBackMs: 40, recomputedTokens: 3 },
		{ number: 2, cause: { client: "editor" }, handBackMs: 7, recomputedTokens: 5 },
	]);
});

test("gates that fail are told in the log, and the next visitor is served like any other", async () => {
	isPrompt = false;
	stepAside.arrive(cause).leave();
	calls[0]?.fail(new Error("no process"));
	await settle();
	calls[1]?.fail(new Error("no process"));
	await settle();
	expect(said).toEqual(["closing the gate before batch work failed", "opening the gate before batch work failed"]);
	isPrompt = true;
	stepAside.arrive(cause).leave();
	await settle();
	expect(names()).toEqual(["close", "open", "close", "open"]);
	expect(entries).toHaveLength(1);
});

test("stopping opens the gates with visitors there, and who comes later closes nothing", async () => {
	const visit = stepAside.arrive(cause);
	visit.worked();
	await vi.advanceTimersByTimeAsync(300);
	await stepAside.stop();
	expect(names()).toEqual(["close", "open"]);
	expect(entries).toMatchObject([{ frozenMs: 300 }]);
	visit.leave();
	stepAside.arrive(cause).leave();
	await vi.advanceTimersByTimeAsync(60_000);
	expect(names()).toEqual(["close", "open"]);
});
