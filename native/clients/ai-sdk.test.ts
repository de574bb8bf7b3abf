import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { embedMany, generateText, jsonSchema, Output, streamText } from "ai";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { BILLING_TICKET, type ClientTestService, JSON_TASK, LABEL_TASK, startClientTestService } from "./testing.ts";

let running: ClientTestService;
beforeAll(async () => {
	running = await startClientTestService();
});
afterAll(() => running.stop());

function provider() {
	return createOpenAICompatible({
		name: "nightshift",
		baseURL: `${running.url}/v1`,
		includeUsage: true,
		supportsStructuredOutputs: true,
	});
}

test("generates text", async () => {
	const { text, finishReason, usage } = await generateText({
		model: provider()("demo"),
		instructions: LABEL_TASK,
		prompt: BILLING_TICKET,
		temperature: 0,
		maxOutputTokens: 8,
	});
	expect({ text, finishReason }).toEqual({ text: "billing", finishReason: "stop" });
	expect(usage.outputTokens).toBeGreaterThan(0);
});

test("streams text with usage", async () => {
	const result = streamText({
		model: provider()("demo"),
		instructions: LABEL_TASK,
		prompt: BILLING_TICKET,
		temperature: 0,
		maxOutputTokens: 8,
	});
	let text = "";
	for await (const piece of result.textStream) text += piece;
	expect(text).toBe("billing");
	expect((await result.usage).inputTokens).toBeGreaterThan(10);
});

test("gets an object that fits its schema", async () => {
	const { output } = await generateText({
		model: provider()("demo"),
		instructions: JSON_TASK,
		prompt: BILLING_TICKET,
		temperature: 0,
		maxOutputTokens: 40,
		output: Output.object({
			schema: z.object({ label: z.enum(["billing", "bug", "feature_request", "account", "other"]) }),
		}),
	});
	expect(output).toEqual({ label: "billing" });
});

test("calls a tool, streamed", async () => {
	const weather = {
		description: "Weather of a city",
		inputSchema: jsonSchema<{ city: string; days: number }>({
			type: "object",
			properties: { city: { type: "string", maxLength: 8 }, days: { type: "integer", minimum: 1, maximum: 9 } },
			required: ["city", "days"],
			additionalProperties: false,
		}),
	};
	const result = streamText({
		model: provider()("demo"),
		instructions: LABEL_TASK,
		prompt: BILLING_TICKET,
		temperature: 0,
		maxOutputTokens: 120,
		tools: { weather },
		toolChoice: "required",
	});
	const calls = await result.toolCalls;
	expect(calls[0]).toMatchObject({ toolName: "weather", input: { days: expect.any(Number) } });
});

test("completes text and embeds", async () => {
	const { text } = await generateText({
		model: provider().completionModel("demo"),
		prompt: "My invoice is",
		temperature: 0,
		maxOutputTokens: 4,
	});
	expect(text).not.toBe("");
	const { embeddings } = await embedMany({ model: provider().embeddingModel("demo"), values: ["one", "two"] });
	expect(embeddings).toHaveLength(2);
});
