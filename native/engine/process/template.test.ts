import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { CHATML_TEMPLATE, createChatTemplate } from "./template.ts";

const MESSAGES = [
	{ role: "system", content: "Be brief." },
	{ role: "user", content: "Hi" },
];
const CHATML = "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n";

describe("chat templates", () => {
	it("render messages as the model was trained on them", async () => {
		const path = new URL("../../../assets/demo-model/chat_template.jinja", import.meta.url);
		const template = createChatTemplate(await readFile(path, "utf8"));
		expect(template.render({ messages: MESSAGES, add_generation_prompt: true })).toEqual({ ok: true, value: CHATML });
	});

	it("fall back to ChatML, and say so, when missing or unreadable", () => {
		for (const source of [null, "{% for x in %}"]) {
			const template = createChatTemplate(source);
			expect(template.note).toContain("ChatML");
			expect(template.source).toBe(CHATML_TEMPLATE);
			expect(template.render({ messages: MESSAGES, add_generation_prompt: true })).toEqual({ ok: true, value: CHATML });
		}
	});

	it("may refuse messages, with their reason", () => {
		const template = createChatTemplate("{{ raise_exception('Roles must alternate') }}");
		expect(template.render({ messages: MESSAGES })).toEqual({ ok: false, error: "Roles must alternate" });
	});

	it("can't hold the process up", () => {
		const loop = "{% for a in range(100000) %}{% for b in range(100000) %}{% set c = a * b %}{% endfor %}{% endfor %}";
		const template = createChatTemplate(loop);
		const result = template.render({ messages: MESSAGES });
		expect(result).toMatchObject({ ok: false });
		if (!result.ok) expect(result.error).toMatch(/timed out/);
	}, 20_000);
});
