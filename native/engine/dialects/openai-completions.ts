/** `/v1/completions`, legacy completions and fill in the middle: the request. */
import type { Result } from "../../base/base.ts";
import { type CompletionObject, type CompletionRequest, completionRequestSchema } from "../../contract/contract.ts";
import type { GenerateRequest, Prompt } from "../request.ts";
import { readBody, type Salvage } from "./check-body.ts";
import { renderCompletion } from "./completions-render.ts";
import { createCompletionStream } from "./openai-completions-stream.ts";
import { translateSampling, translateStop, translateStream } from "./sampling.ts";
import type { ParseOptions, RequestFault, RequestFaults, Translation } from "./translation.ts";

/** Tokens of an answer whose request names no limit: OpenAI's default for this endpoint. */
const DEFAULT_MAX_TOKENS = 16;

const SALVAGE: Salvage = {
	placeholders: { model: "-" },
	companions: { n: ["best_of"], logprobs: ["echo"], prompt: ["suffix"] },
};

/** Reads the body of a completions request. Numbers as prompt are ids of the model's own tokens. */
export function parseCompletion(
	body: unknown,
	options: ParseOptions,
): Result<Translation<CompletionObject>, RequestFaults> {
	return readBody({ schema: completionRequestSchema, salvage: SALVAGE, translate: translateCompletion }, body, options);
}

function translateCompletion(
	request: CompletionRequest,
	options: ParseOptions,
	faults: RequestFault[],
): Translation<CompletionObject> {
	refuseUnsupported(request, faults);
	const shared: Omit<GenerateRequest, "prompt"> = {
		kind: "generate",
		maxTokens: request.max_tokens ?? DEFAULT_MAX_TOKENS,
		sampling: translateSampling(request, faults),
		stop: translateStop(request.stop),
		choices: request.n ?? 1,
		topLogprobs: request.logprobs ?? null,
		format: { kind: "text" },
		echo: request.echo ?? false,
	};
	const stream = translateStream(request, options, faults);
	return {
		model: request.model,
		requests: translatePrompts(request, faults).map((prompt) => ({ ...shared, prompt })),
		stream:
			stream === null ? null : (context) => createCompletionStream({ ...stream, choices: shared.choices, context }),
		render: renderCompletion,
	};
}

function refuseUnsupported(request: CompletionRequest, faults: RequestFault[]): void {
	const bestOf = request.best_of ?? null;
	if (bestOf !== null && bestOf !== (request.n ?? 1)) {
		faults.push({
			message: `Unsupported 'best_of': ${bestOf}. It must equal 'n' (${request.n ?? 1}); leave it out.`,
			param: "best_of",
			code: "unsupported_value",
		});
	}
	if (request.echo === true && typeof request.logprobs === "number") {
		faults.push({
			message: "'echo' with 'logprobs' is not supported: log probabilities are known of the answer only. Drop one.",
			param: "echo",
			code: "unsupported_value",
		});
	}
}

/** One prompt for each text or list of tokens. An absent prompt is an empty one: the model begins from nothing. */
function translatePrompts(request: CompletionRequest, faults: RequestFault[]): readonly Prompt[] {
	const prompt = request.prompt ?? "";
	const prompts: readonly (string | readonly number[])[] =
		typeof prompt === "string" ? [prompt] : isTokens(prompt) ? [prompt] : prompt;
	const suffix = request.suffix ?? "";
	return prompts.map((one): Prompt => {
		if (typeof one === "string") {
			return suffix === "" ? { kind: "text", text: one } : { kind: "fill", prefix: one, suffix };
		}
		if (suffix !== "") {
			faults.push({
				message: "'suffix' needs a prompt of text, not of token ids.",
				param: "suffix",
				code: "unsupported_value",
			});
		}
		return { kind: "tokens", tokens: one };
	});
}

function isTokens(prompt: readonly (string | number | readonly number[])[]): prompt is readonly number[] {
	return typeof prompt[0] === "number";
}
