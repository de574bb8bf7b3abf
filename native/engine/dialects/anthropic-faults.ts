/** Failures as Anthropic writes them. */
import type { MessagesError, MessagesErrorType } from "../../contract/contract.ts";
import { formatPath } from "./issues.ts";
import type { ReplyFault, RequestFault, RequestFaults } from "./translation.ts";

/** The statuses Anthropic documents, and what it calls them. */
const ERROR_TYPES: ReadonlyMap<number, MessagesErrorType> = new Map([
	[401, "authentication_error"],
	[403, "permission_error"],
	[404, "not_found_error"],
	[409, "conflict_error"],
	[413, "request_too_large"],
	[429, "rate_limit_error"],
	// Ours for "will be better soon": a model on its way to memory, a full queue. Anthropic's own status for it is 529.
	[503, "overloaded_error"],
	[504, "timeout_error"],
	[529, "overloaded_error"],
]);

/** Anthropic's word for a kind of failure, by its HTTP status. */
export function messagesErrorType(status: number): MessagesErrorType {
	return ERROR_TYPES.get(status) ?? (status >= 500 ? "api_error" : "invalid_request_error");
}

/** Body of a reply that is not a success; good for every refusal on Anthropic's paths. `requestId` is null within a stream. */
export function renderMessagesError(
	fault: Pick<ReplyFault, "status" | "message">,
	requestId: string | null,
): MessagesError {
	const { status, message } = fault;
	return { type: "error", error: { type: messagesErrorType(status), message }, request_id: requestId };
}

/** Says faults found in our own words the way Anthropic does: `messages.0.content: Invalid type: expected …`. */
export function inAnthropicWords(faults: RequestFaults): RequestFaults {
	const [first, ...rest] = faults;
	return [reword(first), ...rest.map(reword)];
}

function reword({ message, param, code }: RequestFault): RequestFault {
	if (param === null) return { message, param, code };
	const path = dotted(param);
	// The place goes to the front; said twice it would only make the sentence longer.
	const [before = "", ...after] = message.split(`'${param}'`);
	const rest = after.join(`'${path}'`);
	const said = after.length === 0 ? before : `${before.replace(/(?: for|:)? $/, "")}${rest}`;
	return { message: `${path}: ${capitalize(said.trimStart())}`, param: path, code };
}

/** `messages[2].content` as Anthropic writes it: `messages.2.content`. */
function dotted(param: string): string {
	return param.replaceAll(/\[(\d+)\]/g, ".$1");
}

function capitalize(text: string): string {
	return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}

/** A field that must be there. */
export function missing(path: readonly (string | number)[], wanted: string): RequestFault {
	const param = formatPath(path);
	const message = `Missing required parameter: '${param}'. Give it as ${wanted}.`;
	return { message, param, code: "missing_required_parameter" };
}
