import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BATCH_ENDPOINTS, errorEnvelopeSchema, GEMINI_GENERATE_URL } from "../../contract/contract.ts";
import type { EngineFailure } from "../engine.ts";
import { batchDialectFor, dialects, liveDialects, refusal, renderFailure } from "./dialect.ts";

const options = { allowStream: false, defaultModel: null };

describe("dialects", () => {
	test("are found by url, and by no name an object has by nature", () => {
		expect(batchDialectFor("/v1/chat/completions")).toBe(dialects["/v1/chat/completions"]);
		expect(batchDialectFor("/v1/messages")).toBe(dialects["/v1/messages"]);
		expect(batchDialectFor(GEMINI_GENERATE_URL)).toBe(dialects[GEMINI_GENERATE_URL]);
		expect(batchDialectFor("/v1/images")).toBeNull();
		expect(batchDialectFor("constructor")).toBeNull();
		expect(batchDialectFor("__proto__")).toBeNull();
	});

	test("are spoken in batches all, and over HTTP those whose url is one", () => {
		expect(BATCH_ENDPOINTS.map(batchDialectFor)).not.toContain(null);
		expect(Object.keys(liveDialects).filter((url) => url.includes("*"))).toEqual([]);
		expect(Object.keys(dialects).toSorted()).toEqual([...BATCH_ENDPOINTS].toSorted());
	});

	test("answer any JSON with a request or with faults that name a field, and never throw", () => {
		const keys = [
			"model",
			"messages",
			"prompt",
			"input",
			"stop",
			"tools",
			"logit_bias",
			"n",
			"response_format",
			"contents",
			"parts",
		];
		const key = fc.oneof(fc.constantFrom(...keys, "role", "content", "type", "__proto__", "toString"), fc.string());
		const value = fc.letrec((tie) => ({
			json: fc.oneof({ depthSize: "small" }, fc.jsonValue(), fc.dictionary(key, tie("json")), fc.array(tie("json"))),
		})).json;
		fc.assert(
			fc.property(
				fc.constantFrom(...Object.values(dialects)),
				fc.oneof(value, fc.dictionary(key, value)),
				(dialect, body) => {
					const parsed = dialect.parse(body, options);
					if (parsed.ok) return;
					for (const fault of parsed.error) {
						expect(dialect.renderFault(refusal(fault), "req_1")).toMatchObject({ error: { message: fault.message } });
					}
				},
			),
			{ numRuns: 300 },
		);
	});

	test("name a type that is no text by what it is", () => {
		const body: unknown = JSON.parse('{"model":"m","input":[{"type":{"toString":1}}]}');
		const parsed = dialects["/v1/responses"].parse(body, options);
		expect(parsed).toMatchObject({ ok: false, error: [{ message: expect.stringContaining("object") }] });
	});

	test("take a body with keys of an object's own nature for what it is", () => {
		const body: unknown = JSON.parse(
			'{"model":"m","messages":[{"role":"user","content":"x","__proto__":{"a":1}}],"__proto__":{"n":5}}',
		);
		const parsed = dialects["/v1/chat/completions"].parse(body, options);
		expect(parsed.ok && parsed.value.requests[0]).toMatchObject({ choices: 1 });
	});
});

describe("a failure", () => {
	test.each<[EngineFailure, number, string | null, string]>([
		[{ kind: "invalid-request", message: "No.", param: "tools" }, 400, "tools", "invalid_value"],
		[{ kind: "context-exceeded", promptTokens: 9, contextTokens: 8 }, 400, "messages", "context_length_exceeded"],
		[{ kind: "process-died", cause: "crashed", started: true, detail: "x" }, 500, null, "inference_process_died"],
		[{ kind: "aborted" }, 503, null, "aborted"],
		[{ kind: "not-loaded", message: "No model." }, 503, null, "model_not_loaded"],
	])("%j has a status and an envelope", (failure, status, param, code) => {
		const fault = renderFailure(failure, "/v1/chat/completions");
		expect(fault.status).toBe(status);
		const body = dialects["/v1/chat/completions"].renderFault(fault);
		expect(errorEnvelopeSchema.parse(body).error).toMatchObject({ param, code });
	});

	test("of a prompt too long is told in the words clients look for", () => {
		const failure = { kind: "context-exceeded", promptTokens: 9, contextTokens: 8 } as const;
		expect(renderFailure(failure, "/v1/chat/completions").message).toBe(
			"This model's maximum context length is 8 tokens. However, your messages resulted in 9 tokens. Please reduce the length of the messages.",
		);
	});
});
