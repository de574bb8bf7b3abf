import Anthropic, { BadRequestError, NotFoundError } from "@anthropic-ai/sdk";
import { afterAll, beforeAll, expect, test } from "vitest";
import { BILLING_TICKET, type ClientTestService, LABEL_TASK, startClientTestService } from "./testing.ts";

let running: ClientTestService;
let client: Anthropic;

beforeAll(async () => {
	running = await startClientTestService();
	client = new Anthropic({ baseURL: running.url, apiKey: "none needed", maxRetries: 0 });
});
afterAll(() => running.stop());

// The newer package has no word for temperature; the default of 1 would make the demo model wander.
const ask = {
	model: "demo",
	max_tokens: 8,
	system: LABEL_TASK,
	messages: [{ role: "user" as const, content: BILLING_TICKET }],
	top_k: 1,
};
const tool: Anthropic.Tool = {
	name: "get_weather",
	description: "Weather of a city",
	input_schema: {
		type: "object",
		properties: { city: { type: "string", maxLength: 8 }, days: { type: "integer", minimum: 1, maximum: 9 } },
		required: ["city", "days"],
		additionalProperties: false,
	},
};

test("answers a message, with usage", async () => {
	const message = await client.messages.create(ask);
	expect(message).toMatchObject({
		type: "message",
		role: "assistant",
		model: "demo",
		stop_reason: "end_turn",
		stop_sequence: null,
		content: [{ type: "text", text: "billing" }],
	});
	expect(message.id).toMatch(/^msg_/);
	expect(message.usage.input_tokens).toBeGreaterThan(10);
});

test("streams the same message", async () => {
	const stream = client.messages.stream(ask);
	const pieces: string[] = [];
	stream.on("text", (delta) => pieces.push(delta));
	const final = await stream.finalMessage();
	expect(final).toMatchObject({ stop_reason: "end_turn", content: [{ type: "text", text: "billing" }] });
	expect(pieces.join("")).toBe("billing");
	expect(final.usage.output_tokens).toBeGreaterThan(0);
	const types: string[] = [];
	for await (const event of await client.messages.create({ ...ask, stream: true })) types.push(event.type);
	expect(types[0]).toBe("message_start");
	expect(types.at(-1)).toBe("message_stop");
});

test("calls the tool that must be called, streamed or whole", async () => {
	const request = {
		...ask,
		max_tokens: 120,
		tools: [tool],
		tool_choice: { type: "any" as const, disable_parallel_tool_use: true },
	};
	const whole = await client.messages.create(request);
	expect(whole.stop_reason).toBe("tool_use");
	const [called] = whole.content;
	expect(called).toMatchObject({ type: "tool_use", name: "get_weather", input: { days: expect.any(Number) } });
	const streamed = await client.messages.stream(request).finalMessage();
	const [again] = streamed.content;
	if (called?.type !== "tool_use" || again?.type !== "tool_use") throw new Error("No tool was used");
	expect(again.input).toEqual(called.input);
});

test("counts the tokens of a message before it is sent", async () => {
	const { max_tokens: _, top_k: __, ...asked } = ask;
	const { input_tokens: counted } = await client.messages.countTokens(asked);
	const { usage } = await client.messages.create(ask);
	expect(counted).toBe(usage.input_tokens + (usage.cache_read_input_tokens ?? 0));
});

test("counts also what is longer than the model can read", async () => {
	const long = { model: "demo", messages: [{ role: "user" as const, content: "word ".repeat(5_000) }] };
	const { input_tokens: counted } = await client.messages.countTokens(long);
	expect(counted).toBeGreaterThan(5_000);
	const refused = client.messages.create({ ...long, max_tokens: 8 });
	await expect(refused).rejects.toMatchObject({ status: 400, message: expect.stringContaining("prompt is too long") });
});

test("says what was wrong in this API's own words", async () => {
	const picture = { type: "image" as const, source: { type: "url" as const, url: "http://127.0.0.1/x.png" } };
	const refused = client.messages.create({ ...ask, messages: [{ role: "user", content: [picture] }] });
	await expect(refused).rejects.toBeInstanceOf(BadRequestError);
	await expect(refused).rejects.toMatchObject({ error: { type: "error", error: { type: "invalid_request_error" } } });
	const unknown = client.messages.create({ ...ask, model: "nothing" });
	await expect(unknown).rejects.toBeInstanceOf(NotFoundError);
	await expect(unknown).rejects.toMatchObject({ error: { error: { type: "not_found_error" } } });
});

test("lists the models", async () => {
	const page = await client.models.list();
	expect(page.data.map((model) => model.id)).toContain("demo");
});
