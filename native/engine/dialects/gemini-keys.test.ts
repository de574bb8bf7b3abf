import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseGenerateContent } from "./gemini-generate.ts";
import { inOneSpelling } from "./gemini-keys.ts";

/** Names that are the sender's own, though they look like fields of the API. */
const owned = {
	max_output_tokens: 1,
	maxOutputTokens: 2,
	function_call: { top_p: [{ generationConfig: null }] },
	responseSchema: "x",
};
const ownedSchema = {
	type: "OBJECT",
	properties: { top_p: { type: "STRING" }, topP: { type: "INTEGER" }, function_call: { type: "BOOLEAN" } },
};

/** A request in camelCase with everything in it that has two spellings. */
const request = fc.record(
	{
		contents: fc.constant([
			{ role: "user", parts: [{ text: "u" }] },
			{
				role: "model",
				parts: [
					{ text: "t", thought: true },
					{ functionCall: { name: "f", args: owned }, thoughtSignature: "s" },
				],
			},
			{ parts: [{ functionResponse: { name: "f", response: owned } }] },
		]),
		systemInstruction: fc.constant({ parts: [{ text: "s" }] }),
		tools: fc.constant([
			{
				functionDeclarations: [
					{ name: "f", parameters: ownedSchema },
					{ name: "g", parametersJsonSchema: { type: "object" } },
				],
			},
		]),
		toolConfig: fc.constant({ functionCallingConfig: { mode: "ANY", allowedFunctionNames: ["f"] } }),
		generationConfig: fc.record(
			{
				temperature: fc.constantFrom(0, 0.5),
				topP: fc.constantFrom(0.1, 1),
				topK: fc.nat(50),
				candidateCount: fc.integer({ min: 1, max: 4 }),
				maxOutputTokens: fc.integer({ min: 1, max: 99 }),
				stopSequences: fc.constant(["x"]),
				presencePenalty: fc.constant(1),
				frequencyPenalty: fc.constant(-1),
				responseMimeType: fc.constant("application/json"),
				responseSchema: fc.constant(ownedSchema),
				responseLogprobs: fc.boolean(),
				responseModalities: fc.constant(["TEXT"]),
				thinkingConfig: fc.record(
					{
						includeThoughts: fc.boolean(),
						thinkingBudget: fc.constantFrom(-1, 0, 9),
						thinkingLevel: fc.constant("LOW"),
					},
					{ requiredKeys: [] },
				),
			},
			{ requiredKeys: [] },
		),
		cachedContent: fc.constantFrom("", "cachedContents/x"),
	},
	{ requiredKeys: ["contents", "tools"] },
);

/** Objects whose keys are not the API's. */
const OWNED_AT = new Set(["args", "response", "parameters", "parametersJsonSchema", "responseSchema"]);

/** The same request with those keys in snake_case for which `turns` says so. */
function respell(value: unknown, turns: () => boolean): unknown {
	if (Array.isArray(value)) return value.map((item) => respell(item, turns));
	if (typeof value !== "object" || value === null) return value;
	const entries = Object.entries(value).map(([key, inner]) => [
		turns() ? key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`) : key,
		OWNED_AT.has(key) ? inner : respell(inner, turns),
	]);
	return Object.fromEntries(entries);
}

describe("a request in camelCase, in snake_case, or in both", () => {
	test("means the same", () => {
		const options = { allowStream: false, defaultModel: "demo" };
		let sound = 0;
		fc.assert(
			fc.property(request, fc.infiniteStream(fc.boolean()), (camel, coins) => {
				const parsed = parseGenerateContent(camel, options);
				const snake = parseGenerateContent(
					respell(camel, () => true),
					options,
				);
				const mixed = parseGenerateContent(
					respell(camel, () => coins.next().value === true),
					options,
				);
				const meaning = (one: typeof parsed) =>
					one.ok
						? one.value.requests
						: one.error.map((fault) => [fault.code, fault.param?.replaceAll("_", "").toLowerCase()]);
				expect(meaning(snake)).toEqual(meaning(parsed));
				expect(meaning(mixed)).toEqual(meaning(parsed));
				if (parsed.ok) sound++;
			}),
			{ numRuns: 200 },
		);
		expect(sound).toBeGreaterThan(20);
	});

	test("keeps the names that are the sender's own", () => {
		const body = {
			contents: [
				{
					parts: [{ function_call: { name: "f", args: owned } }, { function_response: { name: "f", response: owned } }],
				},
			],
			generation_config: { response_schema: ownedSchema },
			labels: { top_p: "x" },
			safety_settings: [{ top_p: 1 }],
		};
		expect(inOneSpelling(body).body).toEqual({
			contents: [
				{ parts: [{ functionCall: { name: "f", args: owned } }, { functionResponse: { name: "f", response: owned } }] },
			],
			generationConfig: { responseSchema: ownedSchema },
			labels: { top_p: "x" },
			safety_settings: [{ top_p: 1 }],
		});
	});

	test("is left as it came", () => {
		const body = { generation_config: { top_p: 1 }, contents: { parts: { text: "x" } } };
		const before = structuredClone(body);
		inOneSpelling(body);
		expect(body).toEqual(before);
	});
});

describe("a fault", () => {
	const fault = (param: string, message = `Invalid '${param}'.`) => ({ message, param, code: "c" });

	test("names its field as it was written, and one that is missing like the others", () => {
		const snake = inOneSpelling({ generation_config: { thinkingConfig: {} }, contents: [{ parts: { a: 1 } }] });
		expect(snake.reword(fault("generationConfig.thinkingConfig.thinkingBudget"))).toEqual(
			fault("generation_config.thinkingConfig.thinking_budget"),
		);
		expect(snake.reword(fault("contents[0].parts[0].inlineData"))).toEqual(fault("contents[0].parts.inline_data"));
		const camel = inOneSpelling({ generationConfig: {}, contents: [{ parts: [{}] }] });
		expect(camel.reword(fault("generationConfig.thinkingConfig.thinkingBudget"))).toEqual(
			fault("generationConfig.thinkingConfig.thinkingBudget"),
		);
	});

	test("names other fields that way too, and repeats values as they are", () => {
		const { reword } = inOneSpelling({ generation_config: {} });
		const message = "'generationConfig.topP' needs 'generationConfig.topK', not 'responseMimeType' or 'x'.";
		expect(reword(fault("generationConfig.topP", message)).message).toBe(
			"'generation_config.top_p' needs 'generation_config.top_k', not 'responseMimeType' or 'x'.",
		);
		expect(reword({ message: "No 'body'.", param: null, code: null })).toEqual({
			message: "No 'body'.",
			param: null,
			code: null,
		});
	});

	test("is told of a field given in both spellings, unless one of them says nothing", () => {
		const both = inOneSpelling({ contents: [{ parts: [{ function_call: {}, functionCall: {} }] }] });
		expect(both.faults).toMatchObject([{ param: "contents[0].parts[0].functionCall" }]);
		const one = inOneSpelling({ tool_config: null, toolConfig: { a: 1 } });
		expect(one).toMatchObject({ faults: [], body: { toolConfig: { a: 1 } } });
	});
});
