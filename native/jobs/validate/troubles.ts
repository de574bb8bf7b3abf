/** Says why a record could not be read at all. */
import { assertNever } from "../../base/base.ts";
import type { LineFormat, LineTrouble, RecordFault } from "../formats/formats.ts";

/** The fault of a record that has no text. */
export function describeTrouble(trouble: LineTrouble | null, { extension }: LineFormat): Omit<RecordFault, "param"> {
	if (trouble === null) throw new Error("A record without text has no reason for it.");
	const what = extension === "jsonl" ? "line" : "row";
	switch (trouble.kind) {
		case "too-long":
			return unreadable(
				`This ${what} is longer than ${trouble.limitBytes / 1024 ** 2} MB. Is a line end missing? Split it or shorten it.`,
			);
		case "not-utf8":
			return unreadable(
				`This ${what} is not UTF-8 from byte ${trouble.position + 1} of the ${what} on. Save the file as UTF-8.`,
			);
		case "foreign": {
			const wanted = extension === "jsonl" ? "JSON lines" : "a table";
			return unreadable(
				`This file is ${trouble.format}, not ${wanted} in UTF-8. Convert it; the rest of it was not read.`,
			);
		}
		case "open-quote": {
			const { from, to } = trouble;
			const end = to === null ? "is never closed" : `is followed by more text where it closes on line ${to}`;
			return {
				code: "invalid_request",
				message: `The double quote that opens a field on line ${from} ${end}. Close it right before the delimiter or the line end, and write quotes within a field twice.`,
			};
		}
		case "too-many-quotes":
			return {
				code: "invalid_request",
				message: "So many double quotes are not closed that the rest of the file was not read. Mend those above first.",
			};
		default:
			return assertNever(trouble);
	}
}

function unreadable(message: string): Omit<RecordFault, "param"> {
	return { code: "invalid_json_line", message };
}
