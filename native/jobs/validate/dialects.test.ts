import { describe, expect, test } from "vitest";
import { ok } from "../../base/base.ts";
import { GEMINI_GENERATE_URL } from "../../contract/contract.ts";
import { chatLine, formatOf, placesOf, validate } from "./testing.ts";
import { listNotices, type ValidationOptions } from "./validate.ts";

const names = ["openai", "anthropic", "gemini", "vertex", "messages"] as const;
type Name = (typeof names)[number];

const endpoints: Readonly<Record<Name, string>> = {
	openai: "/v1/chat/completions",
	anthropic: "/v1/messages",
	gemini: GEMINI_GENERATE_URL,
	vertex: GEMINI_GENERATE_URL,
	messages: "/v1/chat/completions",
};

const message = { role: "user", content: "Hello" };
const contents = [{ role: "user", parts: [{ text: "Hello" }] }];

/** A line that is in order, but for what is changed in its body. */
function lineOf(name: Name, id: string, body: object = {}): object {
	switch (name) {
		case "openai":
			return JSON.parse(chatLine(id, {}, body));
		case "anthropic":
			return { custom_id: id, params: { model: "demo", max_tokens: 9, messages: [message], ...body } };
		case "gemini":
			return { key: id, request: { contents, ...body } };
		case "vertex":
			return { request: { contents, ...body } };
		case "messages":
			return { custom_id: id, messages: [message], ...body };
	}
}

const file = (...lines: readonly (object | string)[]) =>
	lines.map((line) => `${typeof line === "string" ? line : JSON.stringify(line)}\n`).join("");

const known = new Map<string | null, string>([
	["demo", "demo"],
	["other", "other"],
	[null, "demo"],
]);

function check(name: Name, text: string, changes: Partial<ValidationOptions> = {}) {
	const options = { format: formatOf({ format: name }), endpoint: endpoints[name] };
	return validate(text, { ...options, resolveModel: (model) => known.get(model) ?? null, ...changes });
}

const idOf = (name: Name, id: string, place: number) => (name === "vertex" ? `line-${place}` : id);
const bodyOf: Readonly<Record<Name, string>> = {
	openai: "body.",
	anthropic: "params.",
	gemini: "request.",
	vertex: "request.",
	messages: "",
};

describe.each(names)("a file of %s lines", (name) => {
	const good = (id: string) => lineOf(name, id);

	test("in order is indexed under its ids", async () => {
		const report = await check(name, file(good("a"), "", good("ä😀")));
		expect(report).toMatchObject({ total: 2, faults: [], model: "demo", endpoint: endpoints[name] });
		expect(report.lines.map(({ customId }) => customId)).toEqual([idOf(name, "a", 1), idOf(name, "ä😀", 2)]);
	});

	test("has faults named by line and by field in its own words", async () => {
		const wrong =
			name === "gemini" || name === "vertex"
				? { contents: [{ parts: 7 }] }
				: { messages: [{ role: "me", content: "x" }] };
		const report = await check(name, file(good("a"), lineOf(name, "b", wrong), good("c")));
		expect(report.faults.map(({ line, code }) => [line, code])).toEqual([[2, "invalid_request"]]);
		const field = name === "gemini" || name === "vertex" ? "contents[0].parts" : "messages[0].role";
		expect(report.faults[0]?.param).toBe(bodyOf[name] + field);
	});

	test.each([
		["a doubled key", (line: string) => line.replace(/"(contents|messages)":/, '"$1":[],"$1":'), "invalid_json_line"],
		["half a character", (line: string) => line.replace('"Hello"', '"a\\ud800"'), "invalid_json_line"],
		["a NUL byte", (line: string) => line.replace('"Hello"', '"a\0"'), "invalid_json_line"],
		["a cut", (line: string) => line.slice(0, -3), "invalid_json_line"],
		["another type", () => "[]", "invalid_json_line"],
		[
			"endless nesting",
			(line: string) => line.replace('"Hello"', `${'{"a":['.repeat(50_000)}1${"]}".repeat(50_000)}`),
			"invalid_request",
		],
		["a number beyond all", (line: string) => line.replace('"Hello"', "1e999"), "invalid_request"],
	])("has %s named", async (_, spoil, code) => {
		const report = await check(name, file(good("a"), spoil(JSON.stringify(good("b"))), good("c")));
		expect(report.faults.map((fault) => [fault.line, fault.code])).toEqual([[2, code]]);
		expect(report.total).toBe(3);
	});

	test("has a line that is nothing but nesting named before it takes any memory", async () => {
		const deep = `{"a":${"[".repeat(8_000_000)}`;
		const report = await check(name, file(good("a"), deep, good("c")));
		expect(placesOf(report)).toEqual([[2, "invalid_json_line", null]]);
		expect(report.faults[0]?.message).toMatch(/more than 1,000 levels deep/);
	});

	test("has the field named that has a doubled key or half a character", async () => {
		const [first] = await Promise.all([check(name, file(JSON.stringify(good("a")).replace('"Hello"', '"\\udc00"')))]);
		const parts = name === "gemini" || name === "vertex" ? "contents[0].parts[0].text" : "messages[0].content";
		expect(first.faults[0]?.param).toBe(bodyOf[name] + parts);
		const doubled = await check(
			name,
			file(JSON.stringify(good("a")).replace('"role":"user"', '"role":"user","role":"user"')),
		);
		expect(doubled.faults[0]?.param).toBe(`${bodyOf[name]}${parts.startsWith("c") ? "contents" : "messages"}[0].role`);
	});

	test("with a line of another dialect has that named once, with both", async () => {
		for (const other of names) {
			if (other === name) continue;
			const report = await check(name, file(good("a"), lineOf(other, "b"), good("c")));
			expect(placesOf(report)).toEqual([[2, "invalid_request", null]]);
			expect(report.faults[0]?.message).toMatch(/^This line is in another dialect, .*\), than the file, .*\)\./);
		}
	});

	test("whose lines may fail alone has their schema's faults as notices", async () => {
		const wrong = lineOf(name, "b", name === "gemini" || name === "vertex" ? { contents: 7 } : { messages: 7 });
		const report = await check(name, file(good("a"), wrong, good("c")), { badLines: "fail-line" });
		expect(report).toMatchObject({ total: 3, faults: [] });
		expect(report.lines).toHaveLength(3);
		expect(report.notices).toMatchObject([
			{ message: expect.stringMatching(/^This line will be answered with a 400: /), firstLine: 2 },
		]);
	});
});

describe("ids", () => {
	test("are what each dialect calls them, and told of by that name", async () => {
		const twice = await check("gemini", file(lineOf("gemini", "a"), lineOf("gemini", "a")));
		expect(placesOf(twice)).toEqual([[2, "duplicate_custom_id", "key"]]);
		expect(twice.faults[0]?.message).toMatch(/^The key 'a' is already used on line 1/);
		expect(placesOf(await check("gemini", file({ key: 7, request: { contents } })))).toEqual([
			[1, "invalid_request", "key"],
		]);
		const params = JSON.parse(JSON.stringify(lineOf("anthropic", "a"))).params;
		expect(placesOf(await check("anthropic", file({ params })))).toEqual([[1, "invalid_request", "custom_id"]]);
	});

	test("are made of the place where bare lines have none", async () => {
		const report = await check(
			"messages",
			file({ messages: [message] }, { id: 17, messages: [message] }, { custom_id: "x", id: "y", messages: [message] }),
		);
		expect(report.lines.map(({ customId }) => customId)).toEqual(["line-1", "17", "x"]);
	});

	test("can't have a NUL character, which texts may have", async () => {
		expect(placesOf(await check("anthropic", file(lineOf("anthropic", "a\0b"))))).toEqual([
			[1, "invalid_request", "custom_id"],
		]);
		const text = { messages: [{ role: "user", content: "a\0b" }] };
		expect((await check("anthropic", file(lineOf("anthropic", "a", text)))).faults).toEqual([]);
	});

	test("are still needed where lines may fail alone", async () => {
		const report = await check("anthropic", file(lineOf("anthropic", "a"), lineOf("anthropic", "a")), {
			badLines: "fail-line",
		});
		expect(placesOf(report)).toEqual([[2, "duplicate_custom_id", "custom_id"]]);
	});
});

describe("a body that is missing", () => {
	test.each([
		["anthropic", { custom_id: "a" }, "params"],
		["gemini", { key: "a" }, "request"],
		["anthropic", { custom_id: "a", params: [] }, "params"],
		["vertex", { request: "x" }, "request"],
	] as const)("is named for %s lines", async (name, line, param) => {
		const report = await check(name, file(line));
		expect(placesOf(report)).toEqual([[1, "invalid_request", param]]);
		expect(report.faults[0]?.message).toContain(`sent to ${endpoints[name]}`);
	});
});

describe("the model", () => {
	test.each(["gemini", "vertex", "messages"] as const)(
		"that %s lines leave to the batch is missed once",
		async (name) => {
			const lines = file(lineOf(name, "a"), lineOf(name, "b"));
			const report = await check(name, lines, { resolveModel: () => null });
			expect(placesOf(report)).toEqual([[null, "model_not_found", "model"]]);
			expect(report.faults[0]?.message).toMatch(/--model.*models\.default/);
			expect(await check(name, lines, { resolveModel: () => null, modelOverride: "demo" })).toMatchObject({
				faults: [],
				model: "demo",
			});
		},
	);

	test("may be named by some lines and not by others, as long as it is one", async () => {
		const named = (model: string) => lineOf("messages", "b", { model });
		expect((await check("messages", file(lineOf("messages", "a"), named("demo")))).faults).toEqual([]);
		const mixed = await check("messages", file(lineOf("messages", "a"), named("other")));
		expect(placesOf(mixed)).toEqual([[2, "model_mismatch", "model"]]);
		const google = await check(
			"gemini",
			file(lineOf("gemini", "a", { model: "models/demo" }), lineOf("gemini", "b", { model: "x" })),
		);
		expect(placesOf(google)).toEqual([[2, "model_not_found", "request.model"]]);
	});

	test("is one, however many names lead to it", async () => {
		const names = ["gpt-4o", "gpt-4o-mini", "demo"];
		const lines = names.map((model, n) => chatLine(`${n}`, {}, { model }));
		const report = await check("openai", file(...lines), {
			resolveModel: (name) => (names.includes(name ?? "") ? "demo" : null),
		});
		expect(report).toMatchObject({ faults: [], model: "demo" });
	});

	test("has to be named by OpenAI's and Anthropic's lines, by their own rules", async () => {
		expect(placesOf(await check("openai", chatLine("a", {}, { model: undefined })))).toEqual([
			[1, "invalid_request", "body.model"],
		]);
		expect(placesOf(await check("anthropic", file(lineOf("anthropic", "a", { model: undefined }))))).toEqual([
			[1, "invalid_request", "params.model"],
		]);
	});
});

describe("notices", () => {
	test("are kept in bounded number, each with its first line and how often it came", async () => {
		const lines = Array.from({ length: 250 }, (_, n) => lineOf("messages", `${n}`, { temperature: 100 + n }));
		const report = await check("messages", file(...lines, lineOf("messages", "x", { temperature: 100 })), {
			badLines: "fail-line",
		});
		const listed = listNotices(report);
		expect(listed).toHaveLength(100);
		expect(listed[0]).toMatchObject({ code: "notice", line: 1, param: null });
		expect(listed[0]?.message).toMatch(/but got 100 instead\. \(2 lines, the first of them here\)$/);
		expect(listed.at(-1)).toMatchObject({ line: null, message: "There are 151 more notices, not listed." });
	});

	test("tell of a prompt too long where lines may fail alone", async () => {
		const long = lineOf("anthropic", "a", { messages: [{ role: "user", content: "x".repeat(500) }] });
		const options = { contextTokens: 100, countPromptTokens: async () => ok([ok(500)]) };
		const report = await check("anthropic", file(long), { ...options, badLines: "fail-line" });
		expect(report).toMatchObject({
			faults: [],
			notices: [{ message: expect.stringMatching(/400: prompt is too long/) }],
		});
		expect(placesOf(await check("anthropic", file(long), options))).toEqual([
			[1, "invalid_request", "params.messages"],
		]);
	});

	test("tell of halves of characters where lines may fail alone", async () => {
		const line = JSON.stringify(lineOf("anthropic", "a")).replace("Hello", "\\ud800");
		const report = await check("anthropic", line, { badLines: "fail-line" });
		expect(report).toMatchObject({ faults: [], notices: [{ message: expect.stringMatching(/U\+FFFD/) }] });
		expect(report.lines).toHaveLength(1);
	});
});
