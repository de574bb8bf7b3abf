import { expect, test } from "vitest";
import type { Status, Yield } from "../contract/contract.ts";
import { mayRun } from "../scheduler/testing.ts";
import { describeStatus } from "./status-view.ts";

const idle: Status = {
	dataDir: "/home/user/.local/share/nightshift",
	version: "1.2.3",
	pid: 4711,
	uptimeSeconds: 7_500,
	models: [],
	live: { running: 0, waiting: 0, limit: 64 },
	stepAside: { isAside: false, totals: { count: 0, frozenMs: 0, recomputedTokens: 0 }, yields: [] },
	verdict: mayRun,
	batches: [],
	mesh: { isOn: false, trouble: null, machines: 0, online: 0, working: 0, host: null },
};

const alone = { durability: { level: 1, reason: "only-member" }, machines: [] } as const;

const entry: Yield = {
	number: 1,
	cause: { kind: "request", endpoint: "/v1/chat/completions", client: "OpenAI/JS" },
	requests: 2,
	arrivedAtMs: new Date(2026, 10, 21, 6, 5, 7).getTime(),
	handBackMs: 12.34,
	freedBytes: null,
	batchSteps: 1,
	batchTokens: 2_048,
	frozenLanes: 16,
	frozenMs: 2_540,
	recomputedTokens: 0,
};

test("an idle service says so in a few lines", () => {
	expect(describeStatus(idle)).toBe(`Nightshift 1.2.3 runs as process 4711 for 2 h 5 min.

Batch work
  may run

Models
  none in memory

Batches
  none open

Live requests
  0 running, 0 waiting, 64 at most

Stepping aside
  batch work may run; it has never had to step aside
`);
});

test("models and batches tell what they do and what somebody has to mend", () => {
	const status: Status = {
		...idle,
		models: [
			{
				name: "qwen",
				state: "ready",
				progress: null,
				problem: null,
				batchLanes: 16,
				batchContextTokens: 2_048,
				interactiveLanes: 2,
				interactiveContextTokens: 32_768,
				gpu: "cuda",
				notes: [],
				usedByBatch: true,
				liveRequests: 3,
			},
			{
				name: "huge",
				state: "failed",
				progress: null,
				problem: "It needs 90 GB",
				batchLanes: null,
				batchContextTokens: null,
				interactiveLanes: null,
				interactiveContextTokens: null,
				gpu: null,
				notes: [],
				usedByBatch: false,
				liveRequests: 0,
			},
		],
		batches: [
			{
				id: "batch_1",
				status: "in_progress",
				total: 10_000,
				completed: 1_200,
				failed: 34,
				linesPerSecond: 37.25,
				secondsLeft: 190,
				activity: "working",
				trouble: null,
				...alone,
			},
			{
				id: "batch_2",
				status: "in_progress",
				total: 10,
				completed: 0,
				failed: 0,
				linesPerSecond: 0,
				secondsLeft: null,
				activity: "waiting",
				trouble: "the model file is gone",
				...alone,
			},
		],
	};
	const text = describeStatus(status);
	expect(text).toContain(
		"  qwen: ready, 16 batch lanes of 2048 tokens, 2 live lanes of 32768 tokens, cuda, used by a batch, 3 live requests\n",
	);
	expect(text).toContain("  huge: failed (It needs 90 GB)\n");
	expect(text).toContain(
		"  batch_1: in_progress, 1,234/10,000 lines, 34 failed, 37.3 lines/s, 3 min 10 s left, working\n",
	);
	expect(text).toContain("  batch_2: in_progress, 0/10 lines, needs you: the model file is gone\n");
});

test("the last ten yields stand in a table", () => {
	const yields = Array.from(
		{ length: 12 },
		(_, index): Yield => ({ ...entry, number: index + 1, requests: index + 1 }),
	);
	const text = describeStatus({
		...idle,
		stepAside: { isAside: true, totals: { count: 12, frozenMs: 30_480, recomputedTokens: 0 }, yields },
	});
	expect(text).toContain("batch work is aside now; stepped aside 12 times, 30 s in all, nothing computed twice\n");
	const rows = text.slice(text.indexOf("  when")).trimEnd().split("\n");
	expect(rows).toHaveLength(11);
	expect(rows[0]).toBe(
		"  when                 for                                requests  hand back ms  steps  tokens  lanes  frozen s  recomputed",
	);
	expect(rows[1]).toBe(
		"  2026-11-21 06:05:07  /v1/chat/completions of OpenAI/JS         3          12.3      1   2,048     16       2.5           0",
	);
});

test("says where the work is done and how safe it is, but not to who works alone", () => {
	const batch = {
		id: "batch_1",
		status: "in_progress",
		total: 1_000,
		completed: 10,
		failed: 0,
		linesPerSecond: 0,
		secondsLeft: null,
		activity: "working",
		trouble: null,
		durability: { level: 2, reason: null },
		machines: [
			{ name: "desk", lines: 120 },
			{ name: "attic", lines: 80 },
		],
	} as const;
	const mesh = { isOn: true, trouble: null, machines: 3, online: 2, working: 1, host: "attic" };
	const text = describeStatus({ ...idle, batches: [batch], mesh });
	expect(text).toContain("Machines\n  2 of 3 online, 1 at work, attic is host\n");
	expect(text).toContain("working, in hand: desk 120, attic 80, safe on 2 machines\n");
	const troubled = describeStatus({ ...idle, mesh: { ...mesh, host: null, trouble: "The port is taken." } });
	expect(troubled).toContain("nobody is host\n  needs you: The port is taken.\n");
	expect(describeStatus({ ...idle, mesh: { ...mesh, isOn: false } })).toContain("'nightshift machines on'");
	const lonely = describeStatus({ ...idle, batches: [{ ...batch, ...alone }] });
	expect(lonely).not.toContain("Machines");
	expect(lonely).not.toContain("copy");
});
