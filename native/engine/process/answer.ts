/**
 * One answer while it grows: tokens in; text, thoughts, tool calls, log probabilities and pieces for streaming out. Must
 * never know of lanes or of other answers.
 */
import type { Token } from "node-llama-cpp";
import type { Choice, Delta, FinishReason, TokenLogprob } from "../request.ts";
import { createReasoningSplitter, type ThinkingStyle } from "./reasoning.ts";
import { createStopMatcher } from "./stop.ts";
import { createToolReader, type ToolStyle, withIds } from "./tools.ts";

/** How an answer is to be read. */
export interface AnswerOptions {
	readonly choice: number;
	readonly stop: readonly string[];
	/** Text put in front of the answer, for `echo`; else empty. */
	readonly lead: string;
	/** How the model thinks, or null where it does not. */
	readonly thinking: ThinkingStyle | null;
	readonly startsThinking: boolean;
	/** How calls are written, or null where none may be made. */
	readonly tools: ToolStyle | null;
	readonly parallelToolCalls: boolean;
	readonly wantsLogprobs: boolean;
	/** Bytes of a token, as text is made of them. */
	readonly bytesOf: (token: Token) => Uint8Array;
	/** Letters and digits for ids of calls. */
	readonly random: () => string;
}

/** One growing answer. */
export interface Answer {
	/** Takes one token that is not an end token; true when the answer ended with it. */
	push(token: Token, logprob: TokenLogprob | null): boolean;
	/** What is new since the last call; null when nothing is. */
	takeDelta(): Delta | null;
	/** Closes the answer. `reason` counts only when nothing in the text ended it. */
	finish(reason: "stop" | "length"): Choice;
	readonly thinking: boolean;
	readonly reasoningTokens: number;
	readonly completionTokens: number;
}

/** Starts an empty answer. */
export function createAnswer(options: AnswerOptions): Answer {
	const decoder = new TextDecoder();
	const reasoning = createReasoningSplitter(options.thinking, options.startsThinking);
	const tools = options.tools === null ? null : createToolReader(options.tools);
	const stops = createStopMatcher(options.stop);
	const logprobs: { readonly value: TokenLogprob; readonly start: number }[] = [];
	let text = options.lead;
	let thoughts = "";
	let contentLength = 0;
	let stopText: string | null = null;
	let sent = { text: 0, thoughts: 0, logprobs: 0 };
	let completionTokens = 0;
	let reasoningTokens = 0;

	const visible = (content: string): void => {
		if (stopText !== null || content.length === 0) return;
		const step = stops.push(content);
		text += step.text;
		stopText = step.stopText;
	};
	const read = (content: string): void => {
		contentLength += content.length;
		visible(tools === null ? content : tools.push(content));
	};
	const callLimitReached = (): boolean => !options.parallelToolCalls && (tools?.calls.length ?? 0) > 0;

	return {
		push(token, logprob) {
			completionTokens++;
			const start = contentLength;
			const step = reasoning.push(decoder.decode(options.bytesOf(token), { stream: true }));
			thoughts += step.reasoning;
			if (reasoning.thinking) reasoningTokens++;
			if (logprob !== null && !reasoning.thinking) logprobs.push({ value: logprob, start });
			read(step.content);
			return stopText !== null || callLimitReached();
		},
		takeDelta() {
			// Log probabilities go out no earlier than the text they belong to.
			const ready = logprobs.filter((item) => options.lead.length + item.start < text.length).length;
			const delta: Delta = {
				choice: options.choice,
				...(text.length > sent.text ? { text: text.slice(sent.text) } : {}),
				...(thoughts.length > sent.thoughts ? { reasoning: thoughts.slice(sent.thoughts) } : {}),
				...(ready > sent.logprobs ? { logprobs: logprobs.slice(sent.logprobs, ready).map((item) => item.value) } : {}),
			};
			const isEmpty = delta.text === undefined && delta.reasoning === undefined && delta.logprobs === undefined;
			sent = { text: text.length, thoughts: thoughts.length, logprobs: Math.max(ready, sent.logprobs) };
			return isEmpty ? null : delta;
		},
		finish(reason) {
			if (stopText === null) {
				const tail = reasoning.push(decoder.decode());
				const rest = reasoning.flush();
				thoughts += tail.reasoning + rest.reasoning;
				read(tail.content + rest.content);
				if (tools !== null) visible(tools.flush());
				if (stopText === null) text += stops.flush();
			}
			const parsed = tools?.calls ?? [];
			const allowed = options.parallelToolCalls ? parsed : parsed.slice(0, 1);
			const toolCalls = options.tools === null ? [] : withIds(options.tools, allowed, options.random);
			const finishReason: FinishReason = toolCalls.length > 0 ? "tool-calls" : stopText !== null ? "stop" : reason;
			const length = text.length - options.lead.length;
			const kept = stopText === null ? logprobs : logprobs.filter((item) => item.start < length);
			return {
				text,
				reasoning: thoughts.length > 0 ? thoughts : null,
				toolCalls,
				finishReason,
				stopText,
				logprobs: options.wantsLogprobs ? kept.map((item) => item.value) : null,
			};
		},
		get thinking() {
			return reasoning.thinking;
		},
		get reasoningTokens() {
			return reasoningTokens;
		},
		get completionTokens() {
			return completionTokens;
		},
	};
}
