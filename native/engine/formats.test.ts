import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Engine } from "./engine.ts";
import type { JsonSchema, Prompt, ToolDefinition } from "./request.ts";
import { chat, continueText, firstChoice, GREEDY, runGood, startDemoEngine } from "./testing.ts";

/** Hot sampling writes nonsense: only the grammar keeps it in shape. */
const WILD = (seed: number) => ({ ...GREEDY, temperature: 3, seed });

type Small = { readonly schema: JsonSchema; readonly fits: (value: unknown) => boolean };

const leaf: fc.Arbitrary<Small> = fc.oneof(
	fc.constant<Small>({ schema: { type: "boolean" }, fits: (value) => typeof value === "boolean" }),
	fc.constant<Small>({ schema: { type: "null" }, fits: (value) => value === null }),
	fc.tuple(fc.integer({ min: -1200, max: 1200 }), fc.nat(3000)).map(
		([least, width]): Small => ({
			schema: { type: "integer", minimum: least, maximum: least + width },
			fits: (value) => Number.isInteger(value) && Number(value) >= least && Number(value) <= least + width,
		}),
	),
	fc.tuple(fc.integer({ min: -30, max: 30 }), fc.nat(50)).map(
		([least, width]): Small => ({
			schema: { type: "number", minimum: least, maximum: least + width },
			fits: (value) => typeof value === "number" && value >= least && value <= least + width,
		}),
	),
	fc.tuple(fc.nat(3), fc.nat(4)).map(
		([least, more]): Small => ({
			schema: { type: "string", minLength: least, maxLength: least + more },
			fits: (value) => typeof value === "string" && [...value].length >= least && [...value].length <= least + more,
		}),
	),
	fc
		.uniqueArray(fc.string({ maxLength: 6 }), { minLength: 1, maxLength: 4 })
		.map((values): Small => ({ schema: { enum: values }, fits: (value) => values.some((one) => one === value) })),
	fc.constantFrom("^[a-f]{2}-\\d+$", "^(foo|ba[rz])?x$").map(
		(pattern): Small => ({
			schema: { type: "string", pattern },
			fits: (value) => typeof value === "string" && new RegExp(pattern).test(value),
		}),
	),
);

// No backslashes: with them the V8 of Node 24 reads names wrongly. After JSON.parse of an object with the name of two
// backslashes, the name of a backslash and a letter comes out as two backslashes.
const property = fc.record({ name: fc.stringMatching(/^[a-z"é]{1,4}$/), small: leaf, required: fc.boolean() });

const object: fc.Arbitrary<Small> = fc.uniqueArray(property, { maxLength: 4, selector: (item) => item.name }).map(
	(items): Small => ({
		schema: {
			type: "object",
			properties: Object.fromEntries(items.map((item) => [item.name, item.small.schema])),
			required: items.filter((item) => item.required).map((item) => item.name),
			additionalProperties: false,
		},
		fits: (value) =>
			isRecord(value) &&
			Object.keys(value).every((key) => items.some((item) => item.name === key)) &&
			items.every((item) => (item.name in value ? item.small.fits(value[item.name]) : !item.required)),
	}),
);

const list: fc.Arbitrary<Small> = fc.tuple(leaf, fc.nat(2), fc.nat(2)).map(
	([small, least, more]): Small => ({
		schema: { type: "array", items: small.schema, minItems: least, maxItems: least + more },
		fits: (value) =>
			Array.isArray(value) && value.length >= least && value.length <= least + more && value.every(small.fits),
	}),
);

function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

const WEATHER: ToolDefinition = {
	name: "get_weather",
	description: "Weather of a city",
	parameters: {
		type: "object",
		properties: { city: { type: "string", maxLength: 12 }, days: { type: "integer", minimum: 1, maximum: 9 } },
		required: ["city"],
		additionalProperties: false,
	},
};
const CLOCK: ToolDefinition = { name: "get_time", parameters: { type: "object", properties: {} } };

function withTools(more: Partial<Extract<Prompt, { kind: "chat" }>>): Prompt {
	return {
		kind: "chat",
		messages: [{ role: "user", content: "What is the weather?" }],
		tools: [WEATHER, CLOCK],
		toolChoice: { kind: "required" },
		parallelToolCalls: false,
		...more,
	};
}

describe("answers with a shape", () => {
	let engine: Engine;
	beforeAll(async () => {
		engine = await startDemoEngine();
	});
	afterAll(() => engine.stop());

	it("always gives JSON that fits the schema, however wild the model", async () => {
		await fc.assert(
			fc.asyncProperty(fc.oneof(object, list), fc.nat(), async ({ schema, fits }, seed) => {
				const format = { kind: "json-schema", schema } as const;
				const result = await runGood(engine, chat("Go", { format, sampling: WILD(seed), maxTokens: null }));
				const { text, finishReason } = firstChoice(result);
				if (finishReason === "length") return;
				expect(fits(JSON.parse(text)), `${text} for ${JSON.stringify(schema)}`).toBe(true);
			}),
			{ numRuns: 60 },
		);
	});

	it("keeps the lengths of texts also where the model writes bytes that are no character", async () => {
		const schema = { type: "array", items: { type: "string", minLength: 2, maxLength: 2 }, minItems: 1, maxItems: 2 };
		const format = { kind: "json-schema", schema } as const;
		// With this seed it writes four bytes that look like a character beyond the last one.
		const result = await runGood(engine, chat("Go", { format, sampling: WILD(1_434_531_586), maxTokens: null }));
		const texts: string[] = JSON.parse(firstChoice(result).text);
		expect(texts.map((text) => [...text].length)).toEqual([2, 2]);
		expect(texts.join("")).toContain("\uFFFD");
	});

	it("writes names with backslashes", async () => {
		const schema = { type: "object", properties: { 'a\\b"': { type: "null" } }, required: ['a\\b"'] };
		const format = { kind: "json-schema", schema: { ...schema, additionalProperties: false } } as const;
		const result = await runGood(engine, chat("Go", { format, sampling: WILD(3), maxTokens: null }));
		expect(JSON.parse(firstChoice(result).text)).toEqual({ 'a\\b"': null });
	});

	it("gives a JSON object when only JSON is asked for", async () => {
		for (const seed of [1, 2, 3, 4, 5, 6]) {
			const result = await runGood(
				engine,
				chat("Go", { format: { kind: "json" }, sampling: { ...WILD(seed), topK: 5 }, maxTokens: 400 }),
			);
			const { text, finishReason } = firstChoice(result);
			if (finishReason === "stop") expect(isRecord(JSON.parse(text))).toBe(true);
			else expect(text.startsWith("{")).toBe(true);
		}
	});

	it("follows references, also into themselves", async () => {
		const schema = {
			$defs: { node: { type: "object", properties: { next: { $ref: "#/$defs/node" } }, additionalProperties: false } },
			$ref: "#/$defs/node",
		};
		const result = await runGood(
			engine,
			chat("Go", { format: { kind: "json-schema", schema }, sampling: WILD(5), maxTokens: 300 }),
		);
		if (firstChoice(result).finishReason === "stop") expect(isRecord(JSON.parse(firstChoice(result).text))).toBe(true);
	});

	it("refuses what a grammar can't enforce, by keyword and place", async () => {
		const schema = { type: "object", properties: { tags: { type: "array", uniqueItems: true } } };
		const result = await engine.run(chat("Go", { format: { kind: "json-schema", schema } }), { priority: "batch" });
		expect(result).toMatchObject({ ok: false, error: { kind: "invalid-request", param: "response_format" } });
		if (!result.ok && result.error.kind === "invalid-request") {
			expect(result.error.message).toContain('"uniqueItems" at #/properties/tags');
		}
	});

	it("calls a tool when one must be called", async () => {
		for (const seed of [1, 2, 3]) {
			const prompt = withTools({});
			const result = await runGood(engine, chat("", { prompt, sampling: WILD(seed), maxTokens: 200 }));
			const choice = firstChoice(result);
			if (choice.finishReason === "length") continue;
			expect(choice.finishReason).toBe("tool-calls");
			expect(choice.toolCalls).toHaveLength(1);
			expect(["get_weather", "get_time"]).toContain(choice.toolCalls[0]?.name);
			expect(isRecord(JSON.parse(choice.toolCalls[0]?.argumentsJson ?? ""))).toBe(true);
		}
	});

	it("calls the named tool and no other", async () => {
		const prompt = withTools({ toolChoice: { kind: "named", name: "get_weather" } });
		const result = await runGood(engine, chat("", { prompt, maxTokens: 200, sampling: WILD(9) }));
		expect(firstChoice(result).toolCalls.map((call) => call.name)).toEqual(["get_weather"]);
		const missing = await engine.run(
			chat("", { prompt: withTools({ toolChoice: { kind: "named", name: "nothing" } }) }),
			{ priority: "batch" },
		);
		expect(missing).toMatchObject({ ok: false, error: { param: "tool_choice" } });
	});

	it("shows the tools to the model, and hides them when none may be called", async () => {
		const counted = await engine.countPromptTokens([
			chat("", { prompt: withTools({ toolChoice: { kind: "auto" } }) }),
			chat("", { prompt: withTools({ toolChoice: { kind: "none" } }) }),
		]);
		if (!counted.ok) throw new Error("not counted");
		const [shown, hidden] = counted.value;
		expect(shown?.ok && hidden?.ok && shown.value > hidden.value + 50).toBe(true);
	});

	it("fills in the middle by the model's own tokens", async () => {
		const result = await runGood(
			engine,
			continueText("", { prompt: { kind: "fill", prefix: "My invoice ", suffix: " is wrong." }, maxTokens: 4 }),
		);
		expect(result.promptTokens).toBeGreaterThan(5);
	});
});
