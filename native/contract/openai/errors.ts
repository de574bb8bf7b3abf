/** How a failure is written on the wire. */
import { z } from "zod";
import type { Wire } from "./shared.ts";

/** Kinds of failure a client may tell apart. */
export const errorTypeSchema = z.enum([
	"invalid_request_error",
	"authentication_error",
	"permission_error",
	"not_found_error",
	"rate_limit_error",
	"server_error",
]);
/** Kinds of failure a client may tell apart. */
export type ErrorType = z.infer<typeof errorTypeSchema>;

/** What went wrong. `param` is the field as the client wrote it, e.g. `messages[2].content`; `code` is for programs. */
export const errorObjectSchema = z.strictObject({
	message: z.string(),
	type: errorTypeSchema,
	param: z.string().nullable(),
	code: z.string().nullable(),
});
/** What went wrong. */
export type ErrorObject = Wire<typeof errorObjectSchema>;

/** Body of every reply that is not a success. */
export const errorEnvelopeSchema = z.strictObject({ error: errorObjectSchema });
/** Body of every reply that is not a success. */
export type ErrorEnvelope = Wire<typeof errorEnvelopeSchema>;

/**
 * Why an input file was refused, line by line. OpenAI publishes no list; these are Azure's names, used verbatim, for
 * everything Azure names.
 */
export const batchFaultCodeSchema = z.enum([
	/** The line is not JSON, not UTF-8, too long to read, or not an object. */
	"invalid_json_line",
	/** More lines than a batch may have. */
	"too_many_tasks",
	/** The line's url is not the batch's endpoint. */
	"url_mismatch",
	/** No model of that name is here. */
	"model_not_found",
	/** Another line has the same custom_id. */
	"duplicate_custom_id",
	/** There is not one request in the file. */
	"empty_file",
	/** Another line names another model; a file has one. */
	"model_mismatch",
	/** The line is JSON, but not a request that can be run. */
	"invalid_request",
]);
/** Why an input file was refused, line by line. */
export type BatchFaultCode = z.infer<typeof batchFaultCodeSchema>;
