import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { err, ok } from "../../base/base.ts";
import { chatLine, chunksOf, placesOf, testOptions, validate } from "./testing.ts";
import { listFaults, MAX_LINE_BYTES, validateBatchFile } from "./validate.ts";

const lines = (...texts: readonly string[]) => `${texts.join("\n")}\n`;

describe("a file in order", () => {
	test("is indexed line by line, with byte ranges that give the lines back", async () => {
		const file = lines(
			chatLine("a"),
			chatLine("ä€😀", {}, { messages: [{ role: "user", content: "ü" }] }),
			chatLine("c"),
		);
		const report = await validate(file);
		expect(report).toMatchObject({ total: 3, faults: [], moreFaults: 0, notices: [], model: "demo" });
		const bytes = Buffer.from(file);
		const read = report.lines.map(
			({ offset, length }) => JSON.parse(bytes.toString("utf8", offset, offset + length)).custom_id,
		);
		expect(read).toEqual(["a", "ä€😀", "c"]);
		expect(report.lines.map(({ line, customId }) => [line, customId])).toEqual([
			[0, "a"],
			[1, "ä€😀"],
			[2, "c"],
		]);
	});

	test("may begin with a byte order mark, end its lines in CRLF and its last in nothing", async () => {
		const file = `\uFEFF${chatLine("a")}\r\n${chatLine("b")}`;
		const report = await validate(file);
		expect(report).toMatchObject({ total: 2, faults: [], notices: [] });
		const bytes = Buffer.from(file);
		for (const { offset, length } of report.lines) {
			expect(bytes.toString("utf8", offset, offset + length)).toMatch(/^\{.*\}$/);
		}
	});

	test("may have blank lines, which are told of and do not count", async () => {
		const report = await validate(`${chatLine("a")}\n\n  \r\n${chatLine("b")}\n\n`);
		expect(report).toMatchObject({ total: 2, faults: [] });
		expect(report.notices).toEqual([{ message: "A blank line was skipped.", count: 3, firstLine: 2 }]);
		expect(report.lines.map(({ line }) => line)).toEqual([0, 1]);
	});

	test("may name its model by several names, and its endpoint by its first line", async () => {
		const file = lines(chatLine("a"), chatLine("b", {}, { model: "demo:latest" }));
		expect(await validate(file, { endpoint: null })).toMatchObject({
			faults: [],
			model: "demo",
			endpoint: "/v1/chat/completions",
		});
	});

	test("may name any model or none where one answers all", async () => {
		const file = lines(chatLine("a", {}, { model: "gpt-9" }), chatLine("b", {}, { model: undefined }));
		expect(await validate(file, { modelOverride: "demo" })).toMatchObject({ faults: [], model: "demo", total: 2 });
	});

	test("may ask for what can't be done here: that line gets its 400 when it runs, and a notice now", async () => {
		const content = [{ type: "image_url", image_url: { url: "data:image/png;base64,AA==" } }];
		const report = await validate(lines(chatLine("a"), chatLine("b", {}, { messages: [{ role: "user", content }] })));
		expect(report).toMatchObject({ total: 2, faults: [] });
		expect(report.lines).toHaveLength(2);
		expect(report.notices).toMatchObject([{ message: expect.stringMatching(/400: .*image_url/), firstLine: 2 }]);
	});

	test("may carry completions, embeddings or responses", async () => {
		const completion = chatLine("a", { url: "/v1/completions", body: { model: "demo", prompt: ["x", "y"] } });
		const embedding = chatLine("a", { url: "/v1/embeddings", body: { model: "demo", input: [1, 2] } });
		expect((await validate(completion, { endpoint: "/v1/completions" })).faults).toEqual([]);
		expect((await validate(embedding, { endpoint: "/v1/embeddings" })).faults).toEqual([]);
		const response = chatLine("a", { url: "/v1/responses", body: { model: "demo", input: "x" } });
		expect((await validate(response, { endpoint: "/v1/responses" })).faults).toEqual([]);
	});
});

describe("a fault", () => {
	const body = (changes: object) => chatLine("x", {}, changes);
	const wrapped = (text: string) => chatLine("x").replace('"Hello"', text);
	const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
	test.each<[string, string, string, string | null]>([
		["broken JSON", '{"custom_id": "x",}', "invalid_json_line", null],
		["a line that is no object", "[1, 2]", "invalid_json_line", null],
		["a byte order mark inside the file", `\uFEFF${chatLine("x")}`, "invalid_json_line", null],
		["a NUL byte", wrapped('"a\0b"'), "invalid_json_line", null],
		["a missing custom_id", chatLine("x", { custom_id: undefined }), "invalid_request", "custom_id"],
		["a custom_id that is a number", chatLine("x", { custom_id: 7 }), "invalid_request", "custom_id"],
		["an empty custom_id", chatLine(""), "invalid_request", "custom_id"],
		["an endless custom_id", chatLine("x".repeat(513)), "invalid_request", "custom_id"],
		["half a character as custom_id", chatLine("x").replace('"x"', '"\\ud800"'), "invalid_request", "custom_id"],
		["a doubled custom_id", chatLine("first"), "duplicate_custom_id", "custom_id"],
		["a missing method", chatLine("x", { method: undefined }), "invalid_request", "method"],
		["another method", chatLine("x", { method: "GET" }), "invalid_request", "method"],
		["a missing url", chatLine("x", { url: undefined }), "invalid_request", "url"],
		["the url of no endpoint", chatLine("x", { url: "/chat" }), "url_mismatch", "url"],
		["a missing body", chatLine("x", { body: undefined }), "invalid_request", "body"],
		["a body that is a text", chatLine("x", { body: "{}" }), "invalid_request", "body"],
		["a missing model", body({ model: undefined }), "invalid_request", "body.model"],
		["an unknown model", body({ model: "gpt-9" }), "model_not_found", "body.model"],
		["a second model", body({ model: "other" }), "model_mismatch", "body.model"],
		["a stream", body({ stream: true }), "invalid_request", "body.stream"],
		["no messages", body({ messages: [] }), "invalid_request", "body.messages"],
		["an unknown role", body({ messages: [{ role: "me", content: "x" }] }), "invalid_request", "body.messages[0].role"],
		["a value out of range", body({ temperature: 9 }), "invalid_request", "body.temperature"],
		["a body nested without end", wrapped(deep).replace('"Hello"', ""), "invalid_request", "body"],
		["nesting that only depth makes wrong", body({}).replace("]}}", `],"tools":${deep}}}`), "invalid_request", "body"],
	])("is named for %s, with its line and field", async (_, line, code, param) => {
		const report = await validate(lines(chatLine("first"), line, chatLine("last")));
		expect(placesOf(report)).toEqual([[2, code, param]]);
		expect(report.total).toBe(3);
		expect(report.faults[0]?.message).toMatch(/\w.*\.$/);
	});

	test("is told in words that help to find and mend it", async () => {
		const message = async (line: string) => (await validate(lines(chatLine("first"), line))).faults[0]?.message;
		expect(await message(`{"custom_id": "x", 'method': "POST"}`)).toBe(
			`This line is not parseable as valid JSON: keys need double quotes, not single ones (character 20, near "{\\"custom_id\\": \\"x\\", 'method': \\"POST\\"}").`,
		);
		expect(await message(chatLine("first"))).toBe(
			"The custom_id 'first' is already used on line 1. Answers are matched by it; make it unique.",
		);
		expect(await message(chatLine("b", {}, { model: "gpt-9" }))).toBe(
			"The model 'gpt-9' is not here. Use one of: 'demo', 'other'. Or let one answer for that name: --model, or the settings models.map and models.default.",
		);
		expect(await message(chatLine("b", { url: "/v1/embeddings", body: { model: "demo", input: "a" } }))).toBe(
			"The url '/v1/embeddings' is not the batch's endpoint /v1/chat/completions. Every line must have that url.",
		);
	});

	test("does not hide another, in its line or in others", async () => {
		const file = lines(
			chatLine(
				"a",
				{ method: "PUT", url: "/v2", custom_id: 1 },
				{ model: "gpt-9", temperature: 3, stop: 5, stream: true },
			),
			"nonsense",
			"",
			chatLine("b"),
			chatLine("b", {}, { n: 0 }),
		);
		expect(placesOf(await validate(file))).toEqual([
			[1, "invalid_request", "custom_id"],
			[1, "invalid_request", "method"],
			[1, "url_mismatch", "url"],
			[1, "model_not_found", "body.model"],
			[1, "invalid_request", "body.temperature"],
			[1, "invalid_request", "body.stop"],
			[1, "invalid_request", "body.stream"],
			[2, "invalid_json_line", null],
			[5, "duplicate_custom_id", "custom_id"],
			[5, "invalid_request", "body.n"],
		]);
	});

	test("is counted but not listed beyond a thousand", async () => {
		const report = await validate("x\n".repeat(2_500));
		expect(report).toMatchObject({ total: 2_500, moreFaults: 1_500 });
		expect(report.faults).toHaveLength(1_000);
		expect(report.faults.at(-1)?.line).toBe(1_000);
		expect(listFaults(report).at(-1)?.message).toMatch(/^There are 1,500 more faults/);
	});

	test("is that a file asks for too much", async () => {
		const report = await validate(lines(chatLine("a"), chatLine("b"), chatLine("a"), "x"), { maxLines: 2 });
		expect(placesOf(report)).toEqual([
			[4, "invalid_json_line", null],
			[null, "too_many_tasks", null],
		]);
		expect(report.faults.at(-1)?.message).toBe("The file has 4 requests; at most 2 are allowed. Split it.");
	});

	test("quotes a file of giant keys in few words", async () => {
		const bias = { ["k".repeat(1_000_000)]: "x" };
		const report = await validate(lines(chatLine("a", {}, { logit_bias: bias, model: "m".repeat(1_000_000) })));
		expect(report.faults).toHaveLength(2);
		expect(JSON.stringify(report.faults).length).toBeLessThan(5_000);
	});

	test("is that a file asks for nothing", async () => {
		for (const file of ["", "\n", "\uFEFF", " \r\n\n"]) {
			expect(placesOf(await validate(file))).toEqual([[null, "empty_file", null]]);
		}
	});

	test("is bytes that are not UTF-8, with their place", async () => {
		const bad = Buffer.from(chatLine("é€\uFFFD!", {}, {}), "utf8");
		const position = bad.indexOf("!");
		bad[position] = 0xe9;
		const report = await validate([lines(chatLine("a")), bad, "\n", lines(chatLine("c"))]);
		expect(placesOf(report)).toEqual([[2, "invalid_json_line", null]]);
		expect(report.faults[0]?.message).toContain(`from byte ${position + 1} of the line`);
	});

	test("is a file of another kind, told once", async () => {
		for (const [start, format] of [
			[Buffer.from(`\uFEFF${lines(chatLine("a"), chatLine("b"))}`, "utf16le"), "UTF-16 text"],
			[Buffer.from(lines(chatLine("a"), chatLine("b")), "utf16le"), "UTF-16 text"],
			[Buffer.from([0x1f, 0x8b, 8, 0, 10, 1, 10, 2]), "a gzip archive"],
		] as const) {
			const report = await validate([start, "\n\n"]);
			expect(placesOf(report)).toEqual([[1, "invalid_json_line", null]]);
			expect(report.faults[0]?.message).toContain(format);
		}
	});

	test("keeps everything after it out of the index", async () => {
		const report = await validate(
			lines(...Array.from({ length: 5_000 }, (_, n) => (n === 4_500 ? "x" : chatLine(`${n}`)))),
		);
		expect(report.lines).toHaveLength(4_000);
		expect(report.total).toBe(5_000);
	});
});

describe("a line too long", () => {
	test("is a fault, is never held in memory whole, and does not disturb its neighbours", async () => {
		const piece = Buffer.alloc(1024 * 1024, "x");
		const pieces = MAX_LINE_BYTES / piece.length + 200;
		let peakBytes = 0;
		async function* chunks() {
			yield Buffer.from(lines(chatLine("a")));
			globalThis.gc?.();
			const before = process.memoryUsage().arrayBuffers;
			for (let sent = 0; sent < pieces; sent += 1) {
				yield piece;
				peakBytes = Math.max(peakBytes, process.memoryUsage().arrayBuffers - before);
			}
			yield Buffer.from(`\n${chatLine("c")}\n`);
		}
		const indexed: unknown[] = [];
		const report = await validateBatchFile(chunks(), testOptions, { lines: (slice) => void indexed.push(...slice) });
		expect(placesOf(report)).toEqual([[2, "invalid_json_line", null]]);
		expect(report.faults[0]?.message).toContain("longer than 32 MB");
		expect(report.total).toBe(3);
		expect(peakBytes).toBeLessThan(2 * MAX_LINE_BYTES);
	});

	test("is one byte longer than the longest that is read", async () => {
		const padded = (length: number) => chatLine("b", { pad: "" }).replace('"pad":""', `"pad":"${"x".repeat(length)}"`);
		const bare = padded(0).length;
		expect((await validate(lines(padded(MAX_LINE_BYTES - bare)))).faults).toEqual([]);
		expect(placesOf(await validate(lines(padded(MAX_LINE_BYTES - bare + 1))))).toEqual([
			[1, "invalid_json_line", null],
		]);
	});
});

describe("a prompt's length", () => {
	const words = (count: number) => ({ messages: [{ role: "user", content: "word ".repeat(count) }] });

	test("is counted only where the bytes alone could be too many, and the fault names both lengths", async () => {
		const counted: number[] = [];
		const report = await validate(
			lines(chatLine("a"), chatLine("b", {}, words(100)), chatLine("c"), chatLine("d", {}, words(50))),
			{
				contextTokens: 200,
				templateOverheadTokens: 5,
				countPromptTokens: async (requests) => {
					counted.push(requests.length);
					return ok([ok(201), ok(200)]);
				},
			},
		);
		expect(counted).toEqual([2]);
		expect(placesOf(report)).toEqual([[2, "invalid_request", "body.messages"]]);
		expect(report.faults[0]?.message).toContain("maximum context length is 200 tokens");
		expect(report.faults[0]?.message).toContain("201 tokens");
	});

	test("counts each item of a response's input, and its instructions, as a message", async () => {
		let counted = 0;
		const line = (input: unknown) => chatLine("a", { url: "/v1/responses", body: { model: "demo", input } });
		const item = { role: "user", content: "x" };
		await validate(lines(line([item]), line([item, item])), {
			endpoint: "/v1/responses",
			contextTokens: line([item]).length + 200,
			templateOverheadTokens: 100,
			countPromptTokens: async (requests) => {
				counted += requests.length;
				return ok(requests.map(() => ok(1)));
			},
		});
		expect(counted).toBe(1);
	});

	test("is asked for in groups of at most 64, and its faults stand in order of lines", async () => {
		const groups: number[] = [];
		const many = Array.from({ length: 150 }, (_, n) =>
			chatLine(`${n}`, n === 149 ? { method: "GET" } : {}, words(100)),
		);
		const report = await validate(lines(...many), {
			contextTokens: 200,
			countPromptTokens: async (requests) => {
				groups.push(requests.length);
				return ok(requests.map((_, index) => ok(index === 60 ? 999 : 10)));
			},
		});
		expect(groups).toEqual([64, 64, 22]);
		expect(report.faults.map(({ line }) => line)).toEqual([61, 125, 150]);
	});

	test("is each prompt's and each input's own", async () => {
		const prompt = ["short", "x".repeat(300), "y".repeat(300)];
		const line = chatLine("a", { url: "/v1/completions", body: { model: "demo", prompt } });
		const report = await validate(line, {
			endpoint: "/v1/completions",
			contextTokens: 200,
			countPromptTokens: async (requests) =>
				ok(
					requests.map((request) => {
						const text = request.kind === "generate" && request.prompt.kind === "text" ? request.prompt.text : "";
						return text.length > 200
							? err({ kind: "context-exceeded", promptTokens: text.length, contextTokens: 200 })
							: ok(text.length);
					}),
				),
		});
		expect(placesOf(report)).toEqual([
			[1, "invalid_request", "body.prompt[1]"],
			[1, "invalid_request", "body.prompt[2]"],
		]);
	});

	test("that can't be measured is left to the run, with a notice", async () => {
		const report = await validate(lines(chatLine("a", {}, words(100))), {
			contextTokens: 200,
			countPromptTokens: async () => err({ kind: "not-loaded", message: "No model." }),
		});
		expect(report).toMatchObject({ faults: [], notices: [{ count: 1, firstLine: 1 }] });
		expect(report.lines).toHaveLength(1);
	});
});

describe("validation", () => {
	test("finds the same however the bytes are cut", async () => {
		const pieces = fc.constantFrom(
			chatLine("a"),
			chatLine("a", {}, { n: 0 }),
			chatLine("ü€😀", {}, { messages: [{ role: "user", content: "😀" }] }),
			chatLine("b", { method: "GET" }),
			"",
			" \r",
			"\uFEFF",
			"{",
			"\0",
			"�",
		);
		const ends = fc.constantFrom("\n", "\r\n");
		const files = fc.array(fc.tuple(pieces, ends), { maxLength: 8 }).map((parts) => Buffer.from(parts.flat().join("")));
		const broken = fc.tuple(files, fc.option(fc.nat()), fc.boolean()).map(([file, at, isOpen]) => {
			if (at !== null && file.length > 0) file[at % file.length] = 0xff;
			return isOpen ? file.subarray(0, -1) : file;
		});
		await fc.assert(
			fc.asyncProperty(broken, fc.array(fc.nat(), { maxLength: 20 }), fc.boolean(), async (file, cuts, isBytes) => {
				const places = isBytes ? [...file.keys()] : cuts.map((cut) => cut % (file.length + 1));
				const sorted = [0, ...places, file.length].sort((a, b) => a - b);
				const chunks = sorted.slice(1).map((end, index) => file.subarray(sorted[index], end));
				expect(await validate(chunks)).toEqual(await validate([file]));
			}),
			{ numRuns: 200 },
		);
	});

	test("lets others work between slices", async () => {
		let turns = 0;
		let isDone = false;
		const count = () => {
			turns += 1;
			if (!isDone) setImmediate(count);
		};
		setImmediate(count);
		await validate(lines(...Array.from({ length: 20_000 }, (_, n) => chatLine(`${n}`))));
		isDone = true;
		expect(turns).toBeGreaterThanOrEqual(10);
	});

	test("ends with the signal's reason", async () => {
		const stop = new AbortController();
		async function* endless() {
			for (let n = 0; ; n += 1) {
				if (n === 10_000) stop.abort(new Error("Enough."));
				yield Buffer.from(lines(chatLine(`${n}`)));
			}
		}
		const running = validateBatchFile(endless(), { ...testOptions, signal: stop.signal }, { lines() {} });
		await expect(running).rejects.toThrow("Enough.");
	});

	test("hands over slices of at most 5,000 lines", async () => {
		const sizes: number[] = [];
		const file = lines(...Array.from({ length: 12_345 }, (_, n) => chatLine(`${n}`)));
		await validateBatchFile(chunksOf([file]), testOptions, { lines: (slice) => void sizes.push(slice.length) });
		expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(12_345);
		expect(Math.max(...sizes)).toBeLessThanOrEqual(5_000);
	});
});
