import { assertNever, type Clock, type Log } from "../base/base.ts";
import {
	type Dialect,
	type ReplyFault,
	refusal,
	renderFailure,
	serverFault,
	type Translation,
} from "../engine/dialects/dialect.ts";
import type { Engine, EngineFailure, LoadedModel } from "../engine/engine.ts";
import type { EngineRequest, EngineResult } from "../engine/request.ts";
import type { BatchRecord, LeasedLine, LineResult, ModelIdentity, Provenance } from "../ledger/ledger.ts";
import { parseBatchLine } from "./batch-line.ts";
import { answerId, answerPayload } from "./payload.ts";
import type { ProcessDeath } from "./suspicion.ts";

/** How running a line ended. Only `done` is for the ledger. */
export type LineOutcome =
	| { readonly kind: "done"; readonly result: LineResult }
	| { readonly kind: "aborted" }
	| ({ readonly kind: "process-died"; readonly detail: string } & ProcessDeath);

/** Runs the lines of one batch. */
export interface LineRunner {
	/** Never rejects for what the line contains: a request that can't be honoured is `done` with an error. */
	run(line: LeasedLine, signal: AbortSignal): Promise<LineOutcome>;
	/** The answer to a line that takes the inference process down whenever it runs. */
	quarantine(line: LeasedLine, detail: string): LineResult;
}

/** What `createLineRunner` needs. */
export interface LineRunnerDeps {
	readonly engine: Engine;
	readonly batch: BatchRecord;
	readonly dialect: Dialect;
	readonly model: ModelIdentity;
	readonly loaded: LoadedModel;
	/** Name of this machine, for provenance. */
	readonly machine: string;
	readonly clock: Clock;
	readonly log: Log;
}

/**
 * `created` of every answer in a batch file. The time an answer was made is provenance, kept in the ledger; in the file it would
 * make two runs of the same requests differ.
 */
const CREATED_SECONDS = 0;

/** Builds the runner of one batch. */
export function createLineRunner(deps: LineRunnerDeps): LineRunner {
	const { engine, batch, dialect, model, clock, log } = deps;

	function done(line: LeasedLine, statusCode: number, body: unknown, made: Partial<Provenance>): LineOutcome {
		const provenance: Provenance = {
			modelDigest: model.digest,
			engineVersion: deps.loaded.engineVersion,
			machine: deps.machine,
			seed: null,
			promptTokens: 0,
			cachedTokens: 0,
			completionTokens: 0,
			reasoningTokens: 0,
			producedAtMs: clock.nowMs(),
			durationMs: 0,
			...made,
		};
		const payload = answerPayload(statusCode, line.key, body);
		return { kind: "done", result: { line: line.line, isError: statusCode >= 400, payload, provenance } };
	}

	function refuse(line: LeasedLine, fault: ReplyFault): LineOutcome {
		return done(line, fault.status, dialect.renderFault(fault, answerId("req_", line.key)), {});
	}

	/** The answer to a request that failed, or how to go on where the request is not to blame. */
	function fail(line: LeasedLine, failure: EngineFailure): LineOutcome {
		switch (failure.kind) {
			case "invalid-request":
			case "context-exceeded": {
				return refuse(line, renderFailure(failure, batch.manifest.endpoint));
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

	function render(line: LeasedLine, translation: Translation, results: readonly EngineResult[], startedMs: number) {
		const body = translation.render(results, {
			id: answerId(dialect.idPrefix, line.key),
			createdSeconds: CREATED_SECONDS,
			// The model that answered, also where the line named another one.
			model: model.name,
			systemFingerprint: `fp_${model.digest.slice(0, 12)}`,
			includeCachedTokens: false,
		});
		const durationMs = clock.monotonicMs() - startedMs;
		return done(line, 200, body, { ...addTokens(results), seed: seedOf(translation.requests), durationMs });
	}

	async function run(line: LeasedLine, signal: AbortSignal): Promise<LineOutcome> {
		const parsed = dialect.parse(parseBatchLine(line.bytes).body, { allowStream: false, defaultModel: model.name });
		if (!parsed.ok) return refuse(line, refusal(parsed.error[0]));
		const startedMs = clock.monotonicMs();
		const onStart = () => log.debug({ batch: batch.id, line: line.line, customId: line.customId }, "line started");
		const ended = await runAll(engine, parsed.value.requests, signal, onStart);
		if (!ended.ok) return fail(line, ended.error);
		return render(line, parsed.value, ended.value, startedMs);
	}

	return {
		run,
		quarantine(line, detail) {
			const message = `The inference process crashed each time it ran this request (${detail}), so it was taken out. Change the request or the model.`;
			const outcome = refuse(line, serverFault(500, message, "engine_crashed"));
			if (outcome.kind !== "done") throw new Error("A quarantined line is done");
			return outcome.result;
		},
	};
}

/** All requests of one line, together; the first failure is the line's. */
async function runAll(engine: Engine, requests: readonly EngineRequest[], signal: AbortSignal, onStart: () => void) {
	const ended = await Promise.all(
		requests.map((request) => engine.run(request, { priority: "batch", signal, onStart })),
	);
	const results: EngineResult[] = [];
	for (const one of ended) {
		if (!one.ok) return one;
		results.push(one.value);
	}
	return { ok: true, value: results } as const;
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
