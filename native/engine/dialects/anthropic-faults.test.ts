import { describe, expect, test } from "vitest";
import { messagesErrorSchema } from "../../contract/contract.ts";
import { inAnthropicWords, messagesErrorType } from "./anthropic-faults.ts";
import { dialects, refusal, renderFailure } from "./dialect.ts";

describe("a failure on Anthropic's paths", () => {
	test.each([
		[400, "invalid_request_error"],
		[401, "authentication_error"],
		[403, "permission_error"],
		[404, "not_found_error"],
		[405, "invalid_request_error"],
		[409, "conflict_error"],
		[413, "request_too_large"],
		[429, "rate_limit_error"],
		[500, "api_error"],
		[503, "overloaded_error"],
		[504, "timeout_error"],
		[529, "overloaded_error"],
	])("of status %d is called %s", (status, type) => {
		expect(messagesErrorType(status)).toBe(type);
	});

	test("has Anthropic's envelope", () => {
		const fault = refusal({ message: "max_tokens: Wrong.", param: "max_tokens", code: "invalid_value" });
		expect(messagesErrorSchema.parse(dialects["/v1/messages"].renderFault(fault, "req_1"))).toEqual({
			type: "error",
			error: { type: "invalid_request_error", message: "max_tokens: Wrong." },
			request_id: "req_1",
		});
	});

	test("says that a prompt is too long in the words Anthropic's clients look for", () => {
		const failure = { kind: "context-exceeded", promptTokens: 9, contextTokens: 8 } as const;
		expect(renderFailure(failure, "/v1/messages")).toMatchObject({
			status: 400,
			message: "prompt is too long: 9 tokens > 8 maximum",
		});
	});
});

test("a fault is told place first", () => {
	const fault = (message: string, param: string | null) => ({ message, param, code: "c" });
	expect(
		inAnthropicWords([
			fault("Invalid type for 'messages[2].content[10].id': expected a string.", "messages[2].content[10].id"),
			fault("Invalid the body: no.", null),
			fault("'stream' can't be true.", "stream"),
			fault("No word of it.", "top_p"),
		]),
	).toEqual([
		fault("messages.2.content.10.id: Invalid type: expected a string.", "messages.2.content.10.id"),
		fault("Invalid the body: no.", null),
		fault("stream: Can't be true.", "stream"),
		fault("top_p: No word of it.", "top_p"),
	]);
});
