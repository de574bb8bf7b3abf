import { expect, test } from "vitest";
import { GEMINI_GENERATE_URL } from "../contract/contract.ts";
import { peekFirstRequest } from "./first-request.ts";

async function* bytes(...parts: readonly string[]) {
	for (const part of parts) yield Buffer.from(part);
}
const line = '{"custom_id":"a","method":"POST","url":"/v1/embeddings","body":{"model":"demo","input":"x"}}';

test("tells url and model of the first line, through a byte order mark, blank lines and odd chunks", async () => {
	const expected = { url: "/v1/embeddings", model: "demo" };
	expect(await peekFirstRequest(bytes(line))).toEqual(expected);
	expect(await peekFirstRequest(bytes(`\uFEFF\r\n\n${line.slice(0, 30)}`, `${line.slice(30)}\r\nsecond`))).toEqual(
		expected,
	);
});

test.each(["", "\n\n", "not json\n", "{}\n", "[1]\n", '{"url":"/v1/embeddings"}\n'])(
	"tells nothing of %j",
	async (text) => {
		expect(await peekFirstRequest(bytes(text))).toBeNull();
	},
);

test.each([
	['{"custom_id":"a","params":{"model":"claude-x"}}', "/v1/messages", "claude-x"],
	['{"key":"a","request":{"model":"models/gemini-x"}}', GEMINI_GENERATE_URL, "gemini-x"],
	['{"request":{"contents":[]}}', GEMINI_GENERATE_URL, null],
	['{"messages":[]}', "/v1/chat/completions", null],
	['{"url":"/v1/embeddings","body":{"input":"x"}}', "/v1/embeddings", null],
])("tells it of any dialect: %s", async (text, url, model) => {
	expect(await peekFirstRequest(bytes(text))).toEqual({ url, model });
});

test("tells nothing of a table, whose rows name neither", async () => {
	expect(await peekFirstRequest(bytes("id,text\n1,a\n"))).toBeNull();
});

test("reads no more of an endless line than it needs", async () => {
	let given = 0;
	async function* endless() {
		for (;;) {
			given++;
			yield Buffer.alloc(1 << 16, "x");
		}
	}
	expect(await peekFirstRequest(endless())).toBeNull();
	expect(given).toBeLessThan(20);
});
