/** How a failure is written on the paths of Anthropic's API. */
import { z } from "zod";
import type { Wire } from "../openai/shared.ts";

/** Kinds of failure Anthropic's clients tell apart. */
export const messagesErrorTypeSchema = z.enum([
	"invalid_request_error",
	"authentication_error",
	"permission_error",
	"not_found_error",
	"conflict_error",
	"request_too_large",
	"rate_limit_error",
	"api_error",
	"timeout_error",
	"overloaded_error",
]);
/** Kinds of failure Anthropic's clients tell apart. */
export type MessagesErrorType = z.infer<typeof messagesErrorTypeSchema>;

/** Body of every reply that is not a success, and data of a stream's `error` event. The id is null in a stream. */
export const messagesErrorSchema = z.strictObject({
	type: z.literal("error"),
	error: z.strictObject({ type: messagesErrorTypeSchema, message: z.string() }),
	request_id: z.string().nullable(),
});
/** Body of every reply that is not a success. */
export type MessagesError = Wire<typeof messagesErrorSchema>;
