/** `/v1/completions`: legacy completions and fill in the middle. */
import { err, ok, type Result } from "../../base/base.ts";
import {
	type CompletionLogprobs,
	type CompletionObject,
	type CompletionRequest,
	completionRequestSchema,
} from "../../contract/contract.ts";
import type {
	EngineResult,
	FinishReason,
	GenerateRequest,
	Prompt,
	TokenLogprob,
	TokenProbability,
} from "../request.ts";
import { finite } from "./chat-render.ts";
import { checkBody, type Salvage } from "./check-body.ts";
import { translateSampling, translateStop, translateStream } from "./sampling.ts";
import type { ParseOptions, RenderContext, RequestFault, RequestFaults, Translation } from "./translation.ts";
import { expectGenerated, renderUsage } from "./usage.ts";

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
	const checked = checkBody(completionRequestSchema, body, SALVAGE, options);
	const faults = [...checked.faults];
	const translation = checked.request === null ? null : translateCompletion(checked.request, options, faults);
	const [first, ...rest] = faults;
	if (first !== undefined) return err([first, ...rest]);
	if (translation === null) throw new Error("A body without fault was not translated.");
	return ok(translation);
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
	return {
		model: request.model,
		requests: translatePrompts(request, faults).map((prompt) => ({ ...shared, prompt })),
		stream: translateStream(request, options, faults),
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

function renderCompletion(results: readonly EngineResult[], context: RenderContext): CompletionObject {
	const generated = expectGenerated(results);
	const choices = generated.flatMap((result) => result.choices);
	return {
		id: context.id,
		object: "text_completion",
		created: context.createdSeconds,
		model: context.model,
		// Every request has n answers, so the place in the whole list is promptIndex * n + k, as OpenAI numbers them.
		choices: choices.map((choice, index) => ({
			index,
			text: choice.text,
			logprobs: renderCompletionLogprobs(choice.logprobs),
			finish_reason: renderTextFinishReason(choice.finishReason),
		})),
		usage: renderUsage(generated, context.includeCachedTokens),
		system_fingerprint: context.systemFingerprint,
	};
}

/** OpenAI's word for why a text ended; a text can't end in a tool call, so that too is a stop. */
export function renderTextFinishReason(reason: FinishReason): "stop" | "length" {
	return reason === "length" ? "length" : "stop";
}

/** Log probabilities in the older shape. The token drawn is always among the alternatives, as at OpenAI. */
export function renderCompletionLogprobs(logprobs: readonly TokenLogprob[] | null): CompletionLogprobs | null {
	if (logprobs === null) return null;
	const offsets: number[] = [];
	let offset = 0;
	for (const { token } of logprobs) {
		offsets.push(offset);
		offset += [...token].length;
	}
	return {
		tokens: logprobs.map(tokenName),
		token_logprobs: logprobs.map((token) => finite(token.logprob)),
		top_logprobs: logprobs.map((token) =>
			Object.fromEntries([...token.top, token].map((one) => [tokenName(one), finite(one.logprob)])),
		),
		text_offset: offsets,
	};
}

/** A token that is only part of a character is named by its bytes, as at OpenAI, so that two of them stay apart. */
function tokenName({ token, bytes }: TokenProbability): string {
	if (!token.includes("\uFFFD")) return token;
	return `bytes:${bytes.map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("")}`;
}
