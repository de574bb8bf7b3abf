/** What the first row of a table says: how its fields are parted, and what its columns are called. */
import { parse } from "csv-parse/sync";
import { err, ok, type Result } from "../../base/base.ts";
import { type FileLine, markLength } from "./line-reader.ts";
import { HEAD_BYTES } from "./read-head.ts";
import { createRowCutter } from "./row-cutter.ts";

/** The first row of a table, read. */
export interface TableHeader {
	/** As they stand; told apart by what `trim` leaves of them. */
	readonly columns: readonly string[];
	readonly delimiter: string;
	/** The file begins with a byte order mark: whoever wrote it wants one. */
	readonly hasMark: boolean;
}

/** Reads the header of a table; `head` is the start of its file. The failure is a sentence for people. */
export function readHeader(format: "csv" | "tsv", head: Uint8Array): Result<TableHeader, string> {
	const delimiter = format === "tsv" ? "\t" : findDelimiter(head);
	const row = firstRow(head, delimiter);
	if (row === null) return err("The table is empty: its first row must name the columns.");
	if (row.text === null) return err(describeUnreadable(row));
	if (row.text.includes("\r"))
		return err("The lines of the table end in CR alone. Save it with line ends in LF or CRLF.");
	const columns = parseRow(row.text, delimiter);
	const fault = checkColumns(columns);
	return fault === null ? ok({ columns, delimiter, hasMark: markLength(head, 0) > 0 }) : err(fault);
}

/** The fields of one row. Never fails on a row that the cutter found no fault with. */
export function parseRow(text: string, delimiter: string): readonly string[] {
	const [fields = [""]] = parse(text, {
		delimiter,
		// The cutter has seen to it that quotes which open a field close it; others are text.
		relax_quotes: true,
		relax_column_count: true,
		record_delimiter: ["\n"],
	});
	return fields;
}

function firstRow(head: Uint8Array, delimiter: string): FileLine | null {
	const cutter = createRowCutter(delimiter.charCodeAt(0), HEAD_BYTES);
	for (const row of cutter.push(head)) if (row.text !== "") return row;
	for (const row of cutter.end()) if (row.text !== "") return row;
	return null;
}

/** Delimiters of files that are called CSV: a comma, or what spreadsheets write where the comma stands in numbers. */
const DELIMITERS = [",", ";", "\t"] as const;

/** A comma, unless the header has none and one of the others. */
function findDelimiter(head: Uint8Array): string {
	const parts = (delimiter: string) => {
		const text = firstRow(head, delimiter)?.text ?? null;
		return text !== null && parseRow(text, delimiter).length > 1;
	};
	return DELIMITERS.find(parts) ?? ",";
}

function checkColumns(columns: readonly string[]): string | null {
	const seen = new Set<string>();
	for (const [index, column] of columns.entries()) {
		const name = column.trim();
		if (name === "") return `Column ${index + 1} has no name. The first row must name every column.`;
		if (seen.has(name)) return `Two columns are called '${shorten(name)}'. Give every column a name of its own.`;
		seen.add(name);
	}
	return null;
}

function describeUnreadable({ trouble }: FileLine): string {
	switch (trouble?.kind) {
		case "foreign":
			return `This file is ${trouble.format}, not a table in UTF-8 text. Save it as CSV in UTF-8.`;
		case "not-utf8":
			return "The first row is not UTF-8. Save the file as UTF-8.";
		case "open-quote":
			return `The quote that opens on line ${trouble.from} is not closed right before a delimiter or a line end. The first row must name the columns.`;
		default:
			return `The first row is longer than ${HEAD_BYTES / 1024 ** 2} MB. It must name the columns.`;
	}
}

/** Longest name quoted in a message, in characters. */
const QUOTE_LENGTH = 60;

function shorten(text: string): string {
	return text.length > QUOTE_LENGTH ? `${text.slice(0, QUOTE_LENGTH)}…` : text;
}
