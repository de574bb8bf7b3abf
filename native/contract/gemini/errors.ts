/** How a failure is written in Gemini's API: Google's common form for all its APIs. */
import { z } from "zod";
import type { Wire } from "../openai/shared.ts";

/** Google's words for kinds of failure (google.rpc.Code) that can come up here. */
export const geminiErrorStatusSchema = z.enum([
	"INVALID_ARGUMENT",
	"UNAUTHENTICATED",
	"PERMISSION_DENIED",
	"NOT_FOUND",
	"ABORTED",
	"RESOURCE_EXHAUSTED",
	"CANCELLED",
	"INTERNAL",
	"UNAVAILABLE",
	"DEADLINE_EXCEEDED",
]);
/** Google's words for kinds of failure. */
export type GeminiErrorStatus = z.infer<typeof geminiErrorStatusSchema>;

/** Body of a reply that is not a success; `code` is the HTTP status. */
export const geminiErrorSchema = z.strictObject({
	error: z.strictObject({ code: z.int(), message: z.string(), status: geminiErrorStatusSchema }),
});
/** Body of a reply that is not a success. */
export type GeminiError = Wire<typeof geminiErrorSchema>;
