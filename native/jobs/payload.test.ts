import { expect, test } from "vitest";
import type { FinishedLine } from "../ledger/ledger.ts";
import { answerPayload, outputLine } from "./payload.ts";
import { sampleLine, sampleResult } from "./testing.ts";

const line = (changes: Partial<FinishedLine> = {}): FinishedLine => ({ ...sampleLine(7), result: null, ...changes });

test("an answer becomes OpenAI's output line", () => {
	const payload = answerPayload(200, sampleLine(7).key, { id: "chatcmpl-1" });
	const text = outputLine(line({ result: { ...sampleResult(7), payload } }), null);
	expect(text.endsWith("\n")).toBe(true);
	expect(JSON.parse(text)).toEqual({
		id: expect.stringMatching(/^batch_req_[0-9a-f]{32}$/),
		custom_id: "id-7",
		response: { status_code: 200, request_id: `req_${"07".repeat(16)}`, body: { id: "chatcmpl-1" } },
		error: null,
	});
});

test("a custom_id with quotes, newlines and emoji survives", () => {
	const customId = 'a "quoted"\n🌙 id';
	const payload = answerPayload(200, sampleLine(7).key, {});
	const text = outputLine(line({ customId, result: { ...sampleResult(7), payload } }), null);
	expect(text.indexOf("\n")).toBe(text.length - 1);
	expect(JSON.parse(text).custom_id).toBe(customId);
});

test("equal input gives equal bytes, and two lines never share an id", () => {
	const result = sampleResult(7);
	expect(outputLine(line({ result }), null)).toBe(outputLine(line({ result }), null));
	const first = JSON.parse(outputLine(line({ result, line: 1 }), null));
	const second = JSON.parse(outputLine(line({ result, line: 2 }), null));
	expect(first.id).not.toBe(second.id);
});

test.each(["batch_expired", "batch_cancelled"] as const)("a line that never ran says %s", (reason) => {
	expect(JSON.parse(outputLine(line(), reason))).toMatchObject({ response: null, error: { code: reason } });
});

test("a complete batch can't have a line without a result", () => {
	expect(() => outputLine(line(), null)).toThrow(/claims to be complete/);
});
