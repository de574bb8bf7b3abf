import type { Log } from "../../base/base.ts";
import type { Engine } from "../../engine/engine.ts";
import type { EngineRequest, EngineResult } from "../../engine/request.ts";
import type { LeasedLine, LineResult } from "../../ledger/ledger.ts";
import type { FileRequest } from "../formats/formats.ts";
import { type AnswersDeps, createAnswers, type LineOutcome } from "./answers.ts";
import { capTokens } from "./guard.ts";
import { createLineTimer } from "./line-timer.ts";

/** Runs the lines of one batch. */
export interface LineRunner {
	/** Never rejects for what the line contains: a request that can't be honoured is `done` with an error. */
	run(line: LeasedLine, signal: AbortSignal): Promise<LineOutcome>;
	/** The answer to a line that takes the inference process down whenever it runs. */
	quarantine(line: LeasedLine, detail: string): LineResult;
}

/** What `createLineRunner` needs. */
export interface LineRunnerDeps extends AnswersDeps {
	readonly engine: Engine;
	/** What a record of the batch's file asks. */
	readonly request: (bytes: Uint8Array) => FileRequest;
	readonly log: Log;
	/** Whether the batch's model answers for this name; another one is the line's own failure. */
	readonly answersFor: (modelName: string) => boolean;
	/** Time the gate has been closed so far; a line is not charged for it. */
	readonly frozenMs: () => number;
}

/** Builds the runner of one batch. */
export function createLineRunner(deps: LineRunnerDeps): LineRunner {
	const { batch, log } = deps;
	const { line_seconds: limitSeconds, line_tokens: limitTokens } = batch.manifest.policy;
	const answers = createAnswers(deps);

	/** Notes that a line enters a lane. */
	function noteStart(line: LeasedLine): void {
		deps.starts.set(line.line, (deps.starts.get(line.line) ?? 0) + 1);
		log.debug({ batch: batch.id, line: line.line, customId: line.customId }, "line started");
	}

	async function run(line: LeasedLine, signal: AbortSignal): Promise<LineOutcome> {
		const { body } = deps.request(line.bytes);
		const parsed = deps.dialect.parse(body, { allowStream: false, defaultModel: deps.model.name });
		if (!parsed.ok) return answers.refuse(line, parsed.error[0]);
		if (!deps.answersFor(parsed.value.model)) return answers.otherModel(line, parsed.value.model);
		const timer = createLineTimer({ limitSeconds, stop: signal, clock: deps.clock, frozenMs: deps.frozenMs });
		const onStart = () => {
			if (timer.begin()) noteStart(line);
		};
		const requests = parsed.value.requests.map((request) => capTokens(request, limitTokens));
		const ended = await runAll(deps.engine, requests, timer.signal, onStart);
		const { ranMs, isTimeUp } = timer.end();
		if (ended.ok) return answers.answer(line, parsed.value, ended.value, ranMs);
		const isOver = isTimeUp && ended.error.kind === "aborted" && limitSeconds !== null;
		return isOver ? answers.outOfTime(line, limitSeconds, ranMs) : answers.fail(line, ended.error);
	}

	return { run, quarantine: (line, detail) => answers.quarantine(line, detail).result };
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
