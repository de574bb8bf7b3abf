/** Anthropic's Message Batches: requests that come in one body, answers as lines. Times are RFC 3339. */
import { z } from "zod";
import type { Wire } from "../openai/shared.ts";
import { messagesErrorSchema } from "./errors.ts";
import { messageSchema } from "./message.ts";

/** Longest `custom_id`, in characters. */
const CUSTOM_ID_LENGTH = 64;

/** What is said of a field that is not there, or of the wrong type. */
function expected(wanted: string) {
	return { error: (issue: { readonly input?: unknown }) => (issue.input === undefined ? "Field required" : wanted) };
}

/**
 * One request of `POST /v1/messages/batches`. Its `params` are those of `POST /v1/messages`; what is wrong in them is no reason
 * to refuse the batch: the request is then `errored`. But for `stream`: who asks for that has taken the wrong door.
 */
export const messageBatchRequestSchema = z.object(
	{
		custom_id: z
			.string(expected("Input should be a valid string"))
			.min(1, "String should have at least 1 character")
			.max(CUSTOM_ID_LENGTH, `String should have at most ${CUSTOM_ID_LENGTH} characters`)
			.regex(/^[a-zA-Z0-9_-]+$/, "String should match pattern '^[a-zA-Z0-9_-]{1,64}$'"),
		params: z.looseObject(
			{
				stream: z
					.unknown()
					.refine(
						(stream) => stream !== true,
						"Answers of a batch can't be streamed; leave this out or set it to false",
					)
					.optional(),
			},
			expected("Input should be a valid dictionary"),
		),
	},
	expected("Input should be a valid dictionary"),
);
/** One request of `POST /v1/messages/batches`. */
export type MessageBatchRequest = Wire<typeof messageBatchRequestSchema>;

const countSchema = z.int().min(0);

/** All requests of a batch. They are `processing` until the whole batch has ended, and only then one of the others. */
export const messageBatchCountsSchema = z.strictObject({
	processing: countSchema,
	succeeded: countSchema,
	errored: countSchema,
	canceled: countSchema,
	expired: countSchema,
});
/** All requests of a batch. */
export type MessageBatchCounts = Wire<typeof messageBatchCountsSchema>;

/** A batch. Every key is always there, null until it has a value. */
export const messageBatchSchema = z.strictObject({
	id: z.string(),
	type: z.literal("message_batch"),
	/** However it ends, it is `ended`: the results tell how each request did. */
	processing_status: z.enum(["in_progress", "canceling", "ended"]),
	request_counts: messageBatchCountsSchema,
	created_at: z.iso.datetime(),
	expires_at: z.iso.datetime(),
	ended_at: z.iso.datetime().nullable(),
	cancel_initiated_at: z.iso.datetime().nullable(),
	/** When its results were removed. */
	archived_at: z.iso.datetime().nullable(),
	/** Null while it has none: not yet, or no longer. */
	results_url: z.url().nullable(),
});
/** A batch. */
export type MessageBatch = Wire<typeof messageBatchSchema>;

/** `GET /v1/messages/batches?limit&after_id&before_id`. */
export const messageBatchListQuerySchema = z
	.object({
		after_id: z.string().min(1).optional(),
		before_id: z.string().min(1).optional(),
		limit: z.coerce.number().int().min(1).max(1_000).default(20),
	})
	.refine((query) => query.after_id === undefined || query.before_id === undefined, {
		path: ["before_id"],
		error: "Give either after_id or before_id, not both.",
	});
/** `GET /v1/messages/batches?limit&after_id&before_id`. */
export type MessageBatchListQuery = Wire<typeof messageBatchListQuerySchema>;

/** Reply of `GET /v1/messages/batches`, newest first. The ids are null when the page is empty. */
export const messageBatchListSchema = z.strictObject({
	data: z.array(messageBatchSchema),
	/** More follow in the direction that was asked for. */
	has_more: z.boolean(),
	first_id: z.string().nullable(),
	last_id: z.string().nullable(),
});
/** Reply of `GET /v1/messages/batches`. */
export type MessageBatchList = Wire<typeof messageBatchListSchema>;

/** Reply of `DELETE /v1/messages/batches/{id}`. */
export const messageBatchDeletedSchema = z.strictObject({ id: z.string(), type: z.literal("message_batch_deleted") });
/** Reply of `DELETE /v1/messages/batches/{id}`. */
export type MessageBatchDeleted = Wire<typeof messageBatchDeletedSchema>;

/** One line of the results. The error of one that failed is the whole body that `POST /v1/messages` would have answered. */
export const messageBatchResultSchema = z.strictObject({
	custom_id: z.string(),
	result: z.discriminatedUnion("type", [
		z.strictObject({ type: z.literal("succeeded"), message: messageSchema }),
		z.strictObject({ type: z.literal("errored"), error: messagesErrorSchema }),
		z.strictObject({ type: z.literal("canceled") }),
		z.strictObject({ type: z.literal("expired") }),
	]),
});
/** One line of the results. */
export type MessageBatchResult = Wire<typeof messageBatchResultSchema>;
