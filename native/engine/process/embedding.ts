/**
 * Vectors for texts. Owns a context of its own, made when first asked for, so that the lanes are never disturbed. Must never
 * keep anything between requests.
 */
import type { LlamaEmbeddingContext, LlamaModel, Token } from "node-llama-cpp";
import { type Clock, err, ok, type Result } from "../../base/base.ts";
import type { EngineFailure, RunStart } from "../engine.ts";
import type { EmbedRequest, EmbedResult } from "../request.ts";
import type { Gate } from "./gate.ts";
import { invalid } from "./prompt.ts";
import type { Vocabulary } from "./tokens.ts";
import type { Priority } from "./turns.ts";

/** What embedding needs. */
export interface EmbedderDeps {
	readonly model: LlamaModel;
	readonly vocabulary: Vocabulary;
	readonly clock: Clock;
	readonly threads: number;
	/** Every input waits for a turn of its own, so that a live request is never behind a whole batch line. */
	readonly gate: Gate;
}

/** Who asked for vectors, and how the request is watched. */
export interface EmbedListener {
	readonly priority: Priority;
	readonly signal: AbortSignal;
	/** Called when the first input's turn has come. */
	readonly onStart: (start: RunStart) => void;
}

/** Makes vectors. */
export interface Embedder {
	embed(request: EmbedRequest, listener: EmbedListener): Promise<Result<EmbedResult, EngineFailure>>;
	/** Tokens of all inputs, or why they can't be embedded. */
	count(request: EmbedRequest): Result<number, EngineFailure>;
}

/** Longest input: what embedding models are trained for, and the size of one pass. */
const LONGEST_INPUT_TOKENS = 2_048;

/** An embedder that holds no memory until it is used. */
export function createEmbedder(deps: EmbedderDeps): Embedder {
	const contextTokens = Math.min(LONGEST_INPUT_TOKENS, deps.model.trainContextSize);
	let context: Promise<LlamaEmbeddingContext> | null = null;
	const open = async (): Promise<Result<LlamaEmbeddingContext, EngineFailure>> => {
		context ??= deps.model.createEmbeddingContext({
			contextSize: contextTokens,
			batchSize: contextTokens,
			threads: deps.threads,
		});
		try {
			return ok(await context);
		} catch (error) {
			context = null;
			return err(cannotEmbed(error));
		}
	};
	const prepare = (request: EmbedRequest) => prepareInputs(deps.vocabulary, request, contextTokens);

	return {
		count(request) {
			const inputs = prepare(request);
			return inputs.ok ? ok(inputs.value.reduce((sum, tokens) => sum + tokens.length, 0)) : inputs;
		},
		async embed(request, listener) {
			const queuedAtMs = deps.clock.monotonicMs();
			const inputs = prepare(request);
			if (!inputs.ok) return inputs;
			const { dimensions } = request;
			const size = deps.model.embeddingVectorSize;
			if (dimensions !== null && (dimensions < 1 || dimensions > size)) {
				return err(invalid(`This model's vectors have ${size} numbers: ask for 1 to ${size}.`, "dimensions"));
			}
			const opened = await open();
			if (!opened.ok) return opened;
			const promptTokens = inputs.value.reduce((sum, tokens) => sum + tokens.length, 0);
			let startedAtMs = queuedAtMs;
			const vectors: (readonly number[])[] = [];
			for (const [index, tokens] of inputs.value.entries()) {
				const made: { vector?: Result<readonly number[], EngineFailure> } = {};
				const work = async (): Promise<number> => {
					if (index === 0) {
						startedAtMs = deps.clock.monotonicMs();
						listener.onStart({ promptTokens, cachedTokens: 0 });
					}
					made.vector = await embedOne(opened.value, tokens);
					return tokens.length;
				};
				await deps.gate.turn(listener.priority, work, listener.signal);
				const vector = made.vector ?? err({ kind: "aborted" });
				if (!vector.ok) return vector;
				vectors.push(normalise(dimensions === null ? vector.value : vector.value.slice(0, dimensions)));
			}
			const prefillMs = deps.clock.monotonicMs() - startedAtMs;
			const timings = { queuedMs: startedAtMs - queuedAtMs, prefillMs, decodeMs: 0 };
			return ok({ kind: "embed", vectors, promptTokens, timings });
		},
	};
}

/** The tokens of each input, or why it can't be embedded. */
function prepareInputs(
	vocabulary: Vocabulary,
	request: EmbedRequest,
	contextTokens: number,
): Result<readonly Token[][], EngineFailure> {
	const inputs: Token[][] = [];
	for (const [index, input] of request.inputs.entries()) {
		const tokens = typeof input === "string" ? vocabulary.tokenizePlain(input) : input.filter(vocabulary.isToken);
		if (typeof input !== "string" && tokens.length !== input.length) {
			return err(invalid(`Input ${index} has a token that is not one of this model's.`, "input"));
		}
		if (tokens.length === 0) return err(invalid(`Input ${index} is empty.`, "input"));
		// One token more may be put at each end.
		if (tokens.length + 2 >= contextTokens) {
			return err({ kind: "context-exceeded", promptTokens: tokens.length, contextTokens });
		}
		inputs.push(tokens);
	}
	return ok(inputs);
}

async function embedOne(
	context: LlamaEmbeddingContext,
	tokens: readonly Token[],
): Promise<Result<readonly number[], EngineFailure>> {
	try {
		const { vector } = await context.getEmbeddingFor([...tokens]);
		return ok(vector);
	} catch (error) {
		return err(cannotEmbed(error));
	}
}

function cannotEmbed(error: unknown): EngineFailure {
	const reason = error instanceof Error ? error.message : String(error);
	return invalid(`This model can't make embeddings here: ${reason}. Use an embedding model.`, "model");
}

/** The same direction with length 1; a vector of nothing stays as it is. */
export function normalise(vector: readonly number[]): readonly number[] {
	const length = Math.hypot(...vector);
	return length === 0 ? vector : vector.map((value) => value / length);
}
