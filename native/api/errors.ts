/**
 * Answers that say no, in OpenAI's envelope `{"error":{message,type,param,code}}` (reference batch-apis 1.10), or in Anthropic's
 * to clients of Anthropic's (2.3).
 */
import type { Context } from "hono";
import type { ErrorEnvelope, ErrorType } from "../contract/contract.ts";
import { renderMessagesError } from "../engine/dialects/anthropic-faults.ts";
import { type ApiEnv, speaksAnthropic } from "./answer-headers.ts";

/** Statuses this server refuses with. */
export type FaultStatus = 400 | 401 | 403 | 404 | 405 | 408 | 409 | 413 | 415 | 416 | 429 | 431 | 500 | 503 | 504 | 507;

/** Why a request is refused, fit for the client: no paths, no stacks. */
export interface ApiFault {
	readonly status: FaultStatus;
	/** What is wrong, where, and how to mend it. */
	readonly message: string;
	/** The field at fault; null: the request as a whole. */
	readonly param: string | null;
	/** Stable word for programs; null where OpenAI has none. */
	readonly code: string | null;
	/** Headers the answer carries besides. */
	readonly headers?: Readonly<Record<string, string>>;
}

/** Says that a request can't be done as it was sent. */
export function badRequest(message: string, param: string | null = null, code: string | null = null): ApiFault {
	return { status: 400, message, param, code };
}

/** Longest piece of a request that is repeated in a message: our own ids have 40 characters, a forged one may have thousands. */
const QUOTE_LENGTH = 100;

/** Shortens what a client sent, so that a message can repeat it. */
export function quote(text: string): string {
	return text.length <= QUOTE_LENGTH ? text : `${text.slice(0, QUOTE_LENGTH)}…`;
}

/** Says that a thing isn't there. `kind` is OpenAI's word for it, e.g. `File`. */
export function notFound(kind: string, id: string, param = "id"): ApiFault {
	return { status: 404, message: `No such ${kind} object: ${quote(id)}`, param, code: null };
}

/** Says that the state of a thing forbids it. The SDKs repeat a 409 unless told that it is in vain. */
export function conflict(message: string, code: string | null = null): ApiFault {
	return { status: 409, message, param: null, code, headers: { "x-should-retry": "false" } };
}

/** Says that the defect is ours. The log tells more, the client only where to look. */
export function internalError(requestId: string): ApiFault {
	const message = `Something went wrong in the server. Its log tells more under the request id ${requestId}.`;
	return { status: 500, message, param: null, code: "internal_error" };
}

/** Says that the disk is full. Trying again at once is in vain, so the SDKs are told not to. */
export const diskFull: ApiFault = {
	status: 507,
	message: "The disk is full: nothing was stored. Free some space and send it again.",
	param: null,
	code: "disk_full",
	headers: { "x-should-retry": "false" },
};

function faultType(status: FaultStatus): ErrorType {
	if (status >= 500) return "server_error";
	switch (status) {
		case 401:
			return "authentication_error";
		case 403:
			return "permission_error";
		case 429:
			return "rate_limit_error";
		default:
			return "invalid_request_error";
	}
}

/** Renders a fault as the body of its answer, in OpenAI's envelope. */
export function renderFault(fault: ApiFault): ErrorEnvelope {
	return { error: { message: fault.message, type: faultType(fault.status), param: fault.param, code: fault.code } };
}

/** Answers a request with a fault, in the words of the client's vendor. */
export function refuse(context: Context<ApiEnv>, fault: ApiFault): Response {
	const body = speaksAnthropic(context) ? renderMessagesError(fault, context.get("requestId")) : renderFault(fault);
	return context.json(body, fault.status, { ...fault.headers });
}
