import { expect, test } from "vitest";
import { noticeKindSchema, noticeSchema } from "../contract/contract.ts";
import { isAllowed, targetsOf } from "./targets.ts";
import { describeNotice, webhookEvent } from "./words.ts";

const notice = { number: 7, atMs: 1_700_000_000_500, batchId: "batch_1", message: "5 of 10 lines answered" } as const;

test("every kind of notice has words of its own", () => {
	const titles = noticeKindSchema.options.map((kind) => {
		const words = describeNotice({ ...notice, kind }, "tickets.jsonl");
		expect(noticeSchema.parse(words)).toEqual(words);
		return words.title;
	});
	expect(new Set(titles).size).toBe(noticeKindSchema.options.length);
});

test("a webhook of the same notice is the same each time, and that of another is not", () => {
	const once = webhookEvent({ ...notice, kind: "completed" });
	expect(webhookEvent({ ...notice, kind: "completed" })).toEqual(once);
	expect(webhookEvent({ ...notice, kind: "completed", number: 8 })?.id).not.toBe(once?.id);
	expect(webhookEvent({ ...notice, kind: "rehearsed" })).toBeNull();
});

test.each([
	["https://example.com/hook", ["example.com"], true],
	["https://example.com:8443/hook", ["example.com"], false],
	["https://example.com:8443/hook", ["example.com:8443"], true],
	["https://EXAMPLE.com/hook", ["example.com"], true],
	["https://example.com.evil.net/hook", ["example.com"], false],
	["https://user@evil.net/example.com", ["example.com"], false],
	["http://[::1]:9/x", ["[::1]:9"], true],
	["file:///etc/passwd", [""], false],
	["not a url", ["not"], false],
	["https://example.com/", [], false],
])("%s with %j allowed: %s", (url, allowedHosts, expected) => {
	expect(isAllowed(url, { allowedHosts })).toBe(expected);
});

test("an address that stands twice is told once", () => {
	const url = "https://example.com/hook";
	const settings = { allowedHosts: [], endpoints: [{ url, events: ["completed" as const] }] };
	expect(targetsOf("batch.completed", url, settings)).toEqual([url]);
	expect(targetsOf("batch.failed", url, settings)).toEqual([url]);
	expect(targetsOf("batch.failed", null, settings)).toEqual([]);
});
