/** Sampling parameters in node-llama-cpp's words. Owns what can't be honoured and says so. Must never sample. */
import {
	type LlamaGrammarEvaluationState,
	type LlamaModel,
	type SequenceEvaluateOptions,
	type Token,
	TokenBias,
} from "node-llama-cpp";
import { err, ok, type Result } from "../../base/base.ts";
import type { EngineFailure } from "../engine.ts";
import type { Sampling } from "../request.ts";
import { invalid } from "./prompt.ts";
import type { Vocabulary } from "./tokens.ts";

/** A request's sampling, checked once and used by each of its answers. */
export interface SamplingPlan {
	readonly sampling: Sampling;
	readonly bias: TokenBias | undefined;
	/** True when the draw is the plain maximum of the model's own logits. */
	readonly isPlainGreedy: boolean;
}

/** OpenAI documents -100 as a ban; below that nothing is left of a token's chance anyway. */
const BANNING_BIAS = -100;

/** Checks a request's sampling against the model. */
export function planSampling(
	model: LlamaModel,
	vocabulary: Vocabulary,
	sampling: Sampling,
): Result<SamplingPlan, EngineFailure> {
	const bias = sampling.logitBias.length === 0 ? undefined : TokenBias.for(model);
	for (const [id, value] of sampling.logitBias) {
		if (!vocabulary.isToken(id)) {
			const range = `0 to ${vocabulary.size - 1}`;
			return err(invalid(`Token ${id} is not one of this model's tokens (${range}).`, "logit_bias"));
		}
		if (value === 0) continue;
		if (vocabulary.isEndOfGeneration(id)) {
			const message = `Token ${id} ends the answer; a bias on end tokens can't be honoured. Use max_tokens or stop.`;
			return err(invalid(message, "logit_bias"));
		}
		bias?.set(id, value <= BANNING_BIAS ? "never" : { logit: value });
	}
	const { presencePenalty, frequencyPenalty, repeatPenalty } = sampling;
	const hasPenalties = presencePenalty !== 0 || frequencyPenalty !== 0 || repeatPenalty !== 1;
	return ok({ sampling, bias, isPlainGreedy: sampling.temperature <= 0 && bias === undefined && !hasPenalties });
}

/** What changes from answer to answer and from token to token. */
export interface DrawState {
	readonly seed: number;
	/** Tokens of the answer so far, for the penalties; the same array as it grows. */
	readonly produced: readonly Token[];
	/** The grammar's state, or undefined while it does not apply. */
	readonly grammar: (() => LlamaGrammarEvaluationState | undefined) | undefined;
	/** Most tokens the answer can have. */
	readonly productionLimit: number;
}

/** Options of one answer's evaluation. */
export function toEvaluateOptions(plan: SamplingPlan, state: DrawState): SequenceEvaluateOptions {
	const { sampling } = plan;
	const hasPenalties =
		sampling.presencePenalty !== 0 || sampling.frequencyPenalty !== 0 || sampling.repeatPenalty !== 1;
	const options: SequenceEvaluateOptions = {
		temperature: Math.max(0, sampling.temperature),
		topP: sampling.topP,
		minP: sampling.minP,
		seed: toSeed(state.seed),
		yieldEogToken: true,
		...(state.grammar === undefined ? {} : { grammarEvaluationState: state.grammar }),
		...(plan.bias === undefined ? {} : { tokenBias: plan.bias }),
		...(hasPenalties
			? {
					repeatPenalty: {
						punishTokens: () => [...state.produced],
						// As many as the answer can have: a growing limit would rebuild the native sampler at each token.
						maxPunishTokens: state.productionLimit,
						penalty: sampling.repeatPenalty,
						presencePenalty: sampling.presencePenalty,
						frequencyPenalty: sampling.frequencyPenalty,
					},
				}
			: {}),
	};
	// null, unlike 0, leaves the stage out; 0 means "all of them" and sorts the whole vocabulary at each token.
	return Object.assign(options, { topK: sampling.topK > 0 ? sampling.topK : null });
}

const SEED_RANGE = 2 ** 32;

/** The native sampler takes 32 bits; other seeds wrap around, negative ones too. */
export function toSeed(seed: number): number {
	const whole = Math.trunc(seed) % SEED_RANGE;
	return whole < 0 ? whole + SEED_RANGE : whole;
}
