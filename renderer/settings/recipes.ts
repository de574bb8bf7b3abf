/** How other programs are pointed at this machine: text to copy, with the real address. Pure. */

/** What a recipe is made with. */
export interface RecipeFacts {
	/** Where this page comes from, e.g. `http://127.0.0.1:22007`. */
	readonly origin: string;
	/** Model to name. */
	readonly model: string;
	/** API keys were made, so `/v1` asks for one. */
	readonly needsKey: boolean;
}

/** A program and what to tell it. */
export interface Recipe {
	readonly id: RecipeId;
	readonly title: string;
	readonly text: string;
}

/** The programs there are recipes for. */
export type RecipeId = "continue" | "zed" | "cursor" | "aider" | "python" | "javascript" | "anthropic" | "curl";

/** Stands where the key goes. Programs insist on one even where none is asked for. */
function keyOf({ needsKey }: RecipeFacts): string {
	return needsKey ? "nsk_your-key" : "not-needed";
}

/** The address that OpenAI's programs take. */
export function baseUrlOf(origin: string): string {
	return `${origin}/v1`;
}

/** All of them, editors first. */
export function listRecipes(facts: RecipeFacts): readonly Recipe[] {
	return [
		{ id: "continue", title: "VS Code with Continue", text: continueYaml(facts) },
		{ id: "zed", title: "Zed", text: zedJson(facts) },
		{ id: "cursor", title: "Cursor", text: baseUrlOf(facts.origin) },
		{ id: "aider", title: "Aider", text: aiderShell(facts) },
		{ id: "python", title: "Python, openai package", text: openaiPython(facts) },
		{ id: "javascript", title: "JavaScript, openai package", text: openaiJavascript(facts) },
		{ id: "anthropic", title: "Python, anthropic package", text: anthropicPython(facts) },
		{ id: "curl", title: "curl", text: curlShell(facts) },
	];
}

/** A string as YAML, JSON, Python and JavaScript all read it. */
function quoted(text: string): string {
	return JSON.stringify(text);
}

/** A string as one word of a POSIX shell. */
function shellWord(text: string): string {
	return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function continueYaml(facts: RecipeFacts): string {
	return `name: Nightshift
version: 1.0.0
schema: v1
models:
  - name: Nightshift
    provider: openai
    model: ${quoted(facts.model)}
    apiBase: ${baseUrlOf(facts.origin)}
    apiKey: ${keyOf(facts)}
    roles: [chat, edit, apply]`;
}

/** Without the outer braces: it goes into settings that are there already. */
function zedJson({ origin, model }: RecipeFacts): string {
	return `"language_models": {
  "openai_compatible": {
    "Nightshift": {
      "api_url": ${quoted(baseUrlOf(origin))},
      "available_models": [
        { "name": ${quoted(model)}, "max_tokens": 8192 }
      ]
    }
  }
}`;
}

function aiderShell(facts: RecipeFacts): string {
	return `export OPENAI_API_BASE=${baseUrlOf(facts.origin)}
export OPENAI_API_KEY=${keyOf(facts)}
aider --model ${shellWord(`openai/${facts.model}`)}`;
}

function openaiPython(facts: RecipeFacts): string {
	return `from openai import OpenAI

client = OpenAI(base_url=${quoted(baseUrlOf(facts.origin))}, api_key=${quoted(keyOf(facts))})
answer = client.chat.completions.create(
    model=${quoted(facts.model)},
    messages=[{"role": "user", "content": "Hello"}],
)
print(answer.choices[0].message.content)`;
}

function openaiJavascript(facts: RecipeFacts): string {
	return `import OpenAI from "openai";

const client = new OpenAI({ baseURL: ${quoted(baseUrlOf(facts.origin))}, apiKey: ${quoted(keyOf(facts))} });
const answer = await client.chat.completions.create({
  model: ${quoted(facts.model)},
  messages: [{ role: "user", content: "Hello" }],
});
console.log(answer.choices[0].message.content);`;
}

/** Anthropic's package puts `/v1` after the address itself. */
function anthropicPython(facts: RecipeFacts): string {
	return `from anthropic import Anthropic

client = Anthropic(base_url=${quoted(facts.origin)}, api_key=${quoted(keyOf(facts))})
answer = client.messages.create(
    model=${quoted(facts.model)},
    max_tokens=256,
    messages=[{"role": "user", "content": "Hello"}],
)
print(answer.content[0].text)`;
}

function curlShell(facts: RecipeFacts): string {
	const body = JSON.stringify({ model: facts.model, messages: [{ role: "user", content: "Hello" }] });
	const key = facts.needsKey ? ` \\\n  -H 'Authorization: Bearer ${keyOf(facts)}'` : "";
	return `curl ${baseUrlOf(facts.origin)}/chat/completions \\
  -H 'Content-Type: application/json'${key} \\
  -d ${shellWord(body)}`;
}
