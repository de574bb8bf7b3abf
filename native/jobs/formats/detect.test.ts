import { describe, expect, test } from "vitest";
import { detectFormat, dialectOf, otherDialect } from "./detect.ts";
import { readHead } from "./read-head.ts";

const detect = (text: string, filename = "input.jsonl") => detectFormat(Buffer.from(text), filename);

describe("the dialect of a file", () => {
	test.each([
		['{"custom_id":"a","method":"POST","url":"/v1/chat/completions","body":{"messages":[]}}', "openai"],
		['{"custom_id":"a","params":{"messages":[]}}', "anthropic"],
		['{"key":"a","request":{"contents":[]}}', "gemini"],
		['{"request":{"contents":[]},"key":"a"}', "gemini"],
		['{"request":{"contents":[]}}', "vertex"],
		['{"messages":[]}', "messages"],
		['{"id":7,"messages":[]}', "messages"],
	])("of %s is %s", (line, format) => {
		expect(detect(`${line}\n`)).toBe(format);
		expect(detect(`\uFEFF\r\n\n${line}\r\n{"params":{}}`)).toBe(format);
		// A known line goes before the name: exports are called anything.
		expect(detect(line, "input.csv")).toBe(format);
	});

	test("is told by a first line that is cut off or broken, as far as it goes", () => {
		expect(detect(`{"custom_id":"a","params":{"messages":[{"content":"${"x".repeat(1000)}`)).toBe("anthropic");
		expect(detect('{"custom_id": "a", "params": {"model": }}')).toBe("anthropic");
		expect(detect('{"key":"body","request":{"params":1}}')).toBe("gemini");
	});

	test("is told by the next line where the first says nothing", () => {
		expect(detect('nonsense\n{}\n{"messages":[]}\n')).toBe("messages");
	});

	test("of tables is told by their name", () => {
		expect(detect("id,text\n1,a\n", "tickets.csv")).toBe("csv");
		expect(detect("id\ttext\n", "TICKETS.TSV")).toBe("tsv");
		expect(detect("id,text\n", "tickets.txt")).toBe("openai");
	});

	test.each(["", "\n\n", "nonsense", "{}", "[1]", "{".repeat(1000), '"'])("of %j is OpenAI's", (text) => {
		expect(detect(text)).toBe("openai");
	});
});

describe("a line's dialect", () => {
	const keys =
		(...names: readonly string[]) =>
		(key: string) =>
			names.includes(key);

	test("is its own as long as it has what makes it one", () => {
		expect(otherDialect("anthropic", keys("custom_id", "params", "body"))).toBeNull();
		expect(otherDialect("openai", keys("custom_id"))).toBeNull();
	});

	test("is another's where it has what makes that one", () => {
		expect(otherDialect("openai", keys("custom_id", "params"))).toBe("anthropic");
		expect(otherDialect("gemini", keys("request"))).toBe("vertex");
		expect(otherDialect("vertex", keys("key", "request"))).toBe("gemini");
		expect(dialectOf(keys("contents"))).toBeNull();
	});
});

test("the head of a file is its start, and hardly more of it is read", async () => {
	let given = 0;
	async function* endless() {
		for (;;) {
			given += 1;
			yield Buffer.alloc(300_000, "x");
		}
	}
	expect((await readHead(endless())).length).toBe(1 << 20);
	expect(given).toBe(4);
});
