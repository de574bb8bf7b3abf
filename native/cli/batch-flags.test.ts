import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readBatchFlags } from "./batch-flags.ts";

test("flags become options, and what was not said keeps its default", () => {
	const read = readBatchFlags({ soon: true, giveUp: "never", lineTokens: 100 });
	if (!read.ok) throw new Error(read.error);
	expect(read.value).toMatchObject({
		priority: "soon",
		template: null,
		policy: { give_up_percent: null, line_tokens: 100, most_crashes: 2 },
	});
});

test("a template may come from a file", () => {
	const folder = mkdtempSync(join(tmpdir(), "nightshift-flags-"));
	try {
		writeFileSync(join(folder, "prompt.txt"), "Classify:\n{{text}}");
		const read = readBatchFlags({ template: `@${join(folder, "prompt.txt")}`, maxTokens: 8 });
		if (!read.ok) throw new Error(read.error);
		expect(read.value.template).toEqual({
			prompt: "Classify:\n{{text}}",
			system: null,
			max_tokens: 8,
			temperature: 0,
		});
		expect(readBatchFlags({ template: `@${join(folder, "none.txt")}` })).toMatchObject({
			ok: false,
			error: expect.stringContaining("none.txt can't be read (ENOENT)"),
		});
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
});

test.each([
	[{ system: "Be brief." }, /--system is for .* --template/],
	[{ maxTokens: 8 }, /--max-tokens is for .* --template/],
	[{ temperature: 1 }, /--temperature is for .* --template/],
	[{ format: "xml" }, /format/],
	[{ webhook: "ftp://example.com" }, /webhook_url/],
	[{ template: "{{a}}", temperature: 9 }, /temperature/],
])("%j is refused in a sentence", (flags, sentence) => {
	const read = readBatchFlags(flags);
	expect(read.ok).toBe(false);
	if (!read.ok) expect(read.error).toMatch(sentence);
});
