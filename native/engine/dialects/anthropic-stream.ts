/** `/v1/messages`: the reply in pieces. */
import type { AnswerBlock, MessageEvent, MessageUsage } from "../../contract/contract.ts";
import type { ToolCallDelta } from "../request.ts";
import { renderMessagesError } from "./anthropic-faults.ts";
import {
	emptyMessage,
	expectAnswer,
	type MessageOptions,
	renderMessageUsage,
	renderStopReason,
	textBlock,
	thinkingBlock,
	toolUseBlock,
} from "./anthropic-render.ts";
import type { ReplyStream, StreamEvent } from "./translation.ts";

/** What a block holds: thoughts, text, or the call at this place among the calls. */
type BlockKind = "thinking" | "text" | number;
type BlockDelta = Extract<MessageEvent, { type: "content_block_delta" }>["delta"];

/** Writes the blocks of a message one after the other, none again once it is closed. */
interface BlockWriter {
	think(thinking: string): readonly MessageEvent[];
	say(text: string): readonly MessageEvent[];
	call(delta: ToolCallDelta): readonly MessageEvent[];
	/** Ends the last block. */
	close(): readonly MessageEvent[];
}

function createBlockWriter(showsThinking: boolean): BlockWriter {
	let open: BlockKind | null = null;
	let index = -1;

	const grow = (delta: BlockDelta): MessageEvent => ({ type: "content_block_delta", index, delta });
	const close = (): readonly MessageEvent[] => {
		if (open === null) return [];
		const signed = open === "thinking" ? [grow({ type: "signature_delta", signature: "" })] : [];
		open = null;
		return [...signed, { type: "content_block_stop", index }];
	};
	const start = (kind: BlockKind, block: AnswerBlock): readonly MessageEvent[] => {
		if (open === kind) return [];
		const closing = close();
		open = kind;
		index++;
		return [...closing, { type: "content_block_start", index, content_block: block }];
	};

	return {
		think(thinking) {
			const starting = start("thinking", thinkingBlock(""));
			return showsThinking ? [...starting, grow({ type: "thinking_delta", thinking })] : starting;
		},
		say: (text) => [...start("text", textBlock("")), grow({ type: "text_delta", text })],
		call({ index: place, id, name, argumentsJson = "" }) {
			const isFirst = id !== undefined && name !== undefined;
			const starting = isFirst ? start(place, toolUseBlock({ id, name }, {})) : [];
			if (open !== place) throw new Error(`A piece of call ${place} came while another block was written.`);
			return argumentsJson === ""
				? starting
				: [...starting, grow({ type: "input_json_delta", partial_json: argumentsJson })];
		},
		close,
	};
}

/**
 * Starts the writer of one message in pieces. What is said after a call began waits for the end, in a block of its own: the call
 * may go on, and no block is written while another is.
 */
export function createMessageStream(options: MessageOptions): ReplyStream {
	const blocks = createBlockWriter(options.showsThinking);
	let called = false;
	let late = { reasoning: "", text: "" };

	const write = (reasoning: string, text: string): readonly MessageEvent[] => [
		...(reasoning === "" ? [] : blocks.think(reasoning)),
		...(text === "" ? [] : blocks.say(text)),
	];

	return {
		begin: (promptTokens) => named([{ type: "message_start", message: emptyMessage(options.context, promptTokens) }]),
		push(_, { reasoning = "", text = "", toolCalls = [] }) {
			if (called) late = { reasoning: late.reasoning + reasoning, text: late.text + text };
			const said = called ? [] : write(reasoning, text);
			called ||= toolCalls.length > 0;
			return named([...said, ...toolCalls.flatMap(blocks.call)]);
		},
		end(results) {
			const { result, choice } = expectAnswer(results);
			const usage = deltaUsage(renderMessageUsage(result, options.context));
			const delta = {
				stop_reason: renderStopReason(result, choice, options),
				stop_sequence: choice.stopText,
				stop_details: null,
				container: null,
			};
			const last = [...write(late.reasoning, late.text), ...blocks.close()];
			return named([...last, { type: "message_delta", delta, usage }, { type: "message_stop" }]);
		},
		fail: (fault) => [{ event: "error", data: renderMessagesError(fault, null) }],
	};
}

/** The counts that can change while a message is written. */
function deltaUsage(usage: MessageUsage): Extract<MessageEvent, { type: "message_delta" }>["usage"] {
	return {
		input_tokens: usage.input_tokens,
		output_tokens: usage.output_tokens,
		cache_creation_input_tokens: usage.cache_creation_input_tokens,
		cache_read_input_tokens: usage.cache_read_input_tokens,
		output_tokens_details: usage.output_tokens_details,
		server_tool_use: usage.server_tool_use,
	};
}

/** Anthropic's SDKs drop an event whose type is not named on its `event:` line. */
function named(events: readonly MessageEvent[]): readonly StreamEvent[] {
	return events.map((event) => ({ event: event.type, data: event }));
}
