import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type BatchEndpoint, type FileFormat, GEMINI_GENERATE_URL } from "../../contract/contract.ts";
import { dialects } from "../../engine/dialects/dialect.ts";
import type { FinishedLine } from "../../ledger/ledger.ts";
import { sampleManifest } from "../../ledger/testing/manifest.ts";
import { sampleLine, sampleResult } from "../testing.ts";
import { formatOf, validate } from "../validate/testing.ts";
import { answerPayload } from "../work/payload.ts";
import { detectFormat, type LineFormat, openFormat, type SkipReason } from "./formats.ts";

interface Sample {
	readonly endpoint: BatchEndpoint;
	readonly line: object;
	/** A body as its dialect answers, and what that says. */
	readonly answer: object;
	readonly said: string;
}

const chat = { messages: [{ role: "user", content: "Hi" }], seed: 7 };
const contents = [{ role: "user", parts: [{ text: "Hi" }] }];
const chatAnswer = { choices: [{ index: 0, message: { role: "assistant", content: "Hello" } }] };
const geminiAnswer = { candidates: [{ content: { parts: [{ text: "think", thought: true }, { text: "Hello" }] } }] };

const samples: Readonly<Record<Exclude<FileFormat, "csv" | "tsv">, Sample>> = {
	openai: {
		endpoint: "/v1/chat/completions",
		line: { custom_id: "id-7", method: "POST", url: "/v1/chat/completions", body: { model: "demo", ...chat } },
		answer: chatAnswer,
		said: "Hello",
	},
	anthropic: {
		endpoint: "/v1/messages",
		line: { custom_id: "id-7", params: { model: "demo", max_tokens: 9, messages: chat.messages } },
		answer: {
			content: [
				{ type: "thinking", thinking: "hm" },
				{ type: "text", text: "Hel" },
				{ type: "text", text: "lo" },
			],
		},
		said: "Hello",
	},
	gemini: {
		endpoint: GEMINI_GENERATE_URL,
		line: { key: "id-7", request: { contents, generation_config: { temperature: 0.5 } } },
		answer: geminiAnswer,
		said: "Hello",
	},
	vertex: {
		endpoint: GEMINI_GENERATE_URL,
		line: { request: { contents, generationConfig: { temperature: 0.5 } } },
		answer: geminiAnswer,
		said: "Hello",
	},
	messages: { endpoint: "/v1/chat/completions", line: { id: "id-7", ...chat }, answer: chatAnswer, said: "Hello" },
};
const names = ["openai", "anthropic", "gemini", "vertex", "messages"] as const;

const finished = (changes: Partial<FinishedLine> = {}): FinishedLine => ({
	...sampleLine(7),
	result: null,
	...changes,
});

function result(endpoint: BatchEndpoint, statusCode: number, body?: object): FinishedLine["result"] {
	const fault = { status: statusCode, type: "invalid_request_error", message: "No.", param: null, code: null } as const;
	const payload = answerPayload(statusCode, sampleLine(7).key, body ?? dialects[endpoint].renderFault(fault, "req_1"));
	return { ...sampleResult(7), isError: statusCode >= 400, payload };
}

function written(name: (typeof names)[number], line: FinishedLine, skipped: SkipReason | null = null): string {
	const format = formatOf({ format: name, endpoint: samples[name].endpoint });
	const request = () => Buffer.from(JSON.stringify(samples[name].line));
	const isAnswered = line.result !== null && !line.result.isError;
	return isAnswered ? format.outputRecord(line, request, skipped) : format.errorRecord(line, request, skipped);
}

const optionsOf = (format: LineFormat, { endpoint }: Sample) => ({ format, endpoint, resolveModel: () => "demo" });

describe("an answer", () => {
	const answered = (name: (typeof names)[number]) => {
		const { endpoint, answer } = samples[name];
		return written(name, finished({ result: result(endpoint, 200, answer) }));
	};

	test("to OpenAI's lines has the bytes it always had", () => {
		expect(answered("openai")).toBe(
			`{"id":"batch_req_d0e31e797fbd51e27c6f969b76d8dde4","custom_id":"id-7","response":{"status_code":200,"request_id":"req_${"07".repeat(16)}","body":${JSON.stringify(chatAnswer)}},"error":null}\n`,
		);
		expect(answered("messages")).toBe(answered("openai"));
	});

	test("to Anthropic's lines is a result that succeeded", () => {
		const message = samples.anthropic.answer;
		expect(JSON.parse(answered("anthropic"))).toEqual({ custom_id: "id-7", result: { type: "succeeded", message } });
	});

	test("to Gemini's lines has their key, and to Vertex's their request and no clock", () => {
		expect(JSON.parse(answered("gemini"))).toEqual({ key: "id-7", response: geminiAnswer });
		expect(JSON.parse(answered("vertex"))).toEqual({
			status: "",
			processed_time: "1970-01-01T00:00:00Z",
			...samples.vertex.line,
			response: geminiAnswer,
		});
	});

	test.each(names)("to %s lines is told without the request, and what it says without any wrapping", (name) => {
		const { endpoint, answer, said } = samples[name];
		const format = formatOf({ format: name, endpoint });
		const line = finished({ result: result(endpoint, 200, answer) });
		expect(format.text(line)).toBe(said);
		expect(JSON.stringify(format.result(line, null))).not.toContain('"Hi"');
		expect(JSON.parse(answered(name))).toMatchObject(format.result(line, null));
		expect(answered(name).indexOf("\n")).toBe(answered(name).length - 1);
	});

	test("may say nothing in text", () => {
		const format = formatOf();
		const text = (body: object) => format.text(finished({ result: result("/v1/embeddings", 200, body) }));
		expect(text({ data: [{ embedding: [1] }] })).toBeNull();
		expect(text({ choices: [{ message: { content: null, tool_calls: [] } }] })).toBeNull();
		expect(text({ choices: [{ text: "one" }, { text: "two" }] })).toBe("one");
		const output = [{ type: "reasoning" }, { type: "message", content: [{ type: "output_text", text: "out" }] }];
		expect(text({ output })).toBe("out");
		expect(format.text(finished({ result: result("/v1/embeddings", 400) }))).toBeNull();
	});

	test("keeps an id with quotes, line ends and emoji, and two lines never share one", () => {
		const customId = 'a "quoted"\n🌙 id';
		const line = finished({ customId, result: result("/v1/chat/completions", 200, chatAnswer) });
		for (const name of ["openai", "anthropic"] as const)
			expect(JSON.parse(written(name, line)).custom_id).toBe(customId);
		expect(JSON.parse(written("gemini", line)).key).toBe(customId);
		const ids = [1, 2].map((number) => JSON.parse(written("openai", { ...line, line: number })).id);
		expect(new Set(ids).size).toBe(2);
	});
});

describe("a failure", () => {
	const cases: readonly (readonly [string, SkipReason | null])[] = [
		["refused", null],
		["expired", "batch_expired"],
		["cancelled", "batch_cancelled"],
		["given up", "batch_failed"],
	];
	const failed = (name: (typeof names)[number], skipped: SkipReason | null) =>
		written(name, finished(skipped === null ? { result: result(samples[name].endpoint, 400) } : {}), skipped);

	test("is told in the words of each dialect", () => {
		expect(JSON.parse(failed("openai", null))).toMatchObject({
			response: { status_code: 400, body: { error: { message: "No." } } },
			error: null,
			method: "POST",
		});
		expect(JSON.parse(failed("openai", "batch_failed"))).toMatchObject({
			response: null,
			error: { code: "batch_failed" },
		});
		expect(JSON.parse(failed("anthropic", null)).result).toEqual({
			type: "errored",
			error: { type: "error", error: { type: "invalid_request_error", message: "No." }, request_id: "req_1" },
		});
		expect(JSON.parse(failed("anthropic", "batch_expired")).result).toEqual({ type: "expired" });
		expect(JSON.parse(failed("anthropic", "batch_cancelled")).result).toEqual({ type: "canceled" });
		expect(JSON.parse(failed("anthropic", "batch_failed")).result).toMatchObject({
			type: "errored",
			error: { type: "error", error: { type: "api_error" } },
		});
		expect(JSON.parse(failed("gemini", null)).error).toEqual({ code: 400, message: "No.", status: "INVALID_ARGUMENT" });
		expect(JSON.parse(failed("gemini", "batch_expired")).error).toMatchObject({
			code: 504,
			status: "DEADLINE_EXCEEDED",
		});
		expect(JSON.parse(failed("vertex", null))).toMatchObject({ status: "INVALID_ARGUMENT: No.", response: {} });
		expect(JSON.parse(failed("vertex", "batch_cancelled")).status).toMatch(/^CANCELLED: /);
	});

	test.each(names)("of %s lines is itself a valid input that asks the same again", async (name) => {
		const sample = samples[name];
		const whole = await validate(JSON.stringify(sample.line), optionsOf(formatOf({ format: name }), sample));
		for (const [, skipped] of cases) {
			const text = failed(name, skipped);
			expect(detectFormat(Buffer.from(text), "errors.jsonl")).toBe(name);
			const report = await validate(text, optionsOf(formatOf({ format: name }), sample));
			expect(report).toMatchObject({ faults: [], total: 1 });
			expect(report.lines[0]?.key).toEqual(whole.lines[0]?.key);
			if (name !== "vertex") expect(report.lines[0]?.customId).toBe("id-7");
			// And again: an error file of an error file says no more than the first.
			const format = formatOf({ format: name });
			const line = finished(skipped === null ? { result: result(sample.endpoint, 400) } : {});
			expect(format.errorRecord(line, () => Buffer.from(text), skipped)).toBe(text);
		}
	});

	test("can't be that of a batch that is complete", () => {
		for (const name of names) expect(() => failed(name, "batch_expired")).not.toThrow();
		for (const name of names) expect(() => written(name, finished(), null)).toThrow(/claims to be complete/);
	});
});

describe("a request", () => {
	test.each(names)("of %s lines is what is sent to the engine", (name) => {
		const { endpoint, line } = samples[name];
		const { url, body } = formatOf({ format: name }).request(Buffer.from(JSON.stringify(line)));
		expect(url).toBe(endpoint);
		expect(dialects[endpoint].parse(body, { allowStream: false, defaultModel: "demo" }).ok).toBe(true);
	});

	test("of bytes that are not what was validated is a bug", () => {
		for (const name of names) expect(() => formatOf({ format: name }).request(Buffer.from("[]"))).toThrow(/changed/);
		expect(() => formatOf({ format: "gemini" }).request(Buffer.from('{"request":1}'))).toThrow(/changed/);
	});
});

test("reading what a reader has cut never fails, whatever it says", () => {
	const words = ["null", "1e999", '"key":', '"request":', '"messages":', '"params":', '"body":', '""', '","'];
	const soup = fc.string({ unit: fc.constantFrom(...'{}[]:,;"\\n\r\0\t é', "\n", "\\ud800", ...words) });
	const nearly = fc.jsonValue().map((value) => JSON.stringify({ messages: value, body: value, request: value }));
	const template = { prompt: "{{a}}", system: null, max_tokens: null, temperature: 0 };
	const tables = ["a,b\n", "a;b\n", "a\tb\n"].map((head) => formatOf({ format: "csv", template }, head));
	const formats = [...names.map((name) => formatOf({ format: name })), ...tables];
	let read = 0;
	fc.assert(
		fc.property(fc.oneof(soup, fc.json(), nearly), (text) => {
			for (const format of formats) {
				const reader = format.createReader(1_000);
				for (const record of [...reader.push(Buffer.from(`a,b;c\n${text}`)), ...reader.end()]) {
					if (record.text === null) continue;
					expect(["request", "blank", "faulty"]).toContain(format.read(record.text, 1).kind);
					read += 1;
				}
			}
		}),
		{ numRuns: 1_500 },
	);
	expect(read).toBeGreaterThan(5_000);
});

test("a table without a template can't be opened", () => {
	const opened = openFormat(sampleManifest({ format: "csv", template: null }), Buffer.from("a,b\n"));
	expect(opened).toMatchObject({
		ok: false,
		error: { param: "template", message: expect.stringContaining("{{text}}") },
	});
});
