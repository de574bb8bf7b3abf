import fc from "fast-check";
import { expect, test } from "vitest";
import { type BatchPolicy, defaultBatchOptions } from "../../contract/contract.ts";
import type { GenerateRequest, GenerateResult } from "../../engine/request.ts";
import { capTokens, FIRST_LINES, type GuardRules, isCutByBudget, judge, type Tally } from "./guard.ts";

const nothing: Tally = {
	first: { lines: 0, failed: 0 },
	ran: { lines: 0, outputTokens: 0 },
	outputTokens: 0,
	workedMs: 0,
	isComplete: false,
};
const rehearsed = { lines: 5, failed: 0, inputTokens: 100, outputTokens: 60, durationMs: 1_000, atMs: 1 };

function rulesOf(policy: Partial<BatchPolicy>, changes: Partial<GuardRules> = {}): GuardRules {
	return { policy: { ...defaultBatchOptions.policy, ...policy }, baseline: rehearsed, overruled: [], ...changes };
}

test("a batch is given up with the failed line that is one too many among its first hundred", () => {
	const rules = rulesOf({ give_up_percent: 20 });
	expect(judge({ ...nothing, first: { lines: 100, failed: 20 } }, rules)).toBeNull();
	const verdict = judge({ ...nothing, first: { lines: 60, failed: 21 } }, rules);
	expect(verdict).toMatchObject({ kind: "give-up", fault: { code: "too_many_failures" } });
	expect(judge({ ...nothing, first: { lines: 100, failed: 100 } }, rulesOf({ give_up_percent: null }))).toBeNull();
});

test("answers as many times as long as put up with pause the batch, once there are enough of them", () => {
	const ran = (lines: number, mean: number): Tally => ({ ...nothing, ran: { lines, outputTokens: lines * mean } });
	const rules = rulesOf({ runaway_factor: 10 });
	expect(judge(ran(19, 500), rules)).toBeNull();
	expect(judge(ran(20, 119), rules)).toBeNull();
	const verdict = judge(ran(20, 120), rules);
	expect(verdict).toMatchObject({ kind: "pause", cause: "runaway" });
	expect(verdict?.kind === "pause" && verdict.message).toMatch(/120 tokens.*\b12\b/);
	expect(judge(ran(20, 500), { ...rules, baseline: null })).toBeNull();
});

test("a rehearsal without a token of output is measured as one token a line", () => {
	const rules = rulesOf({ runaway_factor: 10 }, { baseline: { ...rehearsed, outputTokens: 0 } });
	expect(judge({ ...nothing, ran: { lines: 50, outputTokens: 450 } }, rules)).toBeNull();
	expect(judge({ ...nothing, ran: { lines: 50, outputTokens: 500 } }, rules)).toMatchObject({ cause: "runaway" });
});

test("budgets of a batch pause it when they are reached", () => {
	expect(judge({ ...nothing, outputTokens: 1_000 }, rulesOf({ batch_tokens: 1_000 }))).toMatchObject({
		kind: "pause",
		cause: "budget",
	});
	expect(judge({ ...nothing, workedMs: 59_999 }, rulesOf({ batch_seconds: 60 }))).toBeNull();
	expect(judge({ ...nothing, workedMs: 60_000 }, rulesOf({ batch_seconds: 60 }))).toMatchObject({ cause: "budget" });
});

const tallies = fc.record({
	first: fc.record({
		lines: fc.integer({ min: 0, max: FIRST_LINES }),
		failed: fc.integer({ min: 0, max: FIRST_LINES }),
	}),
	ran: fc.record({ lines: fc.nat(), outputTokens: fc.nat() }),
	outputTokens: fc.nat(),
	workedMs: fc.nat(),
	isComplete: fc.constantFrom(false),
});
const policies = fc.record({
	give_up_percent: fc.constantFrom(null, 1, 50, 100),
	batch_tokens: fc.constantFrom(null, 1, 1_000),
	batch_seconds: fc.constantFrom(null, 1, 1_000),
	runaway_factor: fc.double({ min: 1.5, max: 1_000, noNaN: true }),
});

test("what somebody let go on is never paused for the same cause again", () => {
	fc.assert(
		fc.property(tallies, policies, fc.subarray(["runaway", "budget", "user"] as const), (tally, policy, overruled) => {
			const verdict = judge(tally, rulesOf(policy, { overruled }));
			if (verdict?.kind === "pause") expect(overruled).not.toContain(verdict.cause);
		}),
	);
});

test("a batch that has nothing left to run, or nothing it must not do, goes on", () => {
	fc.assert(
		fc.property(tallies, policies, (tally, policy) => {
			expect(judge({ ...tally, isComplete: true }, rulesOf(policy))).toBeNull();
			const free = { give_up_percent: null, batch_tokens: null, batch_seconds: null, runaway_factor: null };
			expect(judge(tally, rulesOf(free))).toBeNull();
		}),
	);
});

test("more work never makes a batch that is stopped go on", () => {
	fc.assert(
		fc.property(tallies, policies, fc.nat(), (tally, policy, more) => {
			if (judge(tally, rulesOf(policy)) === null) return;
			const later = { ...tally, outputTokens: tally.outputTokens + more, workedMs: tally.workedMs + more };
			expect(judge(later, rulesOf(policy))).not.toBeNull();
		}),
	);
});

function requestOf(maxTokens: number | null): GenerateRequest {
	return {
		kind: "generate",
		prompt: { kind: "text", text: "hello" },
		maxTokens,
		sampling: {
			temperature: 0,
			topP: 1,
			topK: 0,
			minP: 0,
			seed: null,
			presencePenalty: 0,
			frequencyPenalty: 0,
			repeatPenalty: 1,
			logitBias: [],
		},
		stop: [],
		choices: 1,
		topLogprobs: null,
		format: { kind: "text" },
		echo: false,
	};
}

function resultOf(completionTokens: number, ...reasons: ("stop" | "length")[]): GenerateResult {
	const choices = reasons.map((finishReason) => ({
		text: "",
		reasoning: null,
		toolCalls: [],
		finishReason,
		stopText: null,
		logprobs: null,
	}));
	const timings = { queuedMs: 0, prefillMs: 0, decodeMs: 0 };
	return { kind: "generate", choices, promptTokens: 1, cachedTokens: 0, completionTokens, reasoningTokens: 0, timings };
}

test("the budget of a line only ever lowers what a request asks for", () => {
	expect(capTokens(requestOf(null), 50)).toMatchObject({ maxTokens: 50 });
	expect(capTokens(requestOf(80), 50)).toMatchObject({ maxTokens: 50 });
	expect(capTokens(requestOf(20), 50)).toMatchObject({ maxTokens: 20 });
	expect(capTokens(requestOf(null), null)).toMatchObject({ maxTokens: null });
});

test("an answer is cut by the budget only where it reached it and was not finished", () => {
	expect(isCutByBudget(requestOf(null), resultOf(50, "length"), 50)).toBe(true);
	expect(isCutByBudget(requestOf(null), resultOf(50, "stop"), 50)).toBe(false);
	// Its own limit is no budget of the batch.
	expect(isCutByBudget(requestOf(50), resultOf(50, "length"), 50)).toBe(false);
	// The model's context was full before.
	expect(isCutByBudget(requestOf(null), resultOf(30, "length"), 50)).toBe(false);
	expect(isCutByBudget(requestOf(null), resultOf(60, "stop", "length"), 50)).toBe(true);
	expect(isCutByBudget(requestOf(null), resultOf(60, "length", "length"), 50)).toBe(false);
	expect(isCutByBudget(requestOf(null), resultOf(50, "length"), null)).toBe(false);
});
