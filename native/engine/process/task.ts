/**
 * One generate request inside the process: checked, made into one strand a choice, gathered into one result. Must never
 * know of lanes or of the way back to the service.
 */
import { createHash, randomBytes } from "node:crypto";
import type { LlamaModel, Token } from "node-llama-cpp";
import { type Clock, err, ok, type Result } from "../../base/base.ts";
import type { EngineFailure, RunStart } from "../engine.ts";
import type { Choice, Delta, GenerateRequest, GenerateResult } from "../request.ts";
import { type Answer, createAnswer } from "./answer.ts";
import { createDrawer } from "./drawer.ts";
import type { AnswerGrammar, GrammarFactory } from "./grammar.ts";
import type { Strand } from "./lane.ts";
import { invalid, type PreparedPrompt, type PromptDeps, preparePrompt } from "./prompt.ts";
import { detectThinking, endsThinking } from "./reasoning.ts";
import { planSampling, type SamplingPlan, toEvaluateOptions } from "./sampling.ts";
import { detectToolStyle, type ToolStyle } from "./tools.ts";
import type { Priority } from "./turns.ts";

/** What requests of one loaded model share. */
export interface TaskDeps extends PromptDeps {
	readonly model: LlamaModel;
	readonly grammars: GrammarFactory;
	readonly clock: Clock;
}

/** Who asked, and where the answer goes. */
export interface TaskListener {
	readonly priority: Priority;
	readonly onStart: (start: RunStart) => void;
	/** Null where nobody wants pieces. */
	readonly onDelta: ((delta: Delta) => void) | null;
	readonly onEnd: (result: Result<GenerateResult, EngineFailure>) => void;
}

/** A request on its way. */
export interface Task {
	readonly strands: readonly Strand[];
	/** Ends it; its strands leave at the next step. */
	cancel(): void;
}

/** A request that was found good, before anybody runs it. */
export interface CheckedRequest {
	readonly request: GenerateRequest;
	readonly prompt: PreparedPrompt;
	readonly sampling: SamplingPlan;
	readonly grammar: AnswerGrammar | null;
	readonly toolStyle: ToolStyle | null;
	/** Most tokens each answer can have in this context. */
	readonly productionLimit: number;
}

/** Seeds drawn for requests without one: what the native sampler takes. */
const RANDOM_SEED_BYTES = 4;

/** Checks everything about a request that can be checked without running it, for a lane of that size. */
export async function checkRequest(
	deps: TaskDeps,
	request: GenerateRequest,
	contextTokens: number,
): Promise<Result<CheckedRequest, EngineFailure>> {
	const toolStyle = toolStyleOf(deps, request);
	const sampling = planSampling(deps.model, deps.vocabulary, request.sampling);
	if (!sampling.ok) return sampling;
	const grammar = await deps.grammars.plan(request, toolStyle);
	if (!grammar.ok) return grammar;
	const prompt = preparePrompt(deps, request);
	if (!prompt.ok) return prompt;
	const promptTokens = prompt.value.tokens.length;
	if (promptTokens >= contextTokens) return err({ kind: "context-exceeded", promptTokens, contextTokens });
	if (request.maxTokens !== null && request.maxTokens < 1)
		return err(invalid("At least one token must be asked for.", "max_tokens"));
	const productionLimit = Math.min(request.maxTokens ?? Number.POSITIVE_INFINITY, contextTokens - promptTokens);
	return ok({
		request,
		prompt: prompt.value,
		sampling: sampling.value,
		grammar: grammar.value,
		toolStyle,
		productionLimit,
	});
}

function toolStyleOf(deps: TaskDeps, request: GenerateRequest): ToolStyle | null {
	const { prompt } = request;
	if (prompt.kind !== "chat" || prompt.tools.length === 0 || prompt.toolChoice.kind === "none") return null;
	return detectToolStyle(deps.template.source);
}

/** Makes the strands of a checked request. */
export function createTask(deps: TaskDeps, checked: CheckedRequest, listener: TaskListener): Task {
	const { request } = checked;
	const queuedAtMs = deps.clock.monotonicMs();
	const firstSeed = request.sampling.seed ?? randomBytes(RANDOM_SEED_BYTES).readUInt32LE();
	const choices: Choice[] = [];
	const totals = { completionTokens: 0, reasoningTokens: 0, cachedTokens: 0, left: request.choices };
	const times = { startedAtMs: 0, readAtMs: 0 };
	let over = false;
	const end = (result: Result<GenerateResult, EngineFailure>): void => {
		if (over) return;
		over = true;
		listener.onEnd(result);
	};
	const gather = (index: number, answer: Answer, choice: Choice): void => {
		choices[index] = choice;
		totals.completionTokens += answer.completionTokens;
		totals.reasoningTokens += answer.reasoningTokens;
		totals.left--;
		if (totals.left > 0) return;
		const endedAtMs = deps.clock.monotonicMs();
		end(
			ok({
				kind: "generate",
				choices,
				promptTokens: checked.prompt.tokens.length,
				cachedTokens: totals.cachedTokens,
				completionTokens: totals.completionTokens,
				reasoningTokens: totals.reasoningTokens,
				timings: {
					queuedMs: times.startedAtMs - queuedAtMs,
					prefillMs: times.readAtMs - times.startedAtMs,
					decodeMs: endedAtMs - times.readAtMs,
				},
			}),
		);
	};
	const strands = Array.from({ length: request.choices }, (_, index) =>
		createStrand(deps, checked, {
			index,
			seed: firstSeed + index,
			priority: listener.priority,
			isCancelled: () => over,
			onStart(cached) {
				totals.cachedTokens = index === 0 ? cached : totals.cachedTokens;
				if (times.startedAtMs !== 0) return;
				times.startedAtMs = deps.clock.monotonicMs();
				listener.onStart({ promptTokens: checked.prompt.tokens.length, cachedTokens: cached });
			},
			onFirstToken() {
				if (times.readAtMs === 0) times.readAtMs = deps.clock.monotonicMs();
			},
			onDelta: listener.onDelta,
			onEnd: (answer, choice) => gather(index, answer, choice),
		}),
	);
	return { strands, cancel: () => end(err({ kind: "aborted" })) };
}

interface StrandOptions {
	readonly index: number;
	readonly seed: number;
	readonly priority: Priority;
	readonly isCancelled: () => boolean;
	readonly onStart: (cached: number) => void;
	readonly onFirstToken: () => void;
	readonly onDelta: ((delta: Delta) => void) | null;
	readonly onEnd: (answer: Answer, choice: Choice) => void;
}

function createStrand(deps: TaskDeps, checked: CheckedRequest, options: StrandOptions): Strand {
	const { request, prompt, sampling, grammar } = checked;
	const thinking = request.prompt.kind === "chat" ? detectThinking(deps.template.source) : null;
	const answer = createAnswer({
		choice: options.index,
		stop: request.stop,
		lead: request.echo ? prompt.text : "",
		thinking,
		startsThinking: thinking !== null && endsThinking(thinking, prompt.tail),
		tools: checked.toolStyle,
		parallelToolCalls: request.prompt.kind === "chat" && request.prompt.parallelToolCalls,
		wantsLogprobs: request.topLogprobs !== null,
		bytesOf: bytesReader(deps, checked.toolStyle),
		nextId: createCallIds(prompt.tokens, options.index),
	});
	const grammarState = grammar?.createState();
	const produced: Token[] = [];
	const send = (): void => {
		if (options.onDelta === null) return;
		const delta = answer.takeDelta();
		if (delta !== null) options.onDelta(delta);
	};
	const finish = (reason: "stop" | "length"): true => {
		const choice = answer.finish(reason);
		send();
		options.onEnd(answer, choice);
		return true;
	};

	return {
		priority: options.priority,
		prompt: prompt.tokens,
		get cancelled() {
			return options.isCancelled();
		},
		start: options.onStart,
		createDrawer: (sequence, priority) =>
			createDrawer({
				sequence,
				priority,
				options: toEvaluateOptions(sampling, {
					seed: options.seed,
					produced,
					// A grammar binds the answer, not the thoughts before it.
					grammar: grammarState === undefined ? undefined : () => (answer.thinking ? undefined : grammarState),
					productionLimit: checked.productionLimit,
				}),
				topLogprobs: request.topLogprobs,
				isPlainGreedy: sampling.isPlainGreedy && grammar === null,
				describe: (token, logprob) => ({
					token: deps.vocabulary.name(token),
					bytes: [...deps.vocabulary.bytes(token)],
					logprob,
				}),
			}),
		accept({ token, logprob }) {
			if (options.isCancelled()) return false;
			if (produced.length === 0) options.onFirstToken();
			if (deps.vocabulary.isEndOfGeneration(token)) return finish("stop");
			produced.push(token);
			const ended = answer.push(token, logprob);
			if (ended) return finish("stop");
			if (produced.length >= checked.productionLimit) return finish("length");
			send();
			return false;
		},
		drop: () => {},
	};
}

/** Letters of a call's id beyond which two calls of one conversation are certain to differ. */
const CALL_ID_LETTERS = 24;

/**
 * Ids of an answer's calls, from what was asked: equal runs of a batch give equal bytes, and the calls of a conversation differ
 * because each answer has another prompt.
 */
function createCallIds(prompt: readonly Token[], choice: number): () => string {
	let calls = 0;
	return () => {
		const place = Uint32Array.of(choice, calls++);
		return createHash("sha256").update(Uint32Array.from(prompt)).update(place).digest("hex").slice(0, CALL_ID_LETTERS);
	};
}

/** Bytes of tokens, where the control tokens that mark calls count as text. */
function bytesReader(deps: TaskDeps, style: ToolStyle | null): (token: Token) => Uint8Array {
	const marks = new Map<Token, Uint8Array>();
	for (const text of [...(style?.openers ?? []), "[ARGS]", "[CALL_ID]", "<think>", "</think>"]) {
		const token = deps.vocabulary.single(text);
		if (token !== null) marks.set(token, new TextEncoder().encode(text));
	}
	return (token) => marks.get(token) ?? deps.vocabulary.bytes(token);
}
