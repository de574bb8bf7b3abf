/** `/api/threads`: conversations of the chat window, kept on this machine only. */
import { z } from "zod";
import { unixSecondsSchema, type Wire } from "../openai/shared.ts";

/** Longest text of one message: more than any context holds. */
const MOST_TEXT_LENGTH = 2_000_000;
/** Most messages of a conversation: far beyond any context; bounds the file. */
const MOST_MESSAGES = 5_000;

/** What an answer took. */
export const answerFiguresSchema = z.strictObject({
	model: z.string(),
	input_tokens: z.int().min(0),
	output_tokens: z.int().min(0),
	/** To the first token. */
	first_token_ms: z.number().min(0),
	tokens_per_second: z.number().min(0),
	finish_reason: z.string(),
});
/** What an answer took. */
export type AnswerFigures = Wire<typeof answerFiguresSchema>;

/** One message. */
export const threadMessageSchema = z.strictObject({
	id: z.string().min(1).max(64),
	role: z.enum(["user", "assistant"]),
	text: z.string().max(MOST_TEXT_LENGTH),
	/** What the model thought before it answered; null: nothing, or it is the user's. */
	thinking: z.string().max(MOST_TEXT_LENGTH).nullable(),
	/** Null: the user's, or the answer was stopped before it began. */
	figures: answerFiguresSchema.nullable(),
	/** The answer was stopped, or broke off: why. */
	stopped: z.string().max(1_000).nullable(),
	at: unixSecondsSchema,
});
/** One message. */
export type ThreadMessage = Wire<typeof threadMessageSchema>;

/** How a conversation is answered. */
export const threadOptionsSchema = z.strictObject({
	/** Null: the owner's default. */
	model: z.string().max(512).nullable(),
	system: z.string().max(100_000),
	temperature: z.number().min(0).max(2).nullable(),
	top_p: z.number().gt(0).max(1).nullable(),
	max_tokens: z.int().min(1).nullable(),
});
/** How a conversation is answered. */
export type ThreadOptions = Wire<typeof threadOptionsSchema>;

/**
 * `PUT /api/threads/{id}`: the whole conversation as it is now. `revision` is the one it was read with, 0 for a new one. The id of a new
 * one is made by who makes it (`thread_` and 16 to 64 small letters and digits), or by the service for `PUT /api/threads/new`.
 */
export const threadWriteSchema = z.strictObject({
	revision: z.int().min(0),
	title: z.string().max(200),
	options: threadOptionsSchema,
	messages: z.array(threadMessageSchema).max(MOST_MESSAGES),
});
/** `PUT /api/threads/{id}`. */
export type ThreadWrite = Wire<typeof threadWriteSchema>;

/** A conversation. */
export const threadSchema = threadWriteSchema.extend({
	id: z.string(),
	created_at: unixSecondsSchema,
	changed_at: unixSecondsSchema,
});
/** A conversation. */
export type Thread = Wire<typeof threadSchema>;

/** A conversation in a list. */
export const threadLineSchema = z.strictObject({
	id: z.string(),
	title: z.string(),
	messages: z.int().min(0),
	created_at: unixSecondsSchema,
	changed_at: unixSecondsSchema,
});
/** A conversation in a list. */
export type ThreadLine = Wire<typeof threadLineSchema>;

/** Reply of `GET /api/threads`: changed last first. */
export const threadListSchema = z.strictObject({ data: z.array(threadLineSchema) });
/** Reply of `GET /api/threads`. */
export type ThreadList = Wire<typeof threadListSchema>;

/** Reply of `DELETE /api/threads/{id}`. */
export const threadDeletedSchema = z.strictObject({ id: z.string(), deleted: z.literal(true) });
/** Reply of `DELETE /api/threads/{id}`. */
export type ThreadDeleted = Wire<typeof threadDeletedSchema>;
