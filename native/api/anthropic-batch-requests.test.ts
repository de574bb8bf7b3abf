import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRequestReader } from "./anthropic-batch-requests.ts";
import { BodyBroken } from "./body.ts";
import type { ApiFault } from "./errors.ts";

const limits = { requests: 1_000, requestBytes: 4_096 };
const params = { model: "demo", max_tokens: 8, messages: [{ role: "user", content: "hello" }] };

/** All lines of a body that comes in pieces of one size. */
function read(body: string | Uint8Array, pieceBytes = 7): string {
	const bytes = Buffer.from(body);
	const reader = createRequestReader(limits);
	let lines = "";
	for (let start = 0; start < bytes.length; start += pieceBytes) {
		lines += reader.push(bytes.subarray(start, start + pieceBytes));
	}
	reader.end();
	return lines;
}

/** What a body is refused for. */
function fault(body: string | Uint8Array, pieceBytes?: number): Partial<ApiFault> {
	try {
		read(body, pieceBytes);
	} catch (error) {
		if (error instanceof BodyBroken) return { status: error.fault.status, message: error.fault.message };
		throw error;
	}
	return {};
}

const requests = (...list: readonly unknown[]) => JSON.stringify({ requests: list });

describe("the reader of a batch's requests", () => {
	it("makes a line of each request, whatever pieces the body comes in", () => {
		const record = fc.record({
			custom_id: fc.stringMatching(/^[a-zA-Z0-9_-]{1,64}$/),
			params: fc.dictionary(fc.string(), fc.jsonValue()),
		});
		const list = fc.uniqueArray(record, { minLength: 1, maxLength: 20, selector: (request) => request.custom_id });
		const spaces = fc.constantFrom(undefined, 1, "\t");
		fc.assert(
			fc.property(list, fc.integer({ min: 1, max: 500 }), spaces, (asked, pieceBytes, space) => {
				const sane = asked.filter((request) => request.params.stream !== true);
				fc.pre(sane.length > 0);
				const lines = read(JSON.stringify({ requests: sane }, null, space), pieceBytes);
				expect(lines.endsWith("\n")).toBe(true);
				const rows: unknown[] = lines
					.slice(0, -1)
					.split("\n")
					.map((line) => JSON.parse(line));
				// Through JSON, which has no minus zero.
				expect(rows).toEqual(JSON.parse(JSON.stringify(sane)));
			}),
		);
	});

	it("keeps what can't be written as UTF-8, and drops what is not part of a request", () => {
		const body = `{"a":[1,{"requests":[]}],"requests":[{"x":1,"params":{"t":"\\ud83d \\ud83d\\ude00 \\u0000"},"custom_id":"q"}],"z":{}}`;
		expect(read(body)).toBe(`{"custom_id":"q","params":{"t":"\\ud83d 😀 \\u0000"}}\n`);
		expect(read(`\ufeff${body}`)).toBe(read(body));
	});

	it.each([
		[requests(), "requests: List should have at least 1 item after validation, not 0."],
		["{}", "requests: Field required."],
		['{"requests":{"a":{}}}', "requests: Input should be a valid list."],
		['{"requests":null}', "requests: Input should be a valid list."],
		["[]", "The body has to be a JSON object."],
		[requests("text"), "requests.0: Input should be a valid dictionary."],
		[requests({ params }), "requests.0.custom_id: Field required."],
		[requests({ custom_id: 7, params }), "requests.0.custom_id: Input should be a valid string."],
		[requests({ custom_id: "", params }), "requests.0.custom_id: String should have at least 1 character."],
		[
			requests({ custom_id: "x".repeat(65), params }),
			"requests.0.custom_id: String should have at most 64 characters.",
		],
		[
			requests({ custom_id: "a", params }, { custom_id: "b c", params }),
			"requests.1.custom_id: String should match pattern '^[a-zA-Z0-9_-]{1,64}$'.",
		],
		[
			requests({ custom_id: "a", params }, { custom_id: "b", params }, { custom_id: "a", params }),
			"requests.2.custom_id: 'a' is the custom_id of requests.0 too; each has to be unique in its batch.",
		],
		[requests({ custom_id: "a" }), "requests.0.params: Field required."],
		[requests({ custom_id: "a", params: [] }), "requests.0.params: Input should be a valid dictionary."],
		[
			requests({ custom_id: "a", params: { ...params, stream: true } }),
			"requests.0.params.stream: Answers of a batch can't be streamed; leave this out or set it to false.",
		],
		[
			'{"requests":[{"custom_id":"a","params":{}}],"requests":[{"custom_id":"b","params":{}}]}',
			"requests: The body has this key twice; put all requests into one list.",
		],
	])("refuses %j", (body, message) => {
		expect(fault(body)).toEqual({ status: 400, message });
	});

	it.each([
		['{"requests":[}', "The body is not valid JSON at byte 14."],
		['{"requests":[{"custom_id" "a"}]}', "The body is not valid JSON at byte 27."],
		['{"requests":[nil]}', "The body is not valid JSON at byte 15."],
		['{"requests":[{"custom_id":"a","params":{}}]} x', "The body is not valid JSON at byte 46."],
		['{"requests":[{"custom_id":"a"', "The body is not valid JSON: it ends after byte 29, in the middle."],
		["", "The body is empty; send a JSON object with a list of requests."],
		['{"requests":[{"a":1e999}]}', "The number at byte 19 of the body is larger than any that can be kept."],
	])("names the byte at which %j breaks, in pieces of any size", (body, message) => {
		for (const pieceBytes of [1, 5, 1_000]) expect(fault(body, pieceBytes)).toEqual({ status: 400, message });
	});

	it("says after which byte a text is no UTF-8", () => {
		const [before, after] = ['{"requests":[{"custom_id":', '"a'];
		const bytes = Buffer.concat([Buffer.from(before + after), Buffer.from([0xff, 0xfe]), Buffer.from('xxxx"}]}')]);
		expect(fault(bytes, 1_000).message).toBe(
			`The body is not valid UTF-8 in the text that follows byte ${before.length}.`,
		);
	});

	it("refuses more requests than allowed, and requests larger than allowed", () => {
		const many = Array.from({ length: limits.requests + 1 }, (_, index) => ({ custom_id: `r${index}`, params: {} }));
		expect(read(requests(...many.slice(1)), 4_096).split("\n")).toHaveLength(limits.requests + 1);
		expect(fault(requests(...many), 4_096)).toEqual({
			status: 400,
			message: "requests: List should have at most 1000 items; split the batch.",
		});
		const fitting = limits.requestBytes - JSON.stringify({ custom_id: "a", params: { t: "" } }).length;
		const sized = (length: number) =>
			requests({ custom_id: "b", params }, { custom_id: "a", params: { t: "x".repeat(length) } });
		expect(read(sized(fitting), 100)).toContain("xxx");
		const message = "requests.1: The request is larger than 4 KiB. Shorten or split it.";
		expect(fault(sized(fitting + 1), 100)).toEqual({ status: 413, message });
	});

	it("does not wait for the end of what is too large or too deep", () => {
		const reader = createRequestReader(limits);
		reader.push(Buffer.from('{"requests":[{"params":"'));
		const piece = Buffer.alloc(1_000, "x");
		expect(() => Array.from({ length: 10 }, () => reader.push(piece))).toThrow("requests.0: The request is larger");
		expect(fault(`{"other":${"[".repeat(600)}`).message).toBe(
			"The body is nested more than 512 levels deep at byte 521. Make it flatter.",
		);
	});
});
