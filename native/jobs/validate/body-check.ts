/** The request on a line: what the endpoint's dialect says of it, and whether its prompt fits. */
import { isUnsupported } from "../../engine/dialects/dialect.ts";
import { type FileLine, isObject, type JsonObject } from "../formats/formats.ts";
import type { FaultList } from "./fault-list.ts";
import { isPlainRequest } from "./plain-request.ts";
import type { MeasuredLine, PromptLengths, Refuse } from "./prompt-lengths.ts";
import { willFail } from "./refusals.ts";
import type { ValidationOptions } from "./validation-options.ts";

/** Deepest nesting of a body. Schemas people write stay below 50; what walks a body by recursion must not overflow. */
const MAX_BODY_DEPTH = 256;

/** Stands in for the model that a dialect leaves to the batch; whether there is one is told elsewhere, once. */
const SOME_MODEL = "default";

/** Checks a body that was sent to `url`. False: it is nested so deep that nothing may touch it. */
export type BodyCheck = (line: FileLine, url: string, body: JsonObject) => boolean;

/** What the check tells. */
export interface BodyCheckDeps {
	readonly faults: FaultList;
	readonly refuse: Refuse;
	readonly lengths: PromptLengths;
}

/** A check by the dialects of `options`. */
export function createBodyCheck(options: ValidationOptions, { faults, refuse, lengths }: BodyCheckDeps): BodyCheck {
	const { format } = options;
	const defaultModel = options.modelOverride ?? (format.namesModel ? null : SOME_MODEL);
	const parseOptions = { allowStream: false, defaultModel };
	return (line, url, body) => {
		if (isSilent(body)) faults.notice(line.number, "All messages of a request are empty.");
		const isPlain = isPlainRequest(url, body, defaultModel !== null);
		const measured = measure(line, url, body);
		const isDoubtful = lengths.isDoubtful(measured);
		if (isPlain && !isDoubtful) return true;
		if (!isPlain && isDeeper(body, MAX_BODY_DEPTH)) {
			const message = `The request is nested more than ${MAX_BODY_DEPTH} levels deep. Make it flatter.`;
			faults.add("invalid_request", line.number, format.bodyParam, message);
			return false;
		}
		const parsed = options.dialectFor(url)?.parse(body, parseOptions);
		if (parsed === undefined) return true;
		if (!parsed.ok) {
			for (const fault of parsed.error) {
				if (isUnsupported(fault)) faults.notice(line.number, willFail(fault.message));
				else refuse(line.number, fault.param, fault.message);
			}
		} else if (isDoubtful) {
			lengths.hold(measured, parsed.value.requests);
		}
		return true;
	};
}

function measure(line: FileLine, endpoint: string, body: JsonObject): MeasuredLine {
	const hasTools = body.tools !== undefined || body.functions !== undefined;
	return { number: line.number, endpoint, bytes: line.length, messages: countMessages(endpoint, body), hasTools };
}

function countMessages(endpoint: string, { messages, contents, input }: JsonObject): number {
	const list = messages ?? contents ?? input;
	const count = Array.isArray(list) ? list.length : 1;
	// Beside the messages, the other dialects have instructions, which are a message too.
	return endpoint === "/v1/chat/completions" || endpoint === "/v1/embeddings" ? count : count + 1;
}

function isSilent({ messages }: JsonObject): boolean {
	return Array.isArray(messages) && messages.length > 0 && messages.every((one) => isObject(one) && one.content === "");
}

/** Recursion is what this guards against, and it goes no deeper than the limit itself. */
function isDeeper(value: unknown, limit: number): boolean {
	if (typeof value !== "object" || value === null) return false;
	return limit === 0 || Object.values(value).some((child) => isDeeper(child, limit - 1));
}
