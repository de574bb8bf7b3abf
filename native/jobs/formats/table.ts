/** Tables: every row fills a prompt template, and comes back with its columns, the answer and what went wrong. */
import { stringify } from "csv-stringify/sync";
import { err, ok, type Result } from "../../base/base.ts";
import type { RowTemplate } from "../../contract/contract.ts";
import type { FinishedLine } from "../../ledger/ledger.ts";
import { answerText } from "./answer-text.ts";
import { errorMessage, readAnswer } from "./answers.ts";
import type { LineFormat, RecordFault, RecordReading, SkipReason } from "./line-format.ts";
import type { FileLine, RecordReader } from "./line-reader.ts";
import { openAiResult } from "./openai.ts";
import { createRowCutter } from "./row-cutter.ts";
import { parseRow, readHeader, type TableHeader } from "./table-header.ts";
import { bindTemplate, type FilledTemplate } from "./template.ts";

const URL = "/v1/chat/completions";

/** Column whose values, if there is one, are the ids of the rows. */
const ID_COLUMN = "custom_id";

/** What keeps a table from being read: `param` is the option or field that is to be mended. */
export interface TableFault {
	readonly message: string;
	readonly param: "template" | "input_file_id";
}

/** Binds a template to a table by its header. */
export function openTable(
	format: "csv" | "tsv",
	template: RowTemplate | null,
	head: Uint8Array,
): Result<LineFormat, TableFault> {
	if (template === null) {
		const message = `A ${format.toUpperCase()} table needs a prompt template that says what each row asks, e.g. "Classify: {{text}}".`;
		return err({ message, param: "template" });
	}
	const header = readHeader(format, head);
	if (!header.ok) return err({ message: header.error, param: "input_file_id" });
	const names = header.value.columns.map((column) => column.trim());
	const filled = bindTemplate(template, names);
	if (!filled.ok) return err({ message: filled.error, param: "template" });
	return ok(createTable(format, header.value, filled.value));
}

function createTable(format: "csv" | "tsv", header: TableHeader, template: FilledTemplate): LineFormat {
	const { columns, delimiter, hasMark } = header;
	const names = columns.map((column) => column.trim());
	const idColumn = names.indexOf(ID_COLUMN);
	const print = (fields: readonly string[]) => printRow(fields, delimiter);
	const mark = hasMark ? "\uFEFF" : "";
	const answerColumn = freeName("answer", names);
	const errorColumn = freeName("error", names);

	function read(text: string, place: number): RecordReading {
		if (text === "") return { kind: "blank" };
		const nul = text.indexOf("\0");
		if (nul >= 0)
			return faulty(`There is a NUL byte (character ${nul + 1}); the file may be damaged or not text at all.`);
		const row = parseRow(text, delimiter);
		if (row.length !== columns.length) return faulty(describeRagged(row.length, columns.length, delimiter));
		return {
			kind: "request",
			customId: idColumn < 0 ? `row-${place}` : row[idColumn],
			url: URL,
			body: template.fill(row),
			faults: noFaults,
			brokenText: null,
			notice: template.isEmpty(row) ? "All columns that the template uses are empty in a row." : null,
		};
	}

	return {
		name: format,
		extension: format,
		createReader: (limitBytes) => withoutHeader(createRowCutter(delimiter.charCodeAt(0), limitBytes)),
		read,
		url: URL,
		namesModel: false,
		modelOf: () => undefined,
		idParam: ID_COLUMN,
		bodyParam: null,
		paramOf: () => null,
		request: (bytes) => ({ url: URL, body: template.fill(fieldsOf(bytes, header)) }),
		outputHas: "all",
		heads: {
			output: `${mark}${print([...columns, answerColumn, errorColumn])}`,
			errors: `${mark}${print([...columns, errorColumn])}`,
		},
		outputRecord: (line, request, skipped) =>
			print([...fieldsOf(request(), header), answerText(line) ?? "", errorOf(line, skipped)]),
		errorRecord: (line, request, skipped) => print([...fieldsOf(request(), header), errorOf(line, skipped)]),
		result: openAiResult,
		text: answerText,
	};
}

const noFaults: readonly RecordFault[] = [];

/** The rows below the header, which is the first that is not blank. */
function withoutHeader(rows: RecordReader): RecordReader {
	let isBelow = false;
	function* below(found: Iterable<FileLine>): Generator<FileLine> {
		for (const row of found) {
			if (isBelow) yield row;
			else isBelow = row.text !== "";
		}
	}
	return {
		push: (chunk) => below(rows.push(chunk)),
		end: () => below(rows.end()),
		isHopeless: rows.isHopeless,
	};
}

/** The row of a record that passed validation. */
function fieldsOf(bytes: Uint8Array, { columns, delimiter }: TableHeader): readonly string[] {
	const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
	const row = parseRow(text, delimiter);
	if (row.length === columns.length) return row;
	throw new Error("A validated row has not as many fields as the header: the bytes of the input have changed.");
}

function errorOf(line: FinishedLine, skipped: SkipReason | null): string {
	return errorMessage(readAnswer(line, skipped)) ?? "";
}

/** A name that no column has, so that the columns of an error file which comes back stay as they are. */
function freeName(wanted: string, taken: readonly string[]): string {
	if (!taken.includes(wanted)) return wanted;
	for (let number = 2; ; number += 1) {
		if (!taken.includes(`${wanted}_${number}`)) return `${wanted}_${number}`;
	}
}

function printRow(fields: readonly string[], delimiter: string): string {
	// A carriage return alone is a line end to many readers, hence in quotes too.
	return stringify([[...fields]], { delimiter, record_delimiter: "\n", quoted_match: /\r/ });
}

function faulty(message: string): RecordReading {
	return { kind: "faulty", faults: [{ code: "invalid_request", param: null, message }] };
}

const DELIMITER_NAMES: ReadonlyMap<string, string> = new Map([
	[",", "a comma"],
	[";", "a semicolon"],
	["\t", "a tab"],
]);

function describeRagged(fields: number, columns: number, delimiter: string): string {
	const delimiterName = DELIMITER_NAMES.get(delimiter) ?? delimiter;
	return `This row has ${fields} ${fields === 1 ? "field" : "fields"}, the header has ${columns}. A field with ${delimiterName} or a line end in it needs double quotes around it.`;
}
