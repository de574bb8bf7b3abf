/** Batches, and the lines of their input and output files. */
import { z } from "zod";
import { batchOptionsSchema } from "../api/batch-options.ts";
import { batchPlaceSchema } from "../api/mesh.ts";
import { errorEnvelopeSchema } from "./errors.ts";
import {
	expiresAfterSchema,
	listQuerySchema,
	listSchema,
	metadataSchema,
	unixSecondsSchema,
	type Wire,
} from "./shared.ts";

/** Endpoints that OpenAI's lines may name here. */
export const OPENAI_BATCH_ENDPOINTS = [
	"/v1/chat/completions",
	"/v1/completions",
	"/v1/embeddings",
	"/v1/responses",
] as const;
/** Url of what a Gemini or Vertex line asks. The model stands in the url there, not in the line; `*` is its place. */
export const GEMINI_GENERATE_URL = "/v1beta/models/*:generateContent";
/** Endpoints whose requests a batch may carry here: OpenAI's, and those of files in other dialects. */
export const BATCH_ENDPOINTS = [...OPENAI_BATCH_ENDPOINTS, "/v1/messages", GEMINI_GENERATE_URL] as const;
/** Endpoints whose requests a batch may carry here. */
export type BatchEndpoint = (typeof BATCH_ENDPOINTS)[number];

/** `POST /v1/batches`. Endpoint and window are checked by who runs the batch, so that the refusal can say what is on offer. */
export const batchCreateSchema = z.object({
	input_file_id: z.string().min(1),
	endpoint: z.string().min(1),
	completion_window: z.string().min(1),
	metadata: metadataSchema.nullish(),
	output_expires_after: expiresAfterSchema.nullish(),
	/** Our extension: what OpenAI has no field for. The official clients send it as `extra_body={"nightshift": {…}}`. */
	nightshift: batchOptionsSchema.nullish(),
});
/** `POST /v1/batches`. */
export type BatchCreate = Wire<typeof batchCreateSchema>;

/** Where a batch stands: `validating → failed | in_progress → finalizing → completed`, or `expired`, or by `cancelling`. */
export const batchStatusSchema = z.enum([
	"validating",
	"failed",
	"in_progress",
	"finalizing",
	"completed",
	"expired",
	"cancelling",
	"cancelled",
]);
/** Where a batch stands. */
export type BatchObjectStatus = z.infer<typeof batchStatusSchema>;

/** One fault of the input file; `line` is 1-based. `code` is a `BatchFaultCode`, or why the batch as a whole failed. */
export const batchErrorSchema = z.strictObject({
	code: z.string(),
	line: z.int().min(1).nullable(),
	message: z.string(),
	param: z.string().nullable(),
});
/** One fault of the input file. */
export type BatchErrorObject = Wire<typeof batchErrorSchema>;

/** Lines in all, lines answered with a 2xx, lines in the error file. */
export const batchRequestCountsSchema = z.strictObject({
	total: z.int().min(0),
	completed: z.int().min(0),
	failed: z.int().min(0),
});

/** Tokens over the finished lines. */
export const batchUsageSchema = z.strictObject({
	input_tokens: z.int().min(0),
	input_tokens_details: z.strictObject({ cached_tokens: z.int().min(0) }),
	output_tokens: z.int().min(0),
	output_tokens_details: z.strictObject({ reasoning_tokens: z.int().min(0) }),
	total_tokens: z.int().min(0),
});

/** A batch. Every key is always there, null until it has a value. */
export const batchObjectSchema = z.strictObject({
	id: z.string(),
	object: z.literal("batch"),
	endpoint: z.string(),
	model: z.string().nullable(),
	errors: z.strictObject({ object: z.literal("list"), data: z.array(batchErrorSchema) }).nullable(),
	input_file_id: z.string(),
	completion_window: z.string(),
	status: batchStatusSchema,
	output_file_id: z.string().nullable(),
	error_file_id: z.string().nullable(),
	created_at: unixSecondsSchema,
	in_progress_at: unixSecondsSchema.nullable(),
	expires_at: unixSecondsSchema.nullable(),
	finalizing_at: unixSecondsSchema.nullable(),
	completed_at: unixSecondsSchema.nullable(),
	failed_at: unixSecondsSchema.nullable(),
	expired_at: unixSecondsSchema.nullable(),
	cancelling_at: unixSecondsSchema.nullable(),
	cancelled_at: unixSecondsSchema.nullable(),
	request_counts: batchRequestCountsSchema,
	usage: batchUsageSchema.nullable(),
	metadata: metadataSchema.nullable(),
});
/** A batch. */
export type BatchObject = Wire<typeof batchObjectSchema>;

/** A batch as `/v1/batches` answers it: OpenAI's, and in our extension what OpenAI has no field for. */
export const extendedBatchSchema = batchObjectSchema.extend({ nightshift: batchPlaceSchema });
/** A batch as `/v1/batches` answers it. */
export type ExtendedBatch = Wire<typeof extendedBatchSchema>;

/** `GET /v1/batches?after&limit`. */
export const batchListQuerySchema = listQuerySchema({ max: 100, default: 20 });
/** `GET /v1/batches?after&limit`. */
export type BatchListQuery = Wire<typeof batchListQuerySchema>;

/** Reply of `GET /v1/batches`. */
export const batchListSchema = listSchema(extendedBatchSchema);
/** Reply of `GET /v1/batches`. */
export type BatchList = Wire<typeof batchListSchema>;

/** One line of an input file. `body` is the endpoint's own body; its schema is the endpoint's. */
export const batchInputLineSchema = z.object({
	custom_id: z.string().min(1),
	method: z.literal("POST"),
	url: z.string().min(1),
	body: z.record(z.string(), z.unknown()),
});
/** One line of an input file. */
export type BatchInputLine = Wire<typeof batchInputLineSchema>;

/** What an HTTP call with the line's body would have answered. */
export const batchLineResponseSchema = z.strictObject({
	status_code: z.int(),
	request_id: z.string(),
	/** The endpoint's response object, or an error envelope when the status is 400 or above. */
	body: z.union([errorEnvelopeSchema, z.record(z.string(), z.unknown())]),
});

/** Why a line was never executed, e.g. `batch_expired`, or (our extension) `batch_cancelled`. */
export const batchLineErrorSchema = z.strictObject({ code: z.string(), message: z.string() });

/**
 * One line of an output or error file. A line that ran and failed has its status and envelope in `response` and stands in the
 * error file; `error` is for lines that never ran, and then `response` is null.
 */
export const batchOutputLineSchema = z.strictObject({
	id: z.string(),
	custom_id: z.string(),
	response: batchLineResponseSchema.nullable(),
	error: batchLineErrorSchema.nullable(),
});
/** One line of an output or error file. */
export type BatchOutputLine = Wire<typeof batchOutputLineSchema>;
