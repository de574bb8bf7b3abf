/** The official packages, both majors people have, against this dialect behind the plainest of servers. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import Anthropic, { APIError, BadRequestError, NotFoundError } from "@anthropic-ai/sdk";
import Older, {
	APIError as OlderAPIError,
	BadRequestError as OlderBadRequestError,
	NotFoundError as OlderNotFoundError,
} from "anthropic-sdk-0";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Choice } from "../request.ts";
import { CONTEXT, choiceOf, cut, resultOf } from "./anthropic-testing.ts";
import { dialects, parseCountTokens, refusal, renderMessagesError, type StreamEvent, serverFault } from "./dialect.ts";

const REQUEST_ID = "req_7";

/** What the server answers with, and whether it breaks off half way. */
let script: { readonly choice: Choice; readonly breaksOff: boolean };
let server: Server;
let baseURL: string;

beforeAll(async () => {
	server = createServer((request, response) => void answer(request, response));
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	const address = server.address();
	if (address === null || typeof address === "string") throw new Error("No port.");
	baseURL = `http://127.0.0.1:${address.port}`;
});
afterAll(async () => {
	server.close();
	await once(server, "close");
});
beforeEach(() => {
	script = { choice: choiceOf({ text: "Hello there" }), breaksOff: false };
});

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
	const chunks: Buffer[] = [];
	for await (const chunk of request) chunks.push(chunk);
	const body: unknown = JSON.parse(Buffer.concat(chunks).toString());
	const path = request.url?.split("?")[0] ?? "";
	const send = (status: number, data: object) => {
		response.writeHead(status, { "content-type": "application/json", "request-id": REQUEST_ID });
		response.end(JSON.stringify(data));
	};
	if (path === "/v1/messages/count_tokens") {
		const counted = parseCountTokens(body, { allowStream: false, defaultModel: null });
		return send(counted.ok ? 200 : 400, { input_tokens: counted.ok ? 10 : -1 });
	}
	const dialect = path === "/v1/messages" ? dialects[path] : null;
	const parsed = dialect?.parse(body, { allowStream: true, defaultModel: null });
	if (!parsed) return send(404, renderMessagesError({ status: 404, message: "No such path." }, REQUEST_ID));
	if (!parsed.ok) return send(400, dialect?.renderFault(refusal(parsed.error[0]), REQUEST_ID) ?? {});
	if (parsed.value.model === "busy")
		return send(529, renderMessagesError({ status: 529, message: "Busy." }, REQUEST_ID));
	const { choice, breaksOff } = script;
	const result = resultOf(choice);
	const stream = parsed.value.stream?.(CONTEXT);
	if (stream === undefined) return send(200, parsed.value.render([result], CONTEXT));
	response.writeHead(200, { "content-type": "text/event-stream", "request-id": REQUEST_ID });
	const write = (events: readonly StreamEvent[]) => {
		for (const { event, data } of events) response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
	};
	write(stream.begin(result.promptTokens));
	for (const delta of cut(choice, 4)) write(stream.push(0, delta));
	write(breaksOff ? stream.fail(serverFault(500, "Gone.", "x")) : stream.end([result]));
	response.end();
}

type Params = Anthropic.MessageCreateParamsNonStreaming;

/** What the tests do with a package, whichever it is: the types of the two don't fit each other. */
interface Client {
	create(params: Params): Promise<object>;
	events(params: Params): Promise<readonly string[]>;
	final(params: Params): Promise<unknown>;
	count(params: Anthropic.MessageCountTokensParams): Promise<unknown>;
	readonly errors: {
		readonly any: typeof APIError | typeof OlderAPIError;
		readonly badRequest: typeof BadRequestError | typeof OlderBadRequestError;
		readonly notFound: typeof NotFoundError | typeof OlderNotFoundError;
	};
}

async function typesOf(events: AsyncIterable<{ readonly type: string }>): Promise<readonly string[]> {
	const types: string[] = [];
	for await (const event of events) types.push(event.type);
	return types;
}

function newerClient(): Client {
	const { messages } = new Anthropic({ baseURL, apiKey: "none needed", maxRetries: 0 });
	return {
		create: (params) => messages.create(params),
		events: async (params) => typesOf(await messages.create({ ...params, stream: true })),
		final: (params) => messages.stream(params).finalMessage(),
		count: (params) => messages.countTokens(params),
		errors: { any: APIError, badRequest: BadRequestError, notFound: NotFoundError },
	};
}

function olderClient(): Client {
	const { messages } = new Older({ baseURL, apiKey: "none needed", maxRetries: 0 });
	return {
		create: (params) => messages.create(params),
		events: async (params) => typesOf(await messages.create({ ...params, stream: true })),
		final: (params) => messages.stream(params).finalMessage(),
		count: (params) => messages.countTokens(params),
		errors: { any: OlderAPIError, badRequest: OlderBadRequestError, notFound: OlderNotFoundError },
	};
}

const ask: Params = { model: "demo", max_tokens: 64, messages: [{ role: "user", content: "Hello" }] };
const oslo = { id: "call_1", name: "get_weather", argumentsJson: '{"city": "Oslo"}' };
const rome = { id: "call_2", name: "get_weather", argumentsJson: '{"city": "Rome", "days": [1, 2]}' };

describe.each([
	["@anthropic-ai/sdk 1", newerClient],
	["@anthropic-ai/sdk 0", olderClient],
])("%s", (_, createClient) => {
	test.each([
		["text", choiceOf({ text: "Hello there" })],
		["thoughts and text", choiceOf({ reasoning: "Hm, let me see.", text: "Hello" })],
		["one call", choiceOf({ toolCalls: [oslo], finishReason: "tool-calls" })],
		["text and two calls", choiceOf({ text: "Sure.", toolCalls: [oslo, rome], finishReason: "tool-calls" })],
		["nothing", choiceOf({})],
	])("gets %s, streamed as whole", async (_, choice) => {
		script = { choice, breaksOff: false };
		const client = createClient();
		const whole = await client.create(ask);
		expect(whole).toMatchObject({ id: "msg_1", role: "assistant", usage: { input_tokens: 6, output_tokens: 64 } });
		// The helper adds what it parsed; all else is the same, usage too.
		expect(await client.final(ask)).toEqual({ ...whole, parsed_output: null });
		const types = await client.events(ask);
		expect([types[0], types.at(-1)]).toEqual(["message_start", "message_stop"]);
	});

	test("hears that a stream broke off, and why", async () => {
		script = { choice: choiceOf({ text: "Hello" }), breaksOff: true };
		const client = createClient();
		const broken = {
			error: { type: "error", error: { type: "api_error", message: "Gone." } },
			requestID: REQUEST_ID,
		};
		await expect(client.events(ask)).rejects.toBeInstanceOf(client.errors.any);
		await expect(client.events(ask)).rejects.toMatchObject(broken);
		await expect(client.final(ask)).rejects.toMatchObject(broken);
	});

	test("shows a call that is no JSON as the text it is, and does not stumble over it in a stream", async () => {
		const broken = { ...oslo, argumentsJson: '{"city": Oslo' };
		script = { choice: choiceOf({ toolCalls: [broken], finishReason: "tool-calls" }), breaksOff: false };
		const client = createClient();
		expect(await client.create(ask)).toMatchObject({ content: [{ input: '{"city": Oslo' }] });
		expect((await client.events(ask)).at(-1)).toBe("message_stop");
	});

	test("counts tokens", async () => {
		const { max_tokens: _, ...prompt } = ask;
		expect(await createClient().count(prompt)).toEqual({ input_tokens: 10 });
	});

	test("raises refusals as its own errors, with the id of the request", async () => {
		const client = createClient();
		const refused = client.create({ ...ask, max_tokens: -1 });
		await expect(refused).rejects.toBeInstanceOf(client.errors.badRequest);
		await expect(refused).rejects.toMatchObject({
			status: 400,
			requestID: REQUEST_ID,
			type: "invalid_request_error",
			error: { error: { message: "max_tokens: Invalid: expected a value >= 1, but got -1 instead." } },
		});
		const busy = client.create({ ...ask, model: "busy" });
		await expect(busy).rejects.toMatchObject({ status: 529, type: "overloaded_error" });
	});
});
