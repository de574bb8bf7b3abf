import { afterAll, beforeAll, expect, test } from "vitest";
import { generateContentResponseSchema } from "../../contract/contract.ts";
import type { Engine } from "../engine.ts";
import { runGood, startDemoEngine } from "../testing.ts";
import { CONTEXT, generateOf, translate } from "./gemini-testing.ts";

let engine: Engine;
beforeAll(async () => {
	engine = await startDemoEngine();
});
afterAll(() => engine.stop());

/** What the demo model answers to a request in Gemini's words, as Gemini would write it. */
async function answer(fields: object) {
	const result = await runGood(engine, generateOf(fields));
	return generateContentResponseSchema.parse(translate(fields).render([result], CONTEXT));
}

/** Hot sampling writes nonsense: only what the request asks for keeps it in shape. */
const wild = { temperature: 2, seed: 7, max_output_tokens: 200 };

test("an answer has the shape, the types and the order of Google's schema", async () => {
	const { candidates } = await answer({
		generation_config: {
			...wild,
			response_mime_type: "application/json",
			response_schema: {
				type: "OBJECT",
				properties: {
					score: { type: "INTEGER", minimum: 1, maximum: 5 },
					kind: { type: "STRING", format: "enum", enum: ["A", "B"], nullable: true },
				},
				required: ["score", "kind"],
				property_ordering: ["kind", "score"],
			},
		},
	});
	const [part] = candidates[0]?.content.parts ?? [];
	const text = part !== undefined && "text" in part ? part.text : "";
	const value: { readonly kind: unknown; readonly score: unknown } = JSON.parse(text);
	expect(Object.keys(value)).toEqual(["kind", "score"]);
	expect(["A", "B", null]).toContain(value.kind);
	expect([1, 2, 3, 4, 5]).toContain(value.score);
});

test("a choice of one value is that value", async () => {
	const responseSchema = { type: "STRING", enum: ["REFUND", "OUTAGE"] };
	const { candidates } = await answer({
		generationConfig: { ...wild, responseMimeType: "text/x.enum", responseSchema, responseLogprobs: true, logprobs: 1 },
	});
	const [part] = candidates[0]?.content.parts ?? [];
	expect([{ text: "REFUND" }, { text: "OUTAGE" }]).toContainEqual(part);
	expect(candidates[0]?.avgLogprobs).toBeLessThanOrEqual(0);
});

test("a function that must be called is called with arguments of its schema", async () => {
	const declared = {
		name: "set_level",
		parameters: {
			type: "OBJECT",
			properties: { level: { type: "INTEGER", minimum: 1, maximum: 3 } },
			required: ["level"],
		},
	};
	const { candidates } = await answer({
		generationConfig: wild,
		tools: [{ functionDeclarations: [{ name: "other" }, declared] }],
		toolConfig: { functionCallingConfig: { mode: "ANY", allowedFunctionNames: ["set_level"] } },
	});
	const [part] = candidates[0]?.content.parts ?? [];
	expect(part).toMatchObject({ functionCall: { name: "set_level" } });
	expect([1, 2, 3]).toContain(part !== undefined && "functionCall" in part ? part.functionCall.args.level : null);
});
