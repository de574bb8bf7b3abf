/**
 * When a batch has to be stopped to keep somebody from harm: too many failures, answers that run away, budgets. Pure judgements;
 * who acts on them is `watchman.ts`. Must never stop what somebody let go on with the reason before their eyes.
 */
import { formatCount } from "../../base/base.ts";
import type { BatchPolicy, PauseCause } from "../../contract/contract.ts";
import type { EngineRequest, EngineResult, GenerateRequest } from "../../engine/request.ts";
import type { Fault, RehearsedFigures } from "../../ledger/ledger.ts";

/** Lines that tell whether a batch is worth going on with. */
export const FIRST_LINES = 100;
/** Fewer lines beyond the rehearsal may be long by chance. */
export const LEAST_RUNAWAY_LINES = 20;

/** What a batch has come to so far. */
export interface Tally {
	/** Of the first `FIRST_LINES` lines in the order they were finished: how many there are, and failed ones among them. */
	readonly first: { readonly lines: number; readonly failed: number };
	/** Lines beyond the rehearsed ones that ran, and what they gave. */
	readonly ran: { readonly lines: number; readonly outputTokens: number };
	/** Output of all lines that ever ran, rehearsed and failed ones among them. */
	readonly outputTokens: number;
	/** Work on the batch, waiting not counted. */
	readonly workedMs: number;
	/** Every line has its result. */
	readonly isComplete: boolean;
}

/** What the judgement depends on beside the tally. */
export interface GuardRules {
	readonly policy: BatchPolicy;
	/** What to measure the answers' length by; null: nothing was rehearsed. */
	readonly baseline: RehearsedFigures | null;
	/** Causes the batch was let go on for all the same. */
	readonly overruled: readonly PauseCause[];
}

/** What has to be done to a batch. */
export type GuardVerdict =
	| { readonly kind: "give-up"; readonly fault: Fault }
	| { readonly kind: "pause"; readonly cause: PauseCause; readonly message: string };

/** Judges a batch; null: it may go on. A batch with nothing left to run always may. */
export function judge(tally: Tally, rules: GuardRules): GuardVerdict | null {
	if (tally.isComplete) return null;
	return tooManyFailures(tally, rules) ?? runsAway(tally, rules) ?? overBudget(tally, rules);
}

/** `give_up_percent` of the first hundred are as many lines, so a short batch is given up only after that many too. */
function tooManyFailures({ first }: Tally, { policy }: GuardRules): GuardVerdict | null {
	const limit = policy.give_up_percent;
	if (limit === null || first.failed <= (limit / 100) * FIRST_LINES) return null;
	const message = `${first.failed} of the first ${first.lines} finished lines failed, more than the ${limit} % that are put up with, so the rest was not run. See why they failed, mend what is wrong and retry the batch.`;
	return { kind: "give-up", fault: { code: "too_many_failures", message, param: null, line: null } };
}

function runsAway({ ran }: Tally, { policy, baseline, overruled }: GuardRules): GuardVerdict | null {
	const factor = policy.runaway_factor;
	if (factor === null || overruled.includes("runaway") || baseline === null || baseline.lines === 0) return null;
	if (ran.lines < LEAST_RUNAWAY_LINES) return null;
	const usual = Math.max(baseline.outputTokens / baseline.lines, 1);
	const mean = ran.outputTokens / ran.lines;
	if (mean < factor * usual) return null;
	const message = `The answers run away: ${round(mean)} tokens on average over ${formatCount(ran.lines)} lines, where the rehearsal had ${round(usual)} (up to ${factor} times as many are put up with). Look at the answers, then let it go on or cancel it.`;
	return { kind: "pause", cause: "runaway", message };
}

function overBudget({ outputTokens, workedMs }: Tally, { policy, overruled }: GuardRules): GuardVerdict | null {
	if (overruled.includes("budget")) return null;
	const { batch_tokens: tokens, batch_seconds: seconds } = policy;
	const toDo = "Let it go on without this limit, or cancel it.";
	if (tokens !== null && outputTokens >= tokens) {
		const message = `The batch's budget of ${formatCount(tokens)} output tokens is used up: it came to ${formatCount(outputTokens)}. ${toDo}`;
		return { kind: "pause", cause: "budget", message };
	}
	if (seconds !== null && workedMs >= seconds * 1_000) {
		const message = `The batch's budget of ${formatCount(seconds)} seconds of work is used up: it came to ${formatCount(Math.floor(workedMs / 1_000))}. ${toDo}`;
		return { kind: "pause", cause: "budget", message };
	}
	return null;
}

/** The request with no more tokens of an answer than `limit`; null: no limit. */
export function capTokens(request: EngineRequest, limit: number | null): EngineRequest {
	if (limit === null || request.kind === "embed" || !allowsMore(request, limit)) return request;
	return { ...request, maxTokens: limit };
}

/**
 * Whether an answer was cut off by the budget of tokens a line, and not where its own request or the model's context ends. All
 * choices together are known, so an answer counts that has as many tokens as all choices that were cut short would have.
 */
export function isCutByBudget(request: EngineRequest, result: EngineResult, limit: number | null): boolean {
	if (limit === null || request.kind === "embed" || result.kind === "embed" || !allowsMore(request, limit))
		return false;
	const cut = result.choices.filter(({ finishReason }) => finishReason === "length").length;
	return cut > 0 && result.completionTokens >= cut * limit;
}

/** Why a line failed whose answer reached its budget of tokens. Nothing of it comes from the clock. */
export function describeTokenBudget([first]: readonly EngineRequest[], limit: number): string {
	const wanted = first?.kind === "generate" ? first.maxTokens : null;
	const allows = wanted === null ? "sets no limit" : `allows ${formatCount(wanted)}`;
	return `The answer reached this batch's budget of ${formatCount(limit)} tokens a line before its end; the request ${allows}. Raise line_tokens, or ask for a shorter answer.`;
}

/** Why a line failed that ran longer than it may. */
export function describeTimeBudget(seconds: number): string {
	return `The request ran longer than this batch's budget of ${formatCount(seconds)} seconds a line and was ended. Raise line_seconds, or ask for a shorter answer.`;
}

function allowsMore({ maxTokens }: GenerateRequest, limit: number): boolean {
	return maxTokens === null || maxTokens > limit;
}

function round(tokens: number): string {
	return tokens.toLocaleString("en-US", { maximumFractionDigits: tokens < 10 ? 1 : 0 });
}
