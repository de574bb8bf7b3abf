/**
 * Takes the body of `POST /v1/messages/batches` apart as it comes: `{"requests":[…]}` piece by piece in, one JSON line a request
 * out. Never holds more than one request. What is wrong is thrown as `BodyBroken`, in Anthropic's words: a stream has no other
 * way to fail.
 */
import { JSONParser, TokenizerError, TokenParserError } from "@streamparser/json";
import { messageBatchRequestSchema } from "../contract/contract.ts";
import { isObject } from "../jobs/formats/json-record.ts";
import { broken, createPlace, wrong } from "./anthropic-batch-place.ts";
import { BodyBroken } from "./body.ts";
import type { ApiFault } from "./errors.ts";
import { describeBytes } from "./limits.ts";

/** Bounds of one batch. */
export interface RequestLimits {
	readonly requests: number;
	/** Of one request as a line of its own. */
	readonly requestBytes: number;
}

/** Cuts a body into requests. */
export interface RequestReader {
	/** The lines, with their ends, of the requests that end in this piece. */
	push(piece: Uint8Array): string;
	/** To be called when the body has ended: throws if it is not whole or has no request. */
	end(): void;
	/** Requests so far. */
	readonly count: number;
}

/** The parser joins long texts in a buffer of this size, which is faster and lighter than character by character. */
const STRING_BUFFER_BYTES = 64 * 1024;
/** The same for numbers; longer ones work too. */
const NUMBER_BUFFER_BYTES = 64;

/** Where the list of requests stands, as the parser names places: other keys of the body are read over. */
const requestPath = "$.requests.*";

/** Makes a reader for one body. */
export function createRequestReader(limits: RequestLimits): RequestReader {
	const place = createPlace();
	const checker = createRequestChecker(limits);
	const parser = new JSONParser({
		paths: [requestPath],
		keepStack: false,
		stringBufferSize: STRING_BUFFER_BYTES,
		numberBufferSize: NUMBER_BUFFER_BYTES,
	});
	let lines = "";
	let readBytes = 0;
	parser.onToken = (token) => place.take(token);
	parser.onValue = ({ value }) => {
		lines += checker.check(value);
	};

	return {
		push(piece) {
			lines = "";
			try {
				parser.write(piece);
			} catch (error) {
				throw asBroken(error, place.offset);
			}
			readBytes += piece.byteLength;
			// Looked at before the request is whole: else it would be held however long it gets.
			if (readBytes - place.safeOffset > limits.requestBytes + piece.byteLength) {
				throw new BodyBroken(tooLong(checker.count, limits.requestBytes));
			}
			return lines;
		},
		end() {
			if (readBytes === 0) throw broken("The body is empty; send a JSON object with a list of requests.");
			if (!parser.isEnded) throw broken(`The body is not valid JSON: it ends after byte ${readBytes}, in the middle.`);
			if (!place.hasList) throw wrong("requests", "Field required");
			if (checker.count === 0) throw wrong("requests", "List should have at least 1 item after validation, not 0");
		},
		get count() {
			return checker.count;
		},
	};
}

/** Checks requests one after the other. */
interface RequestChecker {
	/** The request as a line of the input file. */
	check(value: unknown): string;
	readonly count: number;
}

function createRequestChecker({ requests: most, requestBytes }: RequestLimits): RequestChecker {
	/** As many short names as requests are allowed: some 15 MB at the most. */
	const indexes = new Map<string, number>();
	return {
		check(value) {
			const index = indexes.size;
			if (index === most) throw wrong("requests", `List should have at most ${most} items; split the batch`);
			const parsed = messageBatchRequestSchema.safeParse(value);
			if (!parsed.success) {
				const [issue] = parsed.error.issues;
				throw wrong(["requests", index, ...(issue?.path ?? [])].join("."), issue?.message ?? "Input is not valid");
			}
			const { custom_id } = parsed.data;
			const other = indexes.get(custom_id);
			if (other !== undefined) {
				const message = `'${custom_id}' is the custom_id of requests.${other} too; each has to be unique in its batch`;
				throw wrong(`requests.${index}.custom_id`, message);
			}
			// As they were sent: the schema puts keys it knows before others.
			const params = isObject(value) ? value.params : null;
			const line = `${JSON.stringify({ custom_id, params })}\n`;
			if (Buffer.byteLength(line) - 1 > requestBytes) throw new BodyBroken(tooLong(index, requestBytes));
			indexes.set(custom_id, index);
			return line;
		},
		get count() {
			return indexes.size;
		},
	};
}

function tooLong(index: number, limitBytes: number): ApiFault {
	return {
		status: 413,
		message: `requests.${index}: The request is larger than ${describeBytes(limitBytes)}. Shorten or split it.`,
		param: `requests.${index}`,
		code: "request_too_large",
	};
}

/** Says in our words where the parser gave up; what isn't about the body stays as it is. */
function asBroken(error: unknown, tokenOffset: number): unknown {
	// Unlike the other two, this one knows the character; it tells it in its message only.
	const position = error instanceof TokenizerError ? /absolute position "(\d+)"/.exec(error.message)?.[1] : undefined;
	if (position !== undefined) return broken(`The body is not valid JSON at byte ${Number(position) + 1}.`);
	if (error instanceof TokenizerError || error instanceof TokenParserError) {
		return broken(`The body is not valid JSON at byte ${tokenOffset + 1}.`);
	}
	if (error instanceof TypeError && "code" in error && error.code === "ERR_ENCODING_INVALID_ENCODED_DATA") {
		return broken(`The body is not valid UTF-8 in the text that follows byte ${tokenOffset + 1}.`);
	}
	return error;
}
