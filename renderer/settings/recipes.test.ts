import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { listRecipes, type RecipeFacts, type RecipeId } from "./recipes.ts";

const facts: RecipeFacts = { origin: "http://127.0.0.1:22007", model: "qwen2.5-7b", needsKey: false };
const awkward = `it's a "model"`;

function recipe(id: RecipeId, changes: Partial<RecipeFacts> = {}): string {
	return listRecipes({ ...facts, ...changes }).find((one) => one.id === id)?.text ?? "";
}

test("every recipe has the real address; only Anthropic's leaves /v1 out", () => {
	for (const { id, text } of listRecipes(facts)) {
		expect(text).toContain(id === "anthropic" ? `"${facts.origin}"` : `${facts.origin}/v1`);
	}
});

test("every recipe that names a model names the one that was given", () => {
	for (const { id, text } of listRecipes(facts)) expect(text.includes("qwen2.5-7b")).toBe(id !== "cursor");
});

test("a key is asked for only where one is needed", () => {
	expect(recipe("curl")).not.toContain("Authorization");
	expect(recipe("curl", { needsKey: true })).toContain("Authorization: Bearer nsk_your-key");
	expect(recipe("python")).toContain('api_key="not-needed"');
	expect(recipe("python", { needsKey: true })).toContain('api_key="nsk_your-key"');
});

test("Zed's block is JSON inside the braces that are there already", () => {
	const settings: unknown = JSON.parse(`{${recipe("zed", { model: awkward })}}`);
	expect(settings).toMatchObject({
		language_models: {
			openai_compatible: { Nightshift: { api_url: `${facts.origin}/v1`, available_models: [{ name: awkward }] } },
		},
	});
});

test("a shell takes what curl sends as one word, whatever the model is called", () => {
	const text = recipe("curl", { model: awkward });
	const body = execFileSync("sh", ["-c", text.replace(/^curl /, 'printf "%s\\n" ')], { encoding: "utf8" });
	const sent: unknown = JSON.parse(body.trim().split("\n").at(-1) ?? "");
	expect(sent).toMatchObject({ model: awkward });
});
