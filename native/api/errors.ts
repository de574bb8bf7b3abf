/** Answers that say no, in OpenAI's envelope `{"error":{message,type,param,code}}` (reference batch-apis 1.10). */
import type { Context } from "hono";
import type { ErrorEnvelope, ErrorType } from "../contract/contract.ts";

/** Statuses this server refuses with. */
export type FaultStatus = 400 | 403 | 404 | 405 | 408 | 409 | 413 | 416 | 431 | 500 | 507;

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

/** Says that a thing isn't there. `kind` is OpenAI's word for it, e.g. `File`. */
export function notFound(kind: string, id: string, param = "id"): ApiFault {
	return { status: 404, message: `No such ${kind} object: ${id}`, param, code: null };
}

/** Says that the state of a thing forbids it. The SDKs repeat a 409 unless told that it is in vain. */
export function conflict(message: string, code: string | null = null): ApiFault {
	return { status: 409, message, param: null, code, headers: { "x-should-retry": "false" } };
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
	return status === 403 ? "permission_error" : "invalid_request_error";
}

/** Renders a fault as the body of its answer. */
export function renderFault(fault: ApiFault): ErrorEnvelope {
	return { error: { message: fault.message, type: faultType(fault.status), param: fault.param, code: fault.code } };
}

/** Answers a request with a fault. */
export function refuse(context: Context, fault: ApiFault): Response {
	return context.json(renderFault(fault), fault.status, { ...fault.headers });
}
