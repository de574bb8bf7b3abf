/** Bare `{"messages": …}` lines: the body of a chat request as it is, answered by OpenAI's lines. */
import { openAiAnswer } from "./answers.ts";
import { createJsonLines } from "./json-lines.ts";
import { parseRecord } from "./json-record.ts";
import type { JsonObject, LineFormat } from "./line-format.ts";
import { openAiResult } from "./openai.ts";

const URL = "/v1/chat/completions";

/** Keys of a line that are not the request's: its ids, and what an error file says of it. */
const OWN_KEYS: ReadonlySet<string> = new Set(["id", "custom_id", "response", "error"]);

/** Bare chat bodies, with or without an id. */
export function createMessagesFormat(): LineFormat {
	return createJsonLines({
		name: "messages",
		url: URL,
		namesModel: false,
		modelOf: ({ model }) => model,
		idParam: "custom_id",
		bodyParam: null,
		paramOf: (field) => field,
		unwrap: (line, place) => ({
			customId: idOf(line.custom_id ?? line.id) ?? `line-${place}`,
			url: URL,
			body: bodyOf(line),
		}),
		requestOf: (line) => ({ url: URL, body: bodyOf(line) }),
		outputRecord: (line, _, skipped) => `${openAiAnswer(line, skipped)}}\n`,
		errorRecord(line, request, skipped) {
			const body = bodyOf(parseRecord(request()));
			return `${openAiAnswer(line, skipped)},${JSON.stringify(body).slice(1)}\n`;
		},
		result: openAiResult,
	});
}

/** Data sets number their lines; a number is as good a name as any. */
function idOf(value: unknown): unknown {
	return Number.isSafeInteger(value) ? String(value) : value;
}

function bodyOf(line: JsonObject): JsonObject {
	return Object.fromEntries(Object.entries(line).filter(([key]) => !OWN_KEYS.has(key)));
}
