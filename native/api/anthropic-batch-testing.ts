/** Message batches for tests of the API: made at the door, led through their life in the real ledger. Runs nothing. */
import {
	type MessageBatch,
	type MessageBatchResult,
	messageBatchResultSchema,
	messageBatchSchema,
} from "../contract/contract.ts";
import { renderMessagesError } from "../engine/dialects/dialect.ts";
import type { BatchRecord, IndexedLine, Ledger, LineResult } from "../ledger/ledger.ts";
import { bytesOf } from "../ledger/testing/fixtures.ts";
import { answerTo, testModel } from "./batch-testing.ts";
import type { TestApi } from "./testing.ts";

/** A request that is as it should be. */
export function request(customId: string) {
	return {
		custom_id: customId,
		params: { model: "demo", max_tokens: 8, messages: [{ role: "user", content: `What of ${customId}?` }] },
	};
}

/** Asks to make a batch. */
export async function post(
	{ app }: TestApi,
	body: unknown,
	headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
	return app.request("/v1/messages/batches", {
		method: "POST",
		body: typeof body === "string" ? body : JSON.stringify(body),
		headers: { "content-type": "application/json", ...headers },
	});
}

/** Makes a batch that nobody looked at yet. */
export async function createMessages(
	api: TestApi,
	customIds: readonly string[] = ["a", "b", "c"],
	headers: Readonly<Record<string, string>> = {},
): Promise<MessageBatch> {
	return readBatch(await post(api, { requests: customIds.map(request) }, headers));
}

/** Reads an answer that must be a batch. */
export async function readBatch(response: Response): Promise<MessageBatch> {
	if (response.status !== 200) throw new Error(await response.text());
	return messageBatchSchema.parse(await response.json());
}

/** A batch as it is told now. */
export async function show({ app }: TestApi, id: string): Promise<MessageBatch> {
	return readBatch(await app.request(`/v1/messages/batches/${id}`));
}

/** Its results, line by line. */
export async function readResults(response: Response): Promise<readonly MessageBatchResult[]> {
	if (response.status !== 200) throw new Error(await response.text());
	const lines = (await response.text()).split("\n");
	if (lines.pop() !== "") throw new Error("The last line has no end");
	return lines.map((line) => messageBatchResultSchema.parse(JSON.parse(line)));
}

/** Validates a batch as jobs would: all its lines are good. */
export async function settle(ledger: Ledger, id: string): Promise<BatchRecord> {
	const batch = ledger.batch(id);
	const file = batch === null ? null : ledger.file(batch.manifest.inputFileId);
	if (file === null) throw new Error(`There is no batch ${id}, or no input of it`);
	const texts = (await bytesOf(ledger.readFile(file))).toString().split("\n").slice(0, -1);
	let offset = 0;
	const index = texts.map((text, line): IndexedLine => {
		const length = Buffer.byteLength(text);
		const customId = /"custom_id":"([^"]*)"/.exec(text)?.[1] ?? "";
		const entry = { line, customId, offset, length, key: Buffer.alloc(16, line), family: 0 };
		offset += length + 1;
		return entry;
	});
	ledger.indexLines(id, index);
	return ledger.settleValidation(id, { kind: "valid", total: index.length, model: testModel, notices: [] });
}

/** The answer to a line in Anthropic's dialect. */
export function messageTo(line: number, isError = false): LineResult {
	const message = {
		id: `msg_${line}`,
		type: "message",
		role: "assistant",
		model: "demo",
		content: [{ type: "text", text: `Answer ${line}`, citations: null }],
		stop_reason: "end_turn",
		stop_sequence: null,
		stop_details: null,
		usage: {
			input_tokens: 10,
			output_tokens: 5,
			cache_creation_input_tokens: 0,
			cache_read_input_tokens: 0,
			cache_creation: null,
			output_tokens_details: null,
			server_tool_use: null,
			service_tier: null,
			inference_geo: null,
			speed: null,
		},
		container: null,
		diagnostics: null,
	};
	const body = isError ? renderMessagesError({ status: 400, message: "Too long" }, `req_${line}`) : message;
	const response = { status_code: isError ? 400 : 200, request_id: `req_${line}`, body };
	return { ...answerTo(line, isError), payload: JSON.stringify({ response, error: null }) };
}
