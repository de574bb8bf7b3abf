import { expect, test } from "vitest";
import { safeAddress } from "./links.ts";

test("lets addresses of the web and of mail through", () => {
	expect(safeAddress("https://example.com/a?b#c")).toBe("https://example.com/a?b#c");
	expect(safeAddress("HTTP://example.com")).toBe("http://example.com/");
	expect(safeAddress("mailto:a@example.com")).toBe("mailto:a@example.com");
});

test("lets nothing through that runs, reads files or leads into this page", () => {
	for (const address of [
		"javascript:alert(1)",
		" javascript:alert(1)",
		"java\nscript:alert(1)",
		"data:text/html,x",
		"file:///etc/passwd",
		"blob:https://example.com/1",
		"vbscript:x",
		"#/settings",
		"/api/settings",
		"//example.com",
		"",
	]) {
		expect(safeAddress(address)).toBeNull();
	}
});
