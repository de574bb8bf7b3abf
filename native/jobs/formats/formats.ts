/**
 * The dialects a batch file may be written in: how a file is cut into records, what a record asks, and how its answer is written
 * back in the same dialect. Owns the wire format of files and nothing else; must never run a line, know what a model says, or
 * touch the ledger. Pure: equal input gives equal bytes.
 */
import { assertNever, ok, type Result } from "../../base/base.ts";
import type { BatchManifest } from "../../ledger/ledger.ts";
import { createAnthropicFormat } from "./anthropic.ts";
import { createGeminiFormat } from "./gemini.ts";
import type { LineFormat } from "./line-format.ts";
import { createMessagesFormat } from "./messages.ts";
import { createOpenAiFormat } from "./openai.ts";
import { openTable, type TableFault } from "./table.ts";
import { createVertexFormat } from "./vertex.ts";

export { detectFormat } from "./detect.ts";
export { isObject } from "./json-record.ts";
export type {
	FileRequest,
	JsonObject,
	LineFormat,
	RecordFault,
	RecordReading,
	RecordRequest,
	SkipReason,
} from "./line-format.ts";
export type { FileLine, LineTrouble, RecordReader } from "./line-reader.ts";
export { HEAD_BYTES, readHead } from "./read-head.ts";
export type { TableFault } from "./table.ts";

/** What of a batch's manifest says how its lines are written. */
export type FormatChoice = Pick<BatchManifest, "format" | "template" | "endpoint">;

/**
 * Binds a dialect to a file. `head` is the file's start (see `readHead`), of which only tables need anything: their header. What
 * is wrong with that or with the template is told in a sentence for people.
 */
export function openFormat(choice: FormatChoice, head: Uint8Array): Result<LineFormat, TableFault> {
	switch (choice.format) {
		case "openai":
			return ok(createOpenAiFormat());
		case "anthropic":
			return ok(createAnthropicFormat());
		case "gemini":
			return ok(createGeminiFormat());
		case "vertex":
			return ok(createVertexFormat());
		case "messages":
			return ok(createMessagesFormat());
		case "csv":
		case "tsv":
			return openTable(choice.format, choice.template, head);
		default:
			return assertNever(choice.format);
	}
}
