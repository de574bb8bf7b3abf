/**
 * One answer while it grows: tokens in; text, thoughts, tool calls, log probabilities and pieces for streaming out. Must
 * never know of lanes or of other answers.
 */
import type { Token } from "node-llama-cpp";
import type { Choice, Delta, FinishReason, TokenLogprob } from "../request.ts";
import { createDeltaSender } from "./delta-sender.ts";
import { createReasoningSplitter, type ThinkingStyle } from "./reasoning.ts";
import { createStopMatcher } from "./stop.ts";
import { createTextReader } from "./text-reader.ts";
import { createToolReader } from "./tool-stream.ts";
import type { ToolStyle } from "./tools.ts";

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
	/** Letters and digits for the id of the next call. */
	readonly nextId: () => string;
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
	const reader = createTextReader();
	const reasoning = createReasoningSplitter(options.thinking, options.startsThinking);
	const callLimit = options.parallelToolCalls ? Number.POSITIVE_INFINITY : 1;
	const tools =
		options.tools === null ? null : createToolReader({ style: options.tools, callLimit, nextId: options.nextId });
	const sender = createDeltaSender(options.choice);
	const stops = createStopMatcher(options.stop);
	const logprobs: TokenLogprob[] = [];
	/** Where each of their tokens begins in the content. */
	const starts: number[] = [];
	let text = options.lead;
	let thoughts = "";
	let contentLength = 0;
	let stopText: string | null = null;
	/** How many log probabilities may be told. */
	let ready = 0;
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
	const callLimitReached = (): boolean => tools !== null && tools.calls.length >= callLimit && !tools.isOpen;
	/** Log probabilities go out no earlier than the text they belong to. */
	const readyLogprobs = (): readonly TokenLogprob[] => {
		const length = text.length - options.lead.length;
		for (let item = starts[ready]; item !== undefined && item < length; item = starts[ready]) ready++;
		return logprobs.slice(0, ready);
	};

	return {
		push(token, logprob) {
			completionTokens++;
			const start = contentLength;
			const step = reasoning.push(reader.push(options.bytesOf(token)));
			thoughts += step.reasoning;
			if (reasoning.thinking) reasoningTokens++;
			if (logprob !== null && !reasoning.thinking) {
				logprobs.push(logprob);
				starts.push(start);
			}
			read(step.content);
			return stopText !== null || callLimitReached();
		},
		takeDelta: () => sender.take({ text, thoughts, calls: tools?.calls ?? [], logprobs: readyLogprobs() }),
		finish(reason) {
			if (stopText === null) {
				const tail = reasoning.push(reader.end());
				const rest = reasoning.flush();
				thoughts += tail.reasoning + rest.reasoning;
				read(tail.content + rest.content);
				if (tools !== null) visible(tools.flush());
				if (stopText === null) text += stops.flush();
			}
			// With a stop text, what was cut off has no log probabilities; else all are due, also those of calls.
			if (stopText === null) ready = logprobs.length;
			const toolCalls = [...(tools?.calls ?? [])];
			// A call that the token limit cut off is told as that, so that nobody takes its arguments for whole.
			const isCutOff = reason === "length" && tools?.isOpen === true;
			const called: FinishReason = isCutOff ? "length" : "tool-calls";
			return {
				text,
				reasoning: thoughts.length > 0 ? thoughts : null,
				toolCalls,
				finishReason: toolCalls.length > 0 ? called : stopText !== null ? "stop" : reason,
				stopText,
				logprobs: options.wantsLogprobs ? readyLogprobs() : null,
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
