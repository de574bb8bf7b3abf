/** Why a live request gets no answer, as HTTP says it; the words around it are the dialect's. */
import { assertNever } from "../base/base.ts";
import { type ReplyFault, renderFailure } from "../engine/dialects/dialect.ts";
import type { LoadFailure } from "../engine/engine.ts";
import type { LiveFailure } from "../live/live.ts";
import { type ApiFault, internalError, renderFault } from "./errors.ts";

/** A refusal: what to say, and the headers to say it with. */
export interface LiveRefusal {
	readonly fault: ReplyFault;
	readonly headers: Readonly<Record<string, string>>;
}

/** A refusal with no headers of its own. */
export function refusalOf(fault: ReplyFault): LiveRefusal {
	return { fault, headers: {} };
}

/** What the API refuses by itself, such as a body that is not JSON. */
export function apiRefusal(fault: ApiFault): LiveRefusal {
	return { fault: { ...renderFault(fault).error, status: fault.status }, headers: fault.headers ?? {} };
}

/** What a live request came to instead of a result. `endpoint` decides which words fit. */
export function liveRefusal(failure: LiveFailure, endpoint: string): LiveRefusal {
	switch (failure.kind) {
		case "model-not-found":
			return refusalOf({
				status: 404,
				type: "invalid_request_error",
				message: failure.message,
				param: "model",
				code: "model_not_found",
			});
		case "queue-full":
			return comeAgain(429, "rate_limit_error", "queue_full", failure);
		case "still-loading":
			return comeAgain(503, "server_error", "model_loading", failure);
		case "load-failed":
			return loadRefusal(failure.failure);
		case "invalid-request":
		case "context-exceeded":
		case "process-died":
		case "aborted":
		case "not-loaded":
			return refusalOf(renderFailure(failure, endpoint));
		default:
			return assertNever(failure);
	}
}

/** For a client that let megabytes of its answer lie; it hears of it when it reads on. */
export const unreadFault: ReplyFault = {
	status: 503,
	type: "server_error",
	message:
		"The answer was not read while it came, and was given up. Read the stream as it comes, and send the request again.",
	param: null,
	code: "answer_not_read",
};

/** For what can only be a defect of ours. */
export function brokenFault(requestId: string): ReplyFault {
	return apiRefusal(internalError(requestId)).fault;
}

/** The SDKs wait as long as Retry-After says, and try again by themselves. */
function comeAgain(
	status: 429 | 503,
	type: ReplyFault["type"],
	code: string,
	{ message, retryAfterSeconds }: { readonly message: string; readonly retryAfterSeconds: number },
): LiveRefusal {
	return {
		fault: { status, type, message, param: null, code },
		headers: { "retry-after": String(retryAfterSeconds) },
	};
}

/** A file that is broken or too large stays so; only a process that was killed is worth another try. */
function loadRefusal({ kind, message }: LoadFailure): LiveRefusal {
	return {
		fault: { status: 503, type: "server_error", message, param: "model", code: "model_load_failed" },
		headers: kind === "process-died" ? {} : { "x-should-retry": "false" },
	};
}
