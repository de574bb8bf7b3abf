/** The request on a line: what the endpoint's dialect says of it, and whether its prompt fits. */
import { isUnsupported } from "../../engine/dialects/dialect.ts";
import type { FaultList } from "./fault-list.ts";
import { isObject, type JsonObject } from "./line-json.ts";
import type { FileLine } from "./line-reader.ts";
import { isPlainRequest } from "./plain-request.ts";
import type { MeasuredLine, PromptLengths } from "./prompt-lengths.ts";
import type { ValidationOptions } from "./validation-options.ts";

/** Deepest nesting of a body. Schemas people write stay below 50; what walks a body by recursion must not overflow. */
const MAX_BODY_DEPTH = 256;

/** Checks a body that was sent to `url`. */
export type BodyCheck = (line: FileLine, url: string, body: JsonObject) => void;

/** A check by the dialects of `options`. */
export function createBodyCheck(options: ValidationOptions, faults: FaultList, lengths: PromptLengths): BodyCheck {
	const parseOptions = { allowStream: false, defaultModel: options.modelOverride };
	return (line, url, body) => {
		if (isSilent(body)) faults.notice(line.number, "All messages of a request are empty.");
		const isPlain = isPlainRequest(url, body);
		const measured = measure(line, url, body);
		const isDoubtful = lengths.isDoubtful(measured);
		if (isPlain && !isDoubtful) return;
		if (!isPlain && isDeeper(body, MAX_BODY_DEPTH)) {
			const message = `The body is nested more than ${MAX_BODY_DEPTH} levels deep. Make it flatter.`;
			faults.add("invalid_request", line.number, "body", message);
			return;
		}
		const parsed = options.dialectFor(url)?.parse(body, parseOptions);
		if (parsed === undefined) return;
		if (!parsed.ok) {
			for (const fault of parsed.error) {
				const { param, message } = fault;
				if (isUnsupported(fault)) faults.notice(line.number, `This line will be answered with a 400: ${message}`);
				else faults.add("invalid_request", line.number, param === null ? "body" : `body.${param}`, message);
			}
		} else if (isDoubtful) {
			lengths.hold(measured, parsed.value.requests);
		}
	};
}

function measure(line: FileLine, endpoint: string, body: JsonObject): MeasuredLine {
	const hasTools = body.tools !== undefined || body.functions !== undefined;
	return { number: line.number, endpoint, bytes: line.length, messages: countMessages(endpoint, body), hasTools };
}

function countMessages(endpoint: string, { messages, input }: JsonObject): number {
	// Its instructions are a message too.
	if (endpoint === "/v1/responses") return Array.isArray(input) ? input.length + 1 : 2;
	return Array.isArray(messages) ? messages.length : 1;
}

function isSilent({ messages }: JsonObject): boolean {
	return Array.isArray(messages) && messages.length > 0 && messages.every((one) => isObject(one) && one.content === "");
}

/** Recursion is what this guards against, and it goes no deeper than the limit itself. */
function isDeeper(value: unknown, limit: number): boolean {
	if (typeof value !== "object" || value === null) return false;
	return limit === 0 || Object.values(value).some((child) => isDeeper(child, limit - 1));
}
