/** Checks one record after another: what it says, what it asks for, and how it goes with those before. */
import { formatCount } from "../../base/base.ts";
import type { IndexedLine } from "../../ledger/ledger.ts";
import { type FileLine, isObject, type RecordRequest } from "../formats/formats.ts";
import { createBodyCheck } from "./body-check.ts";
import type { FaultList } from "./fault-list.ts";
import { createLineFields } from "./line-fields.ts";
import { createLineFamilies, createLineKeys } from "./line-key.ts";
import { createModelCheck } from "./model-check.ts";
import type { PromptLengths, Refuse } from "./prompt-lengths.ts";
import { describeTrouble } from "./troubles.ts";
import type { ValidationOptions } from "./validation-options.ts";

/** Most requests in a file. Beyond it the tables that find doubled ids would outgrow the service's memory (50 bytes a line). */
export const MAX_LINES = 5_000_000;

/** Checks the records of one file in order. */
export interface LineCheck {
	/** The record's entry in the index; null: it asks for nothing, or the file has a fault. */
	line(line: FileLine): IndexedLine | null;
	/** Checks what only the end shows, and gives memory back. */
	end(): void;
	summary(): { readonly total: number; readonly model: string | null; readonly endpoint: string | null };
}

/** What the check tells and asks. */
export interface LineCheckDeps {
	readonly faults: FaultList;
	readonly refuse: Refuse;
	readonly lengths: PromptLengths;
}

/** A check that has seen no record yet. */
export function createLineCheck(options: ValidationOptions, deps: LineCheckDeps): LineCheck {
	const { format, badLines } = options;
	const { faults } = deps;
	const fields = createLineFields(options, faults);
	const models = createModelCheck(options, faults);
	const checkBody = createBodyCheck(options, deps);
	const keys = createLineKeys();
	const familyOf = createLineFamilies();
	const maxLines = options.maxLines ?? MAX_LINES;
	let total = 0;

	function checkBroken(line: number, param: string | null): void {
		// Of an id it has been said already.
		if (param === null || param === format.idParam) return;
		const message = `'${param}' has half of a surrogate pair (\\ud800 to \\udfff), which is no text and can't be written back. Mend it.`;
		if (badLines === "refuse-file") faults.add("invalid_json_line", line, param, message);
		else faults.notice(line, "Halves of surrogate pairs are read as U+FFFD.");
	}

	function checkRequest(line: FileLine, request: RecordRequest): IndexedLine | null {
		const { customId, body } = request;
		fields.checkId(line.number, customId);
		for (const { code, param, message } of request.faults) faults.add(code, line.number, param, message);
		checkBroken(line.number, request.brokenText);
		if (request.notice !== null) faults.notice(line.number, request.notice);
		const url = fields.checkUrl(line.number, request.url);
		if (!isObject(body)) {
			const is = body === undefined ? "is missing" : "must be an object";
			const message = `'${format.bodyParam}' ${is}: the request as it would be sent to ${format.url ?? "'url'"}.`;
			faults.add("invalid_request", line.number, format.bodyParam, message);
			return null;
		}
		const model = models.check(line.number, format.modelOf(body));
		if (url !== null && !checkBody(line, url, body)) return null;
		// A file with a fault is not run, so that further keys would be made for nothing.
		if (faults.count > 0 || url === null || typeof customId !== "string") return null;
		const { offset, length } = line;
		return { line: total - 1, customId, offset, length, key: keys.next(url, body), family: familyOf(model, body) };
	}

	return {
		line(line) {
			if (line.text === null) {
				const { code, message } = describeTrouble(line.trouble, format);
				faults.add(code, line.number, null, message);
				total += 1;
				return null;
			}
			const reading = format.read(line.text, total + 1);
			if (reading.kind === "blank") {
				faults.notice(line.number, "A blank line was skipped.");
				return null;
			}
			total += 1;
			if (reading.kind === "request") return total > maxLines ? null : checkRequest(line, reading);
			for (const { code, param, message } of reading.faults) faults.add(code, line.number, param, message);
			return null;
		},
		end() {
			fields.release();
			keys.release();
			models.end();
			if (total === 0) {
				const message = "The input file is empty. Please ensure that the batch contains at least one request.";
				faults.add("empty_file", null, null, message);
			}
			if (total > maxLines) {
				const counts = `${formatCount(total)} requests; at most ${formatCount(maxLines)}`;
				faults.add("too_many_tasks", null, null, `The file has ${counts} are allowed. Split it.`);
			}
		},
		summary: () => ({ total, model: models.model(), endpoint: fields.endpoint() }),
	};
}
