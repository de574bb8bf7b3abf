import { expect, test } from "vitest";
import { clientOf } from "./live-client.ts";

test("a program is told by the first product it names, cut short", () => {
	expect(clientOf("OpenAI/JS 6.49.0", false)).toBe("OpenAI/JS");
	expect(clientOf("x".repeat(90), false)).toBe("x".repeat(40));
});

test("who names nothing is nobody", () => {
	expect([undefined, "", " ", "(none)"].map((text) => clientOf(text, false))).toEqual([null, null, null, null]);
});

test("a browser is told by the page that asks, since all of them name themselves Mozilla", () => {
	const browser = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36";
	expect(clientOf(browser, true)).toBe("the chat");
	expect(clientOf(browser, false)).toBe("a web page");
});
