import { assertNever, type Clock } from "../../base/base.ts";
import {
	type Dialect,
	type ReplyFault,
	type RequestFault,
	refusal,
	renderFailure,
	serverFault,
	type Translation,
} from "../../engine/dialects/dialect.ts";
import type { EngineFailure, LoadedModel } from "../../engine/engine.ts";
import type { EngineRequest, EngineResult } from "../../engine/request.ts";
import type { BatchRecord, LeasedLine, LineResult, ModelIdentity, Provenance } from "../../ledger/ledger.ts";
import { describeTimeBudget, describeTokenBudget, isCutByBudget } from "./guard.ts";
import { answerId, answerPayload } from "./payload.ts";
import type { ProcessDeath } from "./suspicion.ts";

/** How running a line ended. Only `done` is for the ledger. */
export type LineOutcome =
	| DoneLine
	| { readonly kind: "aborted" }
	| ({ readonly kind: "process-died"; readonly detail: string } & ProcessDeath);

/** The line has its result. */
export interface DoneLine {
	readonly kind: "done";
	readonly result: LineResult;
}

/** Writes down what came of the lines of one batch. */
export interface Answers {
	/** The answer to a translated request, or why it is none. */
	answer(line: LeasedLine, translation: Translation, results: readonly EngineResult[], durationMs: number): DoneLine;
	/** The answer to a request that can't be read. */
	refuse(line: LeasedLine, fault: RequestFault): DoneLine;
	/** The answer to a request for a model that the batch does not have. */
	otherModel(line: LeasedLine, name: string): DoneLine;
	/** The answer to a request that failed, or how to go on where the request is not to blame. */
	fail(line: LeasedLine, failure: EngineFailure): LineOutcome;
	/** The answer to a request that ran longer than it may. */
	outOfTime(line: LeasedLine, limitSeconds: number, durationMs: number): DoneLine;
	/** The answer to a line that takes the inference process down whenever it runs. */
	quarantine(line: LeasedLine, detail: string): DoneLine;
}

/** What `createAnswers` needs. */
export interface AnswersDeps {
	readonly batch: BatchRecord;
	readonly dialect: Dialect;
	readonly model: ModelIdentity;
	readonly loaded: Pick<LoadedModel, "engineVersion">;
	/** Name of this machine, for provenance; others may change it by joining. */
	readonly machine: () => string;
	readonly clock: Clock;
	/** How often lines without a result have been started in this process's life; kept by whoever works on the batch. */
	readonly starts: Map<number, number>;
}

/**
 * `created` of every answer in a batch file. The time an answer was made is provenance, kept in the ledger; in the file it would
 * make two runs of the same requests differ.
 */
const CREATED_SECONDS = 0;

/** Longest name quoted in a message, in characters. */
const QUOTE_LENGTH = 60;

/** Builds the answers of one batch. */
export function createAnswers(deps: AnswersDeps): Answers {
	const { batch, dialect, model, clock } = deps;

	function done(line: LeasedLine, statusCode: number, body: unknown, made: Partial<Provenance>): DoneLine {
		const provenance: Provenance = {
			modelDigest: model.digest,
			engineVersion: deps.loaded.engineVersion,
			machine: deps.machine(),
			seed: null,
			promptTokens: 0,
			cachedTokens: 0,
			completionTokens: 0,
			reasoningTokens: 0,
			producedAtMs: clock.nowMs(),
			durationMs: 0,
			// A line that is refused before it starts took one as well.
			attempts: Math.max(deps.starts.get(line.line) ?? 0, 1),
			...made,
		};
		deps.starts.delete(line.line);
		const payload = answerPayload(statusCode, line.key, body);
		return { kind: "done", result: { line: line.line, isError: statusCode >= 400, payload, provenance } };
	}

	function reply(line: LeasedLine, fault: ReplyFault, made: Partial<Provenance> = {}): DoneLine {
		return done(line, fault.status, dialect.renderFault(fault, answerId("req_", line.key)), made);
	}

	function fail(line: LeasedLine, failure: EngineFailure): LineOutcome {
		switch (failure.kind) {
			case "invalid-request":
			case "context-exceeded": {
				return reply(line, renderFailure(failure, batch.manifest.endpoint));
			}
			case "process-died":
				return failure;
			case "aborted":
			case "not-loaded":
				return { kind: "aborted" };
			default:
				return assertNever(failure);
		}
	}

	function answer(line: LeasedLine, translation: Translation, results: readonly EngineResult[], durationMs: number) {
		const made = { ...addTokens(results), seed: seedOf(translation.requests), durationMs };
		const limit = batch.manifest.policy.line_tokens;
		const isCut = results.some((result, index) => {
			const request = translation.requests[index];
			return request !== undefined && isCutByBudget(request, result, limit);
		});
		if (limit !== null && isCut)
			return reply(line, budgetFault(describeTokenBudget(translation.requests, limit)), made);
		const body = translation.render(results, {
			id: answerId(dialect.idPrefix, line.key),
			createdSeconds: CREATED_SECONDS,
			// The model that answered, also where the line named another one.
			model: model.name,
			systemFingerprint: `fp_${model.digest.slice(0, 12)}`,
			includeCachedTokens: false,
		});
		return done(line, 200, body, made);
	}

	return {
		answer,
		refuse: (line, fault) => reply(line, refusal(fault)),
		otherModel(line, name) {
			const message = `The model '${name.slice(0, QUOTE_LENGTH)}' does not answer in this batch; '${model.name}' does. A batch has one model: put requests for others into a batch of their own.`;
			const code = "model_not_found";
			return reply(line, { status: 404, type: "invalid_request_error", message, param: "model", code });
		},
		fail,
		outOfTime: (line, limitSeconds, durationMs) =>
			reply(line, budgetFault(describeTimeBudget(limitSeconds)), { durationMs }),
		quarantine(line, detail) {
			const message = `The inference process crashed each time it ran this request (${detail}), so it was taken out. Change the request or the model.`;
			return reply(line, serverFault(500, message, "engine_crashed"));
		},
	};
}

function budgetFault(message: string): ReplyFault {
	return { status: 422, type: "invalid_request_error", message, param: null, code: "line_budget_exceeded" };
}

function addTokens(results: readonly EngineResult[]): Partial<Provenance> {
	const sum = { promptTokens: 0, cachedTokens: 0, completionTokens: 0, reasoningTokens: 0 };
	for (const result of results) {
		sum.promptTokens += result.promptTokens;
		if (result.kind === "embed") continue;
		sum.cachedTokens += result.cachedTokens;
		sum.completionTokens += result.completionTokens;
		sum.reasoningTokens += result.reasoningTokens;
	}
	return sum;
}

function seedOf(requests: readonly EngineRequest[]): number | null {
	const [first] = requests;
	return first?.kind === "generate" ? first.sampling.seed : null;
}
