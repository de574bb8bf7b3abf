/**
 * The one internal request every dialect is translated into, and what comes back. Plain data that survives structured
 * cloning, because it crosses to the inference process.
 */

/** A JSON Schema document, as sent by a client. Not yet checked for what the grammar can express. */
export type JsonSchema = { readonly [key: string]: unknown } | boolean;

/** A call of a tool by the model; `argumentsJson` is the text the model wrote, which need not be valid JSON. */
export interface ToolCall {
	readonly id: string;
	readonly name: string;
	readonly argumentsJson: string;
}

/** A function the model may call. */
export interface ToolDefinition {
	readonly name: string;
	readonly description?: string;
	/** JSON Schema of the arguments. */
	readonly parameters?: JsonSchema;
}

/** Whether and which tool must be called. */
export type ToolChoice =
	| { readonly kind: "none" }
	| { readonly kind: "auto" }
	| { readonly kind: "required" }
	| { readonly kind: "named"; readonly name: string };

/** One message of a chat, in the engine's own words. Content is text only: no model here can see yet. */
export type ChatMessage =
	| { readonly role: "system" | "user"; readonly content: string }
	| {
			readonly role: "assistant";
			readonly content: string;
			readonly reasoning?: string;
			readonly toolCalls?: readonly ToolCall[];
	  }
	| { readonly role: "tool"; readonly content: string; readonly toolCallId: string; readonly name?: string };

/** What the model is to continue. */
export type Prompt =
	| {
			readonly kind: "chat";
			readonly messages: readonly ChatMessage[];
			readonly tools: readonly ToolDefinition[];
			readonly toolChoice: ToolChoice;
			readonly parallelToolCalls: boolean;
	  }
	| { readonly kind: "text"; readonly text: string }
	| { readonly kind: "tokens"; readonly tokens: readonly number[] }
	/** Fill in the middle, by the model's own tokens for it. */
	| { readonly kind: "fill"; readonly prefix: string; readonly suffix: string };

/** Shape the answer is forced into. */
export type OutputFormat =
	| { readonly kind: "text" }
	/** Any JSON object. */
	| { readonly kind: "json" }
	| { readonly kind: "json-schema"; readonly schema: JsonSchema };

/** How the next token is drawn. Neutral values switch a part off. */
export interface Sampling {
	/** 0 is greedy: the most likely token, always the same. */
	readonly temperature: number;
	/** Nucleus size, 0 to 1; 1 is off. */
	readonly topP: number;
	/** How many candidates; 0 is off. */
	readonly topK: number;
	/** Least share of the best candidate's probability; 0 is off. */
	readonly minP: number;
	/** Same seed, same draw; null draws a random one. */
	readonly seed: number | null;
	/** -2 to 2; 0 is off. Applies to tokens of the answer, as OpenAI defines it. */
	readonly presencePenalty: number;
	/** -2 to 2; 0 is off. */
	readonly frequencyPenalty: number;
	/** llama.cpp's multiplicative penalty; 1 is off. */
	readonly repeatPenalty: number;
	/** Pairs of token id (of the loaded model) and -100 to 100, added to its logit; -100 bans. */
	readonly logitBias: readonly (readonly [token: number, bias: number])[];
}

/** Asks for text. */
export interface GenerateRequest {
	readonly kind: "generate";
	readonly prompt: Prompt;
	/** Most tokens to produce; null: as many as the context holds. */
	readonly maxTokens: number | null;
	readonly sampling: Sampling;
	/** Texts that end the answer; not part of it. At most 4 through OpenAI; at most 16 here. */
	readonly stop: readonly string[];
	/** How many answers (OpenAI's n), 1 to 128. Choice k of a seeded request uses seed + k. */
	readonly choices: number;
	/** Log probabilities of the answer's tokens with this many alternatives each (0 to 20), or null for none. */
	readonly topLogprobs: number | null;
	readonly format: OutputFormat;
	/** Put the prompt's text before the answer (legacy completions only). */
	readonly echo: boolean;
	/** Variables for the chat template beyond messages and tools, e.g. `enable_thinking`. */
	readonly templateVariables?: { readonly [name: string]: string | number | boolean };
}

/** Asks for vectors, one an input. */
export interface EmbedRequest {
	readonly kind: "embed";
	readonly inputs: readonly (string | readonly number[])[];
	/** Cut to this many numbers and normalised again; null: the model's own size. */
	readonly dimensions: number | null;
}

/** Anything the engine can do for a caller. */
export type EngineRequest = GenerateRequest | EmbedRequest;

/** A token's text, its bytes (a token may be part of a character) and its natural log probability. */
export interface TokenProbability {
	readonly token: string;
	readonly bytes: readonly number[];
	readonly logprob: number;
}

/** Log probability of one token of the answer and of the best alternatives, most likely first. */
export interface TokenLogprob extends TokenProbability {
	readonly top: readonly TokenProbability[];
}

/** Why an answer ended. */
export type FinishReason = "stop" | "length" | "tool-calls";

/** One answer. */
export interface Choice {
	readonly text: string;
	/** What a thinking model wrote before its answer; null where it did not think. */
	readonly reasoning: string | null;
	readonly toolCalls: readonly ToolCall[];
	readonly finishReason: FinishReason;
	/** The stop text that ended it, if one did. */
	readonly stopText: string | null;
	readonly logprobs: readonly TokenLogprob[] | null;
}

/** Where the time of a request went, in milliseconds. */
export interface RequestTimings {
	readonly queuedMs: number;
	readonly prefillMs: number;
	readonly decodeMs: number;
}

/** What a GenerateRequest gives. */
export interface GenerateResult {
	readonly kind: "generate";
	readonly choices: readonly Choice[];
	readonly promptTokens: number;
	/** Prompt tokens that were already in the lane and not computed again. Depends on luck; never put it in batch output. */
	readonly cachedTokens: number;
	/** Over all choices, reasoning included. */
	readonly completionTokens: number;
	readonly reasoningTokens: number;
	readonly timings: RequestTimings;
}

/** What an EmbedRequest gives; vectors have length 1. */
export interface EmbedResult {
	readonly kind: "embed";
	readonly vectors: readonly (readonly number[])[];
	readonly promptTokens: number;
	readonly timings: RequestTimings;
}

/** What the engine gives for a request. */
export type EngineResult = GenerateResult | EmbedResult;

/** The part of a tool call that is new. The first one of a call carries `id` and `name`, and they are whole. */
export interface ToolCallDelta {
	/** Place of the call in the answer's `toolCalls`. */
	readonly index: number;
	readonly id?: string;
	readonly name?: string;
	/** Joined over all deltas of a call: exactly its final `argumentsJson`. */
	readonly argumentsJson?: string;
}

/** The part of an answer that is new since the last delta. Offsets are implied by order. */
export interface Delta {
	readonly choice: number;
	readonly text?: string;
	readonly reasoning?: string;
	readonly toolCalls?: readonly ToolCallDelta[];
	readonly logprobs?: readonly TokenLogprob[];
}
