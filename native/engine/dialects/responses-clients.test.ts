/** The official clients against what the dialect writes, with nothing between them but HTTP. */
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import type OpenAI from "openai";
import type { zodTextFormat } from "openai/helpers/zod";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import type { Choice, Delta, GenerateResult } from "../request.ts";
import { parseResponses } from "./openai-responses.ts";
import { resultOf, testContext } from "./responses-testing.ts";
import type { ReplyFault, StreamEvent } from "./translation.ts";

/** What the model is made to write to the next request. */
interface Script {
	readonly deltas: readonly Delta[];
	readonly end: GenerateResult | ReplyFault;
}

let script: Script = { deltas: [], end: resultOf({}) };
let server: Server;
let baseURL: string;

beforeAll(async () => {
	server = createServer(async (request, response) => answer(await json(request), response));
	await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
	baseURL = `http://127.0.0.1:${portOf(server.address())}/v1`;
});
afterAll(() => new Promise((closed) => server.close(closed)));

function portOf(address: AddressInfo | string | null): number {
	if (address === null || typeof address === "string") throw new Error("The server listens on no port.");
	return address.port;
}

function answer(body: unknown, response: ServerResponse): void {
	const parsed = parseResponses(body, { allowStream: true, defaultModel: null });
	if (!parsed.ok) {
		response.writeHead(400, { "content-type": "application/json" });
		response.end(JSON.stringify({ error: parsed.error[0] }));
		return;
	}
	const { render, stream } = parsed.value;
	const { deltas, end } = script;
	if (stream === null) {
		response.writeHead(200, { "content-type": "application/json" });
		response.end(JSON.stringify("kind" in end ? render([end], testContext) : {}));
		return;
	}
	const writer = stream(testContext);
	const write = (events: readonly StreamEvent[]) => {
		for (const { event, data } of events) response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
	};
	response.writeHead(200, { "content-type": "text/event-stream" });
	write(writer.begin(10));
	for (const delta of deltas) write(writer.push(0, delta));
	write("kind" in end ? writer.end([end]) : writer.fail(end));
	response.end();
}

/** The model writes an answer, character by character where it is text. */
function say(fields: Partial<Choice>): void {
	const { reasoning, text = "", toolCalls = [] } = fields;
	script = {
		deltas: [
			...[...(reasoning ?? "")].map((piece) => ({ choice: 0, reasoning: piece })),
			...[...text].map((piece) => ({ choice: 0, text: piece })),
			...toolCalls.flatMap(({ id, name, argumentsJson }, index) => [
				{ choice: 0, toolCalls: [{ index, id, name }] },
				...[...argumentsJson].map((piece) => ({ choice: 0, toolCalls: [{ index, argumentsJson: piece }] })),
			]),
		],
		end: resultOf(fields),
	};
}

/** Both major versions answer to the newer one's types: the calls used here are the same. */
async function load(packageName: string): Promise<{
	readonly client: OpenAI;
	readonly textFormat: typeof zodTextFormat;
}> {
	const { default: Client } = await import(packageName);
	const helpers = await import(`${packageName}/helpers/zod`);
	return { client: new Client({ baseURL, apiKey: "none", maxRetries: 0 }), textFormat: helpers.zodTextFormat };
}

const request = { model: "demo", input: "Hello" };
const parameters = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
const tools: OpenAI.Responses.Tool[] = [
	{ type: "function", name: "weather", parameters, strict: false },
	{ type: "custom", name: "apply_patch", format: { type: "text" } },
];
const rome = { id: "call_1", name: "weather", argumentsJson: '{"city":"Rome"}' };
const oslo = { id: "call_2", name: "weather", argumentsJson: '{"city":"Oslo"}' };
const patch = { id: "call_3", name: "apply_patch", argumentsJson: '{"input":"*** Begin \\"Patch\\"\\n+x"}' };

describe.each(["openai", "openai-6"])("the client %s", (packageName) => {
	test.each<[string, Partial<Choice>]>([
		["a text", { text: "Hello you" }],
		["a thought and a text", { reasoning: "Hm, so.", text: "Hello" }],
		["a call", { toolCalls: [rome], finishReason: "tool-calls" }],
		["thoughts, a text and calls of all kinds", { reasoning: "Hm.", text: "I look.", toolCalls: [rome, oslo, patch] }],
		["what was cut short", { text: "Hel", finishReason: "length" }],
		["thoughts cut short", { reasoning: "Hm", finishReason: "length" }],
		["nothing", {}],
	])("reads %s the same whole, in events and by its helper", async (_, fields) => {
		const { client } = await load(packageName);
		say(fields);
		const whole = await client.responses.create({ ...request, tools });
		expect(whole.output_text).toBe(fields.text ?? "");
		expect(whole.status).toBe(fields.finishReason === "length" ? "incomplete" : "completed");

		const events: OpenAI.Responses.ResponseStreamEvent[] = [];
		for await (const event of await client.responses.create({ ...request, tools, stream: true })) events.push(event);
		const last = events.at(-1);
		expect(last?.type).toBe(`response.${whole.status}`);
		expect(last !== undefined && "response" in last ? last.response : null).toMatchObject({ output: whole.output });

		const helped = await client.responses.stream({ ...request, tools }).finalResponse();
		expect(helped).toMatchObject({ status: whole.status, output: whole.output, usage: whole.usage });
		expect(helped.output_text).toBe(whole.output_text);
	});

	test("tells its callers of each piece", async () => {
		const { client } = await load(packageName);
		say({ reasoning: "Hm.", text: "Hi", toolCalls: [rome, patch], finishReason: "tool-calls" });
		const stream = client.responses.stream({ ...request, tools });
		let told = "";
		stream.on("response.reasoning_text.delta", (event) => (told += event.delta));
		stream.on("response.output_text.delta", (event) => (told += event.delta));
		stream.on("response.function_call_arguments.delta", (event) => (told += event.delta));
		stream.on("response.custom_tool_call_input.delta", (event) => (told += event.delta));
		await stream.finalResponse();
		expect(told).toBe('Hm.Hi{"city":"Rome"}*** Begin "Patch"\n+x');
	});

	test("parses an answer by its schema, whole and in pieces", async () => {
		const { client, textFormat } = await load(packageName);
		const label = z.object({ label: z.enum(["billing", "bug"]) });
		say({ text: '{"label":"bug"}' });
		const format = { ...request, text: { format: textFormat(label, "label") } };
		expect((await client.responses.parse(format)).output_parsed).toEqual({ label: "bug" });
		expect((await client.responses.stream(format).finalResponse()).output_parsed).toEqual({ label: "bug" });
	});

	test("takes its own items back as input", async () => {
		const { client } = await load(packageName);
		say({ reasoning: "Hm.", text: "I look.", toolCalls: [rome, patch], finishReason: "tool-calls" });
		const first = await client.responses.stream({ ...request, tools }).finalResponse();
		say({ text: "Sun." });
		// As an application keeps them: written down and read again.
		const kept: OpenAI.Responses.ResponseInput = JSON.parse(JSON.stringify(first.output));
		const output = { type: "function_call_output", call_id: "call_1", output: "sun" } as const;
		const next = await client.responses.create({ ...request, tools, input: [...kept, output] });
		expect(next.output_text).toBe("Sun.");
	});

	test("sees why a reply failed", async () => {
		const { client } = await load(packageName);
		say({ text: "Hel" });
		const fault = { status: 500, type: "server_error", message: "It broke.", param: null, code: "x" } as const;
		script = { ...script, end: fault };
		const failed = await client.responses.stream(request).finalResponse();
		expect(failed).toMatchObject({ status: "failed", error: { code: "server_error", message: "It broke." } });
		expect(failed.output_text).toBe("Hel");
	});

	test("is refused in words where it asks for what is not kept here", async () => {
		const { client } = await load(packageName);
		const refused = client.responses.create({ ...request, previous_response_id: "resp_9" });
		await expect(refused).rejects.toMatchObject({
			status: 400,
			code: "unsupported_parameter",
			param: "previous_response_id",
		});
	});
});
