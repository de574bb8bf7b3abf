/** What the dialects with one JSON object a line have in common. */
import { answerText } from "./answer-text.ts";
import { FORMAT_WORDS, type JsonFormat, otherDialect } from "./detect.ts";
import { isObject, parseRecord, readJsonObject } from "./json-record.ts";
import type { FileRequest, JsonObject, LineFormat, RecordFault, RecordReading } from "./line-format.ts";
import { createLineReader } from "./line-reader.ts";

/** What stands where in a line. */
export interface Wrapping {
	readonly customId: unknown;
	readonly url: unknown;
	readonly body: unknown;
	/** Of what stands beside id, url and body. */
	readonly faults?: readonly RecordFault[];
}

/** What is special about one dialect. */
export interface JsonDialect
	extends Pick<
		LineFormat,
		"url" | "namesModel" | "modelOf" | "idParam" | "bodyParam" | "paramOf" | "outputRecord" | "errorRecord" | "result"
	> {
	readonly name: JsonFormat;
	/** `place` is 1-based, among the requests of the file. */
	unwrap(line: JsonObject, place: number): Wrapping;
	/** The request on a line that passed validation. */
	requestOf(line: JsonObject): FileRequest;
}

/** The format of a dialect's files. */
export function createJsonLines({ unwrap, requestOf, ...dialect }: JsonDialect): LineFormat {
	function read(text: string, place: number): RecordReading {
		const reading = readJsonObject(text);
		if (reading.kind !== "object") return reading;
		const { object, faults, brokenText } = reading;
		const other = otherDialect(dialect.name, (key) => Object.hasOwn(object, key));
		if (other !== null) return { kind: "faulty", faults: [describeOther(dialect.name, other)] };
		const wrapping = unwrap(object, place);
		const { customId, url, body, faults: around = faults } = wrapping;
		return {
			kind: "request",
			customId,
			url,
			body,
			faults: around === faults ? faults : [...faults, ...around],
			brokenText,
			notice: null,
		};
	}

	return {
		...dialect,
		extension: "jsonl",
		createReader: createLineReader,
		read,
		request: (bytes) => requestOf(parseRecord(bytes)),
		outputHas: "answered",
		heads: { output: "", errors: "" },
		text: answerText,
	};
}

/** Names fields of a body that stands under a key of the line. */
export function fieldsUnder(bodyParam: string): LineFormat["paramOf"] {
	return (field) => (field === null ? bodyParam : `${bodyParam}.${field}`);
}

/** The object under a key of a line that passed validation. */
export function objectAt(line: JsonObject, key: string): JsonObject {
	const value = line[key];
	if (isObject(value)) return value;
	throw new Error(`A validated line has no object '${key}': the bytes of the input have changed.`);
}

/** A line of a file: JSON and its line end. */
export function jsonLine(value: JsonObject): string {
	return `${JSON.stringify(value)}\n`;
}

function describeOther(own: JsonFormat, other: JsonFormat): RecordFault {
	const message = `This line is in another dialect, ${FORMAT_WORDS[other]}, than the file, ${FORMAT_WORDS[own]}. Put it into a file of its own.`;
	return { code: "invalid_request", param: null, message };
}
