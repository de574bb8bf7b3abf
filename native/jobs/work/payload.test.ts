import { expect, test } from "vitest";
import { answerId, answerPayload } from "./payload.ts";

const key = new Uint8Array(16).fill(7);

test("an answer is kept with its status, an id made of its key, and its body", () => {
	expect(JSON.parse(answerPayload(200, key, { id: "chatcmpl-1" }))).toEqual({
		response: { status_code: 200, request_id: `req_${"07".repeat(16)}`, body: { id: "chatcmpl-1" } },
		error: null,
	});
});

test("equal input gives equal bytes, and another key another id", () => {
	expect(answerPayload(200, key, {})).toBe(answerPayload(200, key, {}));
	expect(answerId("msg_", key)).not.toBe(answerId("msg_", new Uint8Array(16)));
});
