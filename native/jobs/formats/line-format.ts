/** What a dialect of batch files promises. */
import type { BatchFaultCode, FileFormat } from "../../contract/contract.ts";
import type { FinishedLine } from "../../ledger/ledger.ts";
import type { RecordReader } from "./line-reader.ts";

/** What a record asks for, in the words of the engine's dialect table: `body` is sent to `url`. */
export interface FileRequest {
	readonly url: string;
	readonly body: JsonObject;
}

/** Why a line was never run. `batch_expired` is OpenAI's; the others are ours. */
export type SkipReason = "batch_expired" | "batch_cancelled" | "batch_failed";

/** Any JSON object. */
export type JsonObject = { readonly [key: string]: unknown };

/** Something wrong with a record. `param` in the words of its file; null: the record as a whole. */
export interface RecordFault {
	readonly code: BatchFaultCode;
	readonly param: string | null;
	readonly message: string;
}

/** A record that asks for something. Its id, url and body are for whoever knows the other records to judge. */
export interface RecordRequest {
	readonly kind: "request";
	/** As it stands; undefined: it is missing. Where a dialect has none, one is made of the record's place. */
	readonly customId: unknown;
	readonly url: unknown;
	readonly body: unknown;
	/** Of what stands around the body. */
	readonly faults: readonly RecordFault[];
	/** Where a text has half of a surrogate pair, which can't be written back; null: nowhere. */
	readonly brokenText: string | null;
	/** Something odd that was put up with; one of few sentences. */
	readonly notice: string | null;
}

/** What a record says, at first sight. */
export type RecordReading =
	| RecordRequest
	| { readonly kind: "blank" }
	| { readonly kind: "faulty"; readonly faults: readonly RecordFault[] };

/** A file's dialect, bound to that file: a table's header is known here. */
export interface LineFormat {
	readonly name: FileFormat;
	/** Of the files written: `jsonl`, `csv` or `tsv`. */
	readonly extension: "jsonl" | "csv" | "tsv";

	/** Cuts the file into records of at most `limitBytes` each. */
	createReader(limitBytes: number): RecordReader;
	/** Reads what the reader has cut: never throws, whatever it says. `place` is 1-based, among the requests of the file. */
	read(text: string, place: number): RecordReading;
	/** Url of all requests; null: each record names its own. */
	readonly url: string | null;
	/** Whether each request has to name a model, by the rules of the dialect. */
	readonly namesModel: boolean;
	/** The model that a body names, if it does. */
	modelOf(body: JsonObject): unknown;
	/** Where a record's id stands, e.g. `custom_id`. */
	readonly idParam: string;
	/** Where the body stands in a record, e.g. `params`; null: the record itself is the body, or (tables) it has none. */
	readonly bodyParam: string | null;
	/** A field of the body in the words of the file, e.g. `params.messages[0]`; null: it has none there, or `bodyField` is null. */
	paramOf(bodyField: string | null): string | null;

	/** The request of a record that passed validation. Throws on any other, which would mean that the ledger's bytes changed. */
	request(bytes: Uint8Array): FileRequest;
	/** Which lines the output file has: those that were answered, or (tables) all of them. */
	readonly outputHas: "answered" | "all";
	/** What the output and the error file begin with: a table's header, else nothing. */
	readonly heads: { readonly output: string; readonly errors: string };
	/** One record of the output file with its line end. `request` gives the bytes of its input record; few dialects need them. */
	outputRecord(line: FinishedLine, request: () => Uint8Array, skipped: SkipReason | null): string;
	/** One record of the error file with its line end: why it failed and the request itself, so that the file is a valid input. */
	errorRecord(line: FinishedLine, request: () => Uint8Array, skipped: SkipReason | null): string;
	/** The answer alone as JSON, as it stands in the output or error file but without the request; tables answer as OpenAI does. */
	result(line: FinishedLine, skipped: SkipReason | null): JsonObject;
	/** What an answer says, without its wrapping; null: an error, or no text (embeddings). */
	text(line: FinishedLine): string | null;
}
