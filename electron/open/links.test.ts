import fc from "fast-check";
import { expect, test } from "vitest";
import { readLink } from "./links.ts";

test.each([
	["nightshift://open", "#/"],
	["nightshift://morning", "#/morning"],
	["nightshift://settings", "#/settings"],
	["nightshift://settings/aside", "#/settings/aside"],
	["nightshift://jobs/batch_0aF-9", "#/jobs/batch_0aF-9"],
	// As browsers and desktops hand them over.
	["nightshift://morning/", "#/morning"],
	["NightShift://jobs/batch_1/", "#/jobs/batch_1"],
])("%s leads to %s", (link, hash) => {
	expect(readLink(link)).toEqual({ ok: true, hash });
});

test("whatever a link says, what comes out of it is the address of a screen and nothing else", () => {
	const piece = fc.constantFrom(
		"open",
		"morning",
		"settings",
		"jobs",
		"/",
		"..",
		"\\",
		"%2f",
		"?",
		"#",
		"@",
		":",
		" ",
		"a",
		"-",
		"_",
		"\n",
	);
	const text = fc.oneof(
		fc.string(),
		fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join("")),
	);
	fc.assert(
		fc.property(text, (rest) => {
			const target = readLink(`nightshift://${rest}`);
			if (target.ok) expect(target.hash).toMatch(/^#\/(?:morning|settings(?:\/[a-z-]+)?|jobs\/[\w-]+)?$/);
			else expect(target.message).not.toBe("");
		}),
	);
});

test.each([
	["nightshift:jobs/batch_1", "begin with nightshift://"],
	["https://example.com/nightshift://open", "begin with nightshift://"],
	["nightshift://", "lead to a job"],
	["nightshift://run/rm", "lead to a job"],
	["nightshift://MORNING", "lead to a job"],
	["nightshift://jobs", "names no job"],
	["nightshift://jobs/", "names no job"],
	[`nightshift://jobs/${"a".repeat(129)}`, "names no job"],
	["nightshift://jobs/a/b", "nothing but a place"],
	["nightshift://jobs/../../etc/passwd", "nothing but a place"],
	["nightshift://jobs/%2e%2e", "nothing but a place"],
	["nightshift://jobs/a?action=cancel", "nothing but a place"],
	["nightshift://jobs/a#b", "nothing but a place"],
	["nightshift://user:secret@open", "nothing but a place"],
	["nightshift://open:80", "nothing but a place"],
	["nightshift://open/C:\\file", "nothing but a place"],
	["nightshift://open/file.jsonl", "nothing but a place"],
	["nightshift://morning/today", "nothing but a place"],
	["nightshift://settings/Aside", "no section"],
	["nightshift://settings/a/b", "nothing but a place"],
	["nightshift://open\n--flag", "nothing but a place"],
	[`nightshift://open${"/".repeat(600)}`, "begin with nightshift://"],
])("%j leads nowhere, and it is said why", (link, message) => {
	expect(readLink(link)).toEqual({ ok: false, message: expect.stringContaining(message) });
});
