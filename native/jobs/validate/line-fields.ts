/** What stands on a line beside the body: its id and its url. */
import { OPENAI_BATCH_ENDPOINTS } from "../../contract/contract.ts";
import { createDigestTable } from "./digest-table.ts";
import type { FaultList } from "./fault-list.ts";
import { digestOf } from "./line-key.ts";
import type { ValidationOptions } from "./validation-options.ts";

/** Longest custom_id, in characters: it is kept in the index, and no one's ids are longer. */
const MAX_CUSTOM_ID_LENGTH = 512;

/** Longest text of the file quoted in a message, in characters. */
const QUOTE_LENGTH = 60;

/** Checks the fields of one line after another. `line` is 1-based. */
export interface LineFields {
	checkId(line: number, id: unknown): void;
	/** Answers the url whose kind of body the line has, as far as that can be told. */
	checkUrl(line: number, url: unknown): string | null;
	/** The batch's endpoint, as far as known. */
	endpoint(): string | null;
	/** Gives memory back; there are no more lines. */
	release(): void;
}

/** Checks that have seen no line yet. */
export function createLineFields(options: ValidationOptions, faults: FaultList): LineFields {
	const { idParam } = options.format;
	const ids = createDigestTable();
	let endpoint = options.endpoint;

	function checkUrl(line: number, url: unknown): string | null {
		if (typeof url !== "string") {
			const is = url === undefined ? "is missing" : "is not a string";
			faults.add("invalid_request", line, "url", `'url' ${is}; give it as "${endpoint ?? OPENAI_BATCH_ENDPOINTS[0]}".`);
			return endpoint;
		}
		const isSpoken = options.dialectFor(url) !== null;
		if (endpoint === null && isSpoken) endpoint = url;
		if (url === endpoint) return url;
		const message =
			endpoint === null
				? `Requests to '${shorten(url)}' can't be run here. Supported are ${OPENAI_BATCH_ENDPOINTS.join(", ")}.`
				: `The url '${shorten(url)}' is not the batch's endpoint ${endpoint}. Every line must have that url.`;
		faults.add("url_mismatch", line, "url", message);
		return isSpoken ? url : endpoint;
	}

	return {
		checkId(line, id) {
			const wrong = describeId(id, idParam);
			if (wrong !== null) faults.add("invalid_request", line, idParam, wrong);
			if (wrong !== null || typeof id !== "string") return;
			const first = ids.claim(digestOf(id), line);
			if (first === 0) return;
			const used = `The ${idParam} '${shorten(id)}' is already used on line ${first}.`;
			faults.add("duplicate_custom_id", line, idParam, `${used} Answers are matched by it; make it unique.`);
		},
		checkUrl,
		endpoint: () => endpoint,
		release: ids.release,
	};
}

/** What is wrong with an id by itself; null: nothing. */
function describeId(id: unknown, param: string): string | null {
	if (id === undefined) return `Missing '${param}'. Give every line one of its own, as a string.`;
	if (typeof id !== "string") return `'${param}' must be a string. Put it in double quotes.`;
	if (id === "") return `'${param}' is empty. Give every line one of its own.`;
	if (id.length > MAX_CUSTOM_ID_LENGTH) {
		return `'${param}' has ${id.length} characters; at most ${MAX_CUSTOM_ID_LENGTH} are allowed.`;
	}
	if (id.includes("\0")) return `'${param}' has a NUL character (\\u0000), which ids can't have. Take it away.`;
	if (id.isWellFormed()) return null;
	return `'${param}' has half of a surrogate pair (\\ud800 to \\udfff), which can't be written back. Mend it.`;
}

function shorten(text: string): string {
	return text.length > QUOTE_LENGTH ? `${text.slice(0, QUOTE_LENGTH)}…` : text;
}
