/**
 * Nightshift's engine as the side that is compared with llama.cpp's own server: the same token ids, one at a time or all at
 * once. Every way of running begins with an engine that has seen nothing. Must never reach past the `Engine` interface.
 */
import { err, ok, type Result, systemClock } from "../../native/base/base.ts";
import { createEngine } from "../../native/engine/create-engine.ts";
import type { Engine, LoadedModel } from "../../native/engine/engine.ts";
import type { GenerateRequest, GenerateResult, TokenProbability } from "../../native/engine/request.ts";
import { GREEDY } from "../../native/engine/testing.ts";
import type { Candidate, GreedyAnswer } from "./greedy-compare.ts";
import { shownCandidates } from "./greedy-server.ts";
import { loadOurs, type OurOptions } from "./our-engine.ts";
import { problemsLog } from "./report.ts";

/** How our side runs the prompts. */
export interface RunWay {
	readonly name: string;
	/** All prompts handed over at once, so that lanes share steps; else each waits for the one before. */
	readonly isTogether: boolean;
	/** Ask for log probabilities. Without them only texts can be compared, but that is how batch lines usually run. */
	readonly hasTokens: boolean;
}

/** What our side made of a prompt. */
export interface OurAnswer extends GreedyAnswer {
	readonly text: string;
}

/** All answers of one way of running. */
export interface OurRun {
	readonly model: LoadedModel;
	readonly answers: readonly OurAnswer[];
	/** Most requests begun and not yet heard to have ended: above the number of lanes where endings come in bunches. */
	readonly busyLanes: number;
	readonly seconds: number;
}

/** Every way of running that is compared. */
export const runWays: readonly RunWay[] = [
	{ name: "alone", isTogether: false, hasTokens: true },
	{ name: "all lanes busy", isTogether: true, hasTokens: true },
	{ name: "all lanes busy, no logprobs", isTogether: true, hasTokens: false },
];

/** Runs all prompts in a fresh engine; the error names the prompt that failed. */
export async function runPrompts(
	options: OurOptions,
	prompts: readonly (readonly number[])[],
	maxTokens: number,
	way: RunWay,
): Promise<Result<OurRun, string>> {
	const engine = createEngine({ clock: systemClock, log: problemsLog, native: { gpu: false } });
	try {
		const loaded = await loadOurs(engine, options);
		if (!loaded.ok) return loaded;
		const startMs = performance.now();
		const lanes = { busy: 0, mostBusy: 0 };
		const answers = await answerAll(engine, prompts, maxTokens, way, lanes);
		const seconds = (performance.now() - startMs) / 1000;
		if (!answers.ok) return answers;
		return ok({ model: loaded.value, answers: answers.value, busyLanes: lanes.mostBusy, seconds });
	} finally {
		await engine.stop();
	}
}

/** How many requests entered a lane and were not heard to have left it, now and at most. */
interface LaneCount {
	busy: number;
	mostBusy: number;
}

async function answerAll(
	engine: Engine,
	prompts: readonly (readonly number[])[],
	maxTokens: number,
	way: RunWay,
	lanes: LaneCount,
): Promise<Result<readonly OurAnswer[], string>> {
	const outcomes: Result<OurAnswer, string>[] = [];
	const ask = (tokens: readonly number[]): Promise<Result<OurAnswer, string>> =>
		answer(engine, toRequest(tokens, maxTokens, way.hasTokens), lanes);
	if (way.isTogether) outcomes.push(...(await Promise.all(prompts.map(ask))));
	else for (const tokens of prompts) outcomes.push(await ask(tokens));
	const answers: OurAnswer[] = [];
	for (const [index, outcome] of outcomes.entries()) {
		if (!outcome.ok) return err(`our engine failed at prompt ${index + 1}: ${outcome.error}`);
		answers.push(outcome.value);
	}
	return ok(answers);
}

function toRequest(tokens: readonly number[], maxTokens: number, hasTokens: boolean): GenerateRequest {
	return {
		kind: "generate",
		prompt: { kind: "tokens", tokens },
		maxTokens,
		sampling: GREEDY,
		stop: [],
		choices: 1,
		topLogprobs: hasTokens ? shownCandidates : null,
		format: { kind: "text" },
		echo: false,
	};
}

async function answer(engine: Engine, request: GenerateRequest, lanes: LaneCount): Promise<Result<OurAnswer, string>> {
	let hasLane = false;
	const outcome = await engine.run(request, {
		priority: "batch",
		onStart: () => {
			hasLane = true;
			lanes.mostBusy = Math.max(lanes.mostBusy, ++lanes.busy);
		},
	});
	if (hasLane) lanes.busy--;
	if (!outcome.ok || outcome.value.kind !== "generate") return err(JSON.stringify(outcome));
	const { prompt } = request;
	return readAnswer(outcome.value, prompt.kind === "tokens" ? prompt.tokens.length : 0);
}

function readAnswer(result: GenerateResult, promptTokens: number): Result<OurAnswer, string> {
	const [choice] = result.choices;
	if (choice === undefined) return err("no answer");
	if (result.promptTokens !== promptTokens) return err(`it read ${result.promptTokens} tokens of ${promptTokens}`);
	const tokens = (choice.logprobs ?? []).map((token) => ({ ...toCandidate(token), best: token.top.map(toCandidate) }));
	return ok({ text: choice.text, tokens, isEnded: choice.finishReason === "stop" });
}

/** Our interface tells tokens by their bytes, as OpenAI's does; ids are filled in from what the other side tells. */
function toCandidate({ bytes, logprob }: TokenProbability): Candidate {
	return { bytes, id: null, logprob };
}
