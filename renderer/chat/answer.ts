/** A streamed answer: what the chunks of `/v1/chat/completions` say. Pure but for what a reader remembers. */
import type { AnswerFigures, ChatChunk, CompletionUsage, ErrorEnvelope } from "../../native/contract/contract.ts";
import { type TurnFailure, turnFailureOf } from "./failures.ts";

/** What one chunk brought. */
export type AnswerStep =
	| { readonly kind: "piece"; readonly text: string; readonly thinking: string }
	/** The service ended the answer early; what came stays. */
	| { readonly kind: "failed"; readonly failure: TurnFailure }
	/** The last event of a whole answer. */
	| { readonly kind: "done" };

/** What is known of an answer besides its words. */
export interface AnswerFacts {
	readonly model: string | null;
	readonly usage: CompletionUsage | null;
	readonly finishReason: string | null;
}

/** Reads chunks. */
export interface AnswerReader {
	/** Takes the data of one event. */
	take(data: string): AnswerStep;
	readonly facts: AnswerFacts;
}

const FENCE = "```";

/** Starts a reader. A call of a tool, which nobody here can do, is shown as a block of text. */
export function createAnswerReader(): AnswerReader {
	let facts: AnswerFacts = { model: null, usage: null, finishReason: null };
	let isInCall = false;

	/** Ends the block of a call. */
	function endCall(): string {
		if (!isInCall) return "";
		isInCall = false;
		return `\n${FENCE}\n`;
	}

	function textOf({ delta, finish_reason: finishReason }: ChatChunk["choices"][number]): string {
		const parts = [];
		if (delta.content) parts.push(endCall(), delta.content);
		for (const call of delta.tool_calls ?? []) {
			if (call.function.name !== undefined) {
				parts.push(endCall(), `\n\n${FENCE}json\n// ${call.function.name}\n`);
				isInCall = true;
			}
			parts.push(call.function.arguments);
		}
		if (finishReason !== null) parts.push(endCall());
		return parts.join("");
	}

	return {
		get facts() {
			return facts;
		},
		take(data) {
			if (data === "[DONE]") return { kind: "done" };
			const chunk: ChatChunk | ErrorEnvelope = JSON.parse(data);
			if ("error" in chunk) return { kind: "failed", failure: turnFailureOf({ kind: "refused", ...chunk.error }) };
			const choice = chunk.choices[0];
			facts = {
				model: chunk.model,
				usage: chunk.usage ?? facts.usage,
				finishReason: choice?.finish_reason ?? facts.finishReason,
			};
			if (choice === undefined) return { kind: "piece", text: "", thinking: "" };
			return { kind: "piece", text: textOf(choice), thinking: choice.delta.reasoning_content ?? "" };
		},
	};
}

/** When an answer was asked for, when its first token came and when its last, in milliseconds of one clock. */
export interface AnswerTimes {
	readonly askedMs: number;
	/** Null: no token came. */
	readonly firstMs: number | null;
	readonly lastMs: number;
}

/** The figures of a whole answer; null: the service told no usage. */
export function figuresOf({ model, usage, finishReason }: AnswerFacts, times: AnswerTimes): AnswerFigures | null {
	if (usage === null) return null;
	const firstMs = times.firstMs ?? times.lastMs;
	const tokens = usage.completion_tokens;
	// The first token's time is reading; the others' is writing. Of a single token there is only the whole.
	const isSeveral = tokens > 1 && times.lastMs > firstMs;
	const [written, tookMs] = isSeveral ? [tokens - 1, times.lastMs - firstMs] : [tokens, times.lastMs - times.askedMs];
	return {
		model: model ?? "",
		input_tokens: usage.prompt_tokens,
		output_tokens: tokens,
		first_token_ms: Math.max(0, firstMs - times.askedMs),
		tokens_per_second: tookMs > 0 ? (written * 1_000) / tookMs : 0,
		finish_reason: finishReason ?? "stop",
	};
}
