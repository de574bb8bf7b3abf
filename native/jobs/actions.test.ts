import { expect, test } from "vitest";
import { mayPass } from "./actions.ts";

const payloadOf = (status: number) => JSON.stringify({ response: { status_code: status, body: {} }, error: null });

test("what broke or took too much may pass another time, what was refused may not", () => {
	for (const status of [500, 503, 408, 429, 422]) expect(mayPass(payloadOf(status))).toBe(true);
	for (const status of [400, 401, 404, 413]) expect(mayPass(payloadOf(status))).toBe(false);
	expect(mayPass(JSON.stringify({ response: null, error: { code: "odd" } }))).toBe(true);
});
