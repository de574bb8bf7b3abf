import OpenAI, { BadRequestError, NotFoundError } from "openai";
import { zodResponseFormat, zodTextFormat } from "openai/helpers/zod";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { BILLING_TICKET, type ClientTestService, JSON_TASK, LABEL_TASK, startClientTestService } from "./testing.ts";

let running: ClientTestService;
let client: OpenAI;

beforeAll(async () => {
	running = await startClientTestService();
	client = new OpenAI({ baseURL: `${running.url}/v1`, apiKey: "none needed", maxRetries: 0 });
});
afterAll(() => running.stop());

const messages = [
	{ role: "system", content: LABEL_TASK },
	{ role: "user", content: BILLING_TICKET },
] as const;
const ask = { model: "demo", messages: [...messages], temperature: 0, max_tokens: 8 };

const weather: OpenAI.Chat.Completions.ChatCompletionFunctionTool = {
	type: "function",
	function: {
		name: "get_weather",
		description: "Weather of a city",
		parameters: {
			type: "object",
			properties: { city: { type: "string", maxLength: 8 }, days: { type: "integer", minimum: 1, maximum: 9 } },
			required: ["city", "days"],
			additionalProperties: false,
		},
	},
};

const Label = z.object({ label: z.enum(["billing", "bug", "feature_request", "account", "other"]) });

describe("chat", () => {
	test("answers, with usage and a fingerprint", async () => {
		const completion = await client.chat.completions.create(ask);
		expect(completion).toMatchObject({
			object: "chat.completion",
			model: "demo",
			choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "billing" } }],
		});
		expect(completion.id).toMatch(/^chatcmpl-/);
		expect(completion.system_fingerprint).toMatch(/^fp_/);
		expect(completion.usage?.total_tokens).toBeGreaterThan(10);
	});

	test("streams the same answer in pieces, with a last chunk of usage when asked", async () => {
		const stream = await client.chat.completions.create({
			...ask,
			stream: true,
			stream_options: { include_usage: true },
		});
		const chunks: OpenAI.ChatCompletionChunk[] = [];
		for await (const chunk of stream) chunks.push(chunk);
		expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("")).toBe("billing");
		expect(new Set(chunks.map((chunk) => chunk.id)).size).toBe(1);
		expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: expect.any(Number) } });
		expect(chunks.slice(0, -1).every((chunk) => chunk.usage === null)).toBe(true);
	});

	test("satisfies the stream helper, which checks roles, reasons and order", async () => {
		const stream = client.chat.completions.stream(ask);
		const contents: string[] = [];
		stream.on("content", (delta) => contents.push(delta));
		const final = await stream.finalChatCompletion();
		expect(final.choices[0]?.message.content).toBe("billing");
		expect(contents.join("")).toBe("billing");
	});

	test("gives several answers with n, each streamed under its index", async () => {
		const stream = client.chat.completions.stream({ ...ask, n: 3, temperature: 1, seed: 7 });
		const final = await stream.finalChatCompletion();
		expect(final.choices.map((choice) => choice.index)).toEqual([0, 1, 2]);
		const whole = await client.chat.completions.create({ ...ask, n: 3, temperature: 1, seed: 7 });
		expect(final.choices.map((choice) => choice.message.content)).toEqual(
			whole.choices.map((choice) => choice.message.content),
		);
	});

	test("calls the tool that must be called, streamed or whole", async () => {
		const request = { ...ask, max_tokens: 120, tools: [weather], tool_choice: "required" as const };
		const whole = await client.chat.completions.create({ ...request, parallel_tool_calls: false });
		const call = whole.choices[0]?.message.tool_calls?.[0];
		expect(whole.choices[0]?.finish_reason).toBe("tool_calls");
		expect(call).toMatchObject({ type: "function", function: { name: "get_weather" } });
		const streamed = await client.chat.completions
			.stream({ ...request, parallel_tool_calls: false })
			.finalChatCompletion();
		const again = streamed.choices[0]?.message.tool_calls?.[0];
		if (call?.type !== "function" || again?.type !== "function") throw new Error("No function was called");
		expect(again.function.name).toBe("get_weather");
		expect(again.function.arguments).toBe(call.function.arguments);
		expect(JSON.parse(call.function.arguments)).toMatchObject({ days: expect.any(Number) });
	});

	test("takes the tool's answer back", async () => {
		const call = {
			id: "call_1",
			type: "function" as const,
			function: { name: "get_weather", arguments: '{"city":"Rome","days":1}' },
		};
		const completion = await client.chat.completions.create({
			...ask,
			tools: [weather],
			tool_choice: "none",
			messages: [
				...messages,
				{ role: "assistant", content: null, tool_calls: [call] },
				{ role: "tool", tool_call_id: "call_1", content: "sunny" },
				{ role: "user", content: BILLING_TICKET },
			],
		});
		expect(completion.choices[0]?.message.content).toEqual(expect.any(String));
	});

	test("parses an answer by its schema", async () => {
		const completion = await client.chat.completions.parse({
			...ask,
			max_tokens: 40,
			messages: [
				{ role: "system", content: JSON_TASK },
				{ role: "user", content: BILLING_TICKET },
			],
			response_format: zodResponseFormat(Label, "label"),
		});
		expect(completion.choices[0]?.message.parsed).toEqual({ label: "billing" });
	});

	test("tells the log probabilities of every token", async () => {
		const completion = await client.chat.completions.create({ ...ask, logprobs: true, top_logprobs: 3 });
		const content = completion.choices[0]?.logprobs?.content ?? [];
		expect(content.map((token) => token.token).join("")).toContain("billing");
		for (const token of content) {
			expect(token.top_logprobs).toHaveLength(3);
			expect(token.logprob).toBeLessThanOrEqual(0);
		}
	});

	test("stops at a stop text, and says so", async () => {
		const completion = await client.chat.completions.create({ ...ask, stop: "ing" });
		expect(completion.choices[0]).toMatchObject({ finish_reason: "stop", message: { content: "bill" } });
	});

	test("refuses what it can't do with the field at fault, also when a stream was asked for", async () => {
		const picture = { type: "image_url" as const, image_url: { url: "data:image/png;base64,AAAA" } };
		const refused = client.chat.completions.create({
			...ask,
			stream: true,
			messages: [{ role: "user", content: [picture] }],
		});
		await expect(refused).rejects.toBeInstanceOf(BadRequestError);
		await expect(refused).rejects.toMatchObject({ param: "messages[0].content[0].type", code: "unsupported_value" });
		const long = client.chat.completions.create({
			...ask,
			stream: true,
			messages: [{ role: "user", content: "word ".repeat(9_000) }],
		});
		await expect(long).rejects.toMatchObject({ status: 400, code: "context_length_exceeded" });
	});

	test("names the models there are when asked for another", async () => {
		const refused = client.chat.completions.create({ ...ask, model: "gpt-nothing" });
		await expect(refused).rejects.toBeInstanceOf(NotFoundError);
		await expect(refused).rejects.toMatchObject({ code: "model_not_found", message: expect.stringContaining("demo") });
	});
});

describe("completions", () => {
	test("continue a text, streamed or whole", async () => {
		const request = { model: "demo", prompt: "My invoice is", max_tokens: 5, temperature: 0 };
		const whole = await client.completions.create(request);
		expect(whole).toMatchObject({ object: "text_completion", choices: [{ index: 0, finish_reason: "length" }] });
		let text = "";
		for await (const chunk of await client.completions.create({ ...request, stream: true })) {
			text += chunk.choices[0]?.text ?? "";
		}
		expect(text).toBe(whole.choices[0]?.text);
	});

	test("fill in the middle between a prompt and a suffix", async () => {
		const request = { model: "demo", prompt: "My invoice ", suffix: " is wrong.", max_tokens: 4, temperature: 0 };
		const filled = await client.completions.create(request);
		const plain = await client.completions.create({ ...request, suffix: null });
		expect(filled.usage?.prompt_tokens).toBeGreaterThan(plain.usage?.prompt_tokens ?? 0);
	});

	test("number the answers of several prompts through", async () => {
		const prompt = ["My invoice", "The app"];
		const { choices } = await client.completions.create({ model: "demo", prompt, n: 2, max_tokens: 2, seed: 1 });
		expect(choices.map((choice) => choice.index)).toEqual([0, 1, 2, 3]);
	});
});

describe("embeddings", () => {
	test("are the same as floats and as base64, cut to the dimensions asked for", async () => {
		const request = { model: "demo", input: ["one text", "another"] };
		const encoded = await client.embeddings.create(request);
		const floats = await client.embeddings.create({ ...request, encoding_format: "float" });
		expect(encoded.data).toHaveLength(2);
		const [first] = floats.data;
		expect(encoded.data[0]?.embedding.map((number) => number.toFixed(5))).toEqual(
			first?.embedding.map((number) => number.toFixed(5)),
		);
		const short = await client.embeddings.create({ ...request, dimensions: 16 });
		expect(short.data[0]?.embedding).toHaveLength(16);
	});

	test("take token ids of the model", async () => {
		const { usage } = await client.embeddings.create({ model: "demo", input: [[5, 6, 7], [8]] });
		expect(usage.prompt_tokens).toBe(4);
	});
});

describe("responses", () => {
	const request = {
		model: "demo",
		instructions: LABEL_TASK,
		input: BILLING_TICKET,
		temperature: 0,
		max_output_tokens: 8,
	};

	test("answer whole", async () => {
		const response = await client.responses.create(request);
		expect(response).toMatchObject({ object: "response", status: "completed", error: null, model: "demo" });
		expect(response.output_text).toBe("billing");
		expect(response.usage?.output_tokens).toBeGreaterThan(0);
	});

	test("satisfy the stream helper, which checks every event", async () => {
		const stream = client.responses.stream(request);
		let text = "";
		stream.on("response.output_text.delta", (event) => {
			text += event.delta;
		});
		const final = await stream.finalResponse();
		expect(final.output_text).toBe("billing");
		expect(text).toBe("billing");
	});

	test("stream raw events with rising numbers, ended by response.completed", async () => {
		const numbers: number[] = [];
		const types: string[] = [];
		for await (const event of await client.responses.create({ ...request, stream: true })) {
			numbers.push(event.sequence_number);
			types.push(event.type);
		}
		expect(numbers).toEqual(numbers.map((_, index) => index));
		expect(types.slice(0, 4)).toEqual([
			"response.created",
			"response.in_progress",
			"response.output_item.added",
			"response.content_part.added",
		]);
		expect(types.at(-1)).toBe("response.completed");
	});

	test("call functions", async () => {
		const stream = client.responses.stream({
			...request,
			max_output_tokens: 120,
			parallel_tool_calls: false,
			tools: [
				{ type: "function", strict: false, ...weather.function, parameters: weather.function.parameters ?? null },
			],
			tool_choice: "required",
		});
		const { output } = await stream.finalResponse();
		expect(output.map((item) => item.type)).toEqual(["function_call"]);
		expect(output[0]).toMatchObject({ name: "get_weather", status: "completed", call_id: expect.any(String) });
	});

	test("parse an answer by its schema", async () => {
		const response = await client.responses.parse({
			...request,
			max_output_tokens: 40,
			instructions: JSON_TASK,
			text: { format: zodTextFormat(Label, "label") },
		});
		expect(response.output_parsed).toEqual({ label: "billing" });
	});

	test("say when the answer was cut", async () => {
		const response = await client.responses.create({ ...request, max_output_tokens: 1 });
		expect(response).toMatchObject({ status: "incomplete", incomplete_details: { reason: "max_output_tokens" } });
	});
});

describe("models", () => {
	test("are listed, and found one by one", async () => {
		const list = await client.models.list();
		expect(list.data.map((model) => model.id)).toContain("demo");
		expect(await client.models.retrieve("demo")).toMatchObject({ id: "demo", object: "model" });
	});
});

test("a client that goes away ends its answer", async () => {
	const stream = await client.completions.create({ model: "demo", prompt: "My", max_tokens: 400, stream: true });
	for await (const _ of stream) break;
	await expect.poll(async () => running.service.live.status.running, { timeout: 10_000 }).toBe(0);
});
