import { describe, expect, it, test } from "vitest";
import { externalAddress, isOfFile, isOfOrigin } from "./addresses.ts";

const origin = "http://127.0.0.1:22007";

describe("an address is of our origin", () => {
	test.each([`${origin}/`, `${origin}/v1/files/x/content`, `blob:${origin}/1a2b`])("%s", (address) => {
		expect(isOfOrigin(address, origin)).toBe(true);
	});

	test.each([
		"http://127.0.0.1:22008/",
		"https://127.0.0.1:22007/",
		"http://localhost:22007/",
		"http://127.0.0.1:22007@elsewhere/",
		"http://127.0.0.1:22007.elsewhere/",
		"blob:http://elsewhere/1a2b",
		"data:text/html,hello",
		"javascript:alert(1)",
		"about:blank",
		"file:///etc/passwd",
		"",
	])("but not %s", (address) => {
		expect(isOfOrigin(address, origin)).toBe(false);
	});

	it("and never while there is none, though such addresses have none either", () => {
		expect(isOfOrigin("data:text/html,hello", null)).toBe(false);
		expect(isOfOrigin("data:text/html,hello", "null")).toBe(true);
	});
});

test("an address is of a file, whatever is behind its path", () => {
	const file = "/opt/Night shift/down.html";
	expect(isOfFile("file:///opt/Night%20shift/down.html?title=a#b", file)).toBe(true);
	expect(isOfFile("file:///opt/Night%20shift/down.html.exe", file)).toBe(false);
	expect(isOfFile("file://server/opt/Night%20shift/down.html", file)).toBe(false);
	expect(isOfFile("http://opt/Night%20shift/down.html", file)).toBe(false);
	expect(isOfFile("nonsense", file)).toBe(false);
});

describe("to the user's browser go", () => {
	test.each([
		["https://example.org/a?b#c", "https://example.org/a?b#c"],
		["HTTP://EXAMPLE.ORG", "http://example.org/"],
		["https://example.org/a b", "https://example.org/a%20b"],
	])("%s", (address, opened) => {
		expect(externalAddress(address)).toBe(opened);
	});

	test.each([
		"file:///C:/Windows/System32/calc.exe",
		"smb://server/share",
		"ms-msdt:/id PCWDiagnostic",
		"javascript:alert(1)",
		"data:text/html,hello",
		"mailto:somebody@example.org",
		"https://example.org:secret@elsewhere/",
		"https://somebody@elsewhere/",
		`https://example.org/${"a".repeat(3_000)}`,
		"\\\\server\\share",
		"example.org",
		"",
	])("never %s", (address) => {
		expect(externalAddress(address)).toBeNull();
	});
});
