/** Failures as Google writes them. */
import type { GeminiError, GeminiErrorStatus } from "../../contract/contract.ts";
import type { ReplyFault } from "./translation.ts";

/** The HTTP statuses of google.rpc.Code, and those of our own that mean the same. */
const STATUSES: ReadonlyMap<number, GeminiErrorStatus> = new Map([
	[401, "UNAUTHENTICATED"],
	[403, "PERMISSION_DENIED"],
	[404, "NOT_FOUND"],
	[408, "DEADLINE_EXCEEDED"],
	[409, "ABORTED"],
	[429, "RESOURCE_EXHAUSTED"],
	[499, "CANCELLED"],
	[503, "UNAVAILABLE"],
	[504, "DEADLINE_EXCEEDED"],
]);

/** Google's word for a kind of failure, by its HTTP status. */
export function geminiErrorStatus(status: number): GeminiErrorStatus {
	return STATUSES.get(status) ?? (status >= 500 ? "INTERNAL" : "INVALID_ARGUMENT");
}

/** Body of a reply that is not a success. */
export function renderGeminiError({ status, message }: Pick<ReplyFault, "status" | "message">): GeminiError {
	return { error: { code: status, message, status: geminiErrorStatus(status) } };
}
