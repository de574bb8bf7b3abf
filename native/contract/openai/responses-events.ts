/**
 * Responses: the reply in pieces. `event:` of each server-sent event is its `type`. The official client's helper refuses types it
 * does not know, so there are no others.
 */
import { z } from "zod";
import {
	responsesLogprobsSchema,
	responsesOutputItemSchema,
	responsesReplySchema,
	responsesTextSchema,
	responsesThoughtSchema,
} from "./responses-reply.ts";
import type { Wire } from "./shared.ts";

/** Counts the events of a reply, from 0. */
const sequenceFields = { sequence_number: z.int().min(0) } as const;

const itemFields = { ...sequenceFields, output_index: z.int().min(0) } as const;

const pieceFields = { ...itemFields, item_id: z.string() } as const;

/** A message and a thought have one part, the first. */
const partFields = { ...pieceFields, content_index: z.literal(0) } as const;

const partSchema = z.discriminatedUnion("type", [responsesTextSchema, responsesThoughtSchema]);

/** One event of a reply in pieces. */
export const responsesEventSchema = z.discriminatedUnion("type", [
	z.strictObject({
		type: z.literal([
			"response.created",
			"response.in_progress",
			"response.completed",
			"response.incomplete",
			"response.failed",
		]),
		...sequenceFields,
		response: responsesReplySchema,
	}),
	z.strictObject({
		type: z.literal(["response.output_item.added", "response.output_item.done"]),
		...itemFields,
		item: responsesOutputItemSchema,
	}),
	z.strictObject({
		type: z.literal(["response.content_part.added", "response.content_part.done"]),
		...partFields,
		part: partSchema,
	}),
	z.strictObject({
		type: z.literal("response.output_text.delta"),
		...partFields,
		delta: z.string(),
		logprobs: responsesLogprobsSchema,
	}),
	z.strictObject({
		type: z.literal("response.output_text.done"),
		...partFields,
		text: z.string(),
		logprobs: responsesLogprobsSchema,
	}),
	z.strictObject({ type: z.literal("response.reasoning_text.delta"), ...partFields, delta: z.string() }),
	z.strictObject({ type: z.literal("response.reasoning_text.done"), ...partFields, text: z.string() }),
	z.strictObject({ type: z.literal("response.function_call_arguments.delta"), ...pieceFields, delta: z.string() }),
	z.strictObject({ type: z.literal("response.function_call_arguments.done"), ...pieceFields, arguments: z.string() }),
	z.strictObject({ type: z.literal("response.custom_tool_call_input.delta"), ...pieceFields, delta: z.string() }),
	z.strictObject({ type: z.literal("response.custom_tool_call_input.done"), ...pieceFields, input: z.string() }),
]);
/** One event of a reply in pieces. */
export type ResponsesEvent = Wire<typeof responsesEventSchema>;
