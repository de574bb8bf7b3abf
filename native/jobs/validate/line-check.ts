/** Checks one line after another: what it says, what it asks for, and how it goes with the lines before. */
import type { IndexedLine } from "../../ledger/ledger.ts";
import { createBodyCheck } from "./body-check.ts";
import type { FaultList } from "./fault-list.ts";
import { createLineFields } from "./line-fields.ts";
import { isObject, type JsonObject, readLine } from "./line-json.ts";
import { createLineFamilies, createLineKeys } from "./line-key.ts";
import type { FileLine } from "./line-reader.ts";
import { createModelCheck } from "./model-check.ts";
import type { PromptLengths } from "./prompt-lengths.ts";
import type { ValidationOptions } from "./validation-options.ts";

/** Most requests in a file. Beyond it the tables that find doubled ids would outgrow the service's memory (50 bytes a line). */
export const MAX_LINES = 5_000_000;

/** Checks the lines of one file in order. */
export interface LineCheck {
	/** The line's entry in the index; null: it asks for nothing, or the file has a fault. */
	line(line: FileLine): IndexedLine | null;
	/** Checks what only the end shows, and gives memory back. */
	end(): void;
	summary(): { readonly total: number; readonly model: string | null; readonly endpoint: string | null };
}

/** A check that has seen no line yet. */
export function createLineCheck(options: ValidationOptions, faults: FaultList, lengths: PromptLengths): LineCheck {
	const fields = createLineFields(options, faults);
	const models = createModelCheck(options, faults);
	const checkBody = createBodyCheck(options, faults, lengths);
	const keys = createLineKeys();
	const familyOf = createLineFamilies();
	const maxLines = options.maxLines ?? MAX_LINES;
	let total = 0;

	function checkRequest(line: FileLine, request: JsonObject): IndexedLine | null {
		const { custom_id: customId, method, body } = request;
		fields.checkId(line.number, customId);
		fields.checkMethod(line.number, method);
		const url = fields.checkUrl(line.number, request.url);
		if (!isObject(body)) {
			const is = body === undefined ? "is missing" : "must be an object";
			faults.add("invalid_request", line.number, "body", `'body' ${is}: the request as it would be sent to 'url'.`);
			return null;
		}
		const model = models.check(line.number, body.model);
		if (url !== null) checkBody(line, url, body);
		// A file with a fault is not run, so that further keys would be made for nothing.
		if (faults.count > 0 || url === null || typeof customId !== "string") return null;
		const { offset, length } = line;
		return { line: total - 1, customId, offset, length, key: keys.next(url, body), family: familyOf(model, body) };
	}

	return {
		line(line) {
			const content = readLine(line, faults);
			if (content === "blank") return null;
			total += 1;
			return content === "faulty" || total > maxLines ? null : checkRequest(line, content);
		},
		end() {
			fields.release();
			keys.release();
			if (total === 0) {
				const message = "The input file is empty. Please ensure that the batch contains at least one request.";
				faults.add("empty_file", null, null, message);
			}
			if (total > maxLines) {
				const counts = `${total.toLocaleString("en")} requests; at most ${maxLines.toLocaleString("en")}`;
				faults.add("too_many_tasks", null, null, `The file has ${counts} are allowed. Split it.`);
			}
		},
		summary: () => ({ total, model: models.model(), endpoint: fields.endpoint() }),
	};
}
