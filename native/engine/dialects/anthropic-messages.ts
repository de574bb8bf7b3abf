/** `/v1/messages` and `/v1/messages/count_tokens`: the requests. */
import { err, type Result } from "../../base/base.ts";
import {
	type CountTokensRequest,
	countTokensRequestSchema,
	type Message,
	type MessagesRequest,
	messagesRequestSchema,
} from "../../contract/contract.ts";
import type { EngineRequest, GenerateRequest } from "../request.ts";
import { translateConversation } from "./anthropic-content.ts";
import { inAnthropicWords } from "./anthropic-faults.ts";
import { renderMessage } from "./anthropic-render.ts";
import { createMessageStream } from "./anthropic-stream.ts";
import { translateMessagesTools } from "./anthropic-tools.ts";
import { readBody, type Salvage } from "./check-body.ts";
import { formatPath } from "./issues.ts";
import { translateSampling, translateStream } from "./sampling.ts";
import type { TemplateVariables } from "./template-variables.ts";
import type { ParseOptions, RequestFault, RequestFaults, Translation } from "./translation.ts";

const SALVAGE: Salvage = {
	placeholders: { model: "-", max_tokens: 1, messages: [{ role: "user", content: "-" }] },
	companions: { tools: ["tool_choice"] },
};

/** Requests whose prompt tokens are to be counted, added up, and the model they are for. */
export interface CountTokens {
	readonly model: string;
	readonly requests: readonly EngineRequest[];
}

/** Reads the body of a Messages request. */
export function parseMessages(body: unknown, options: ParseOptions): Result<Translation<Message>, RequestFaults> {
	const reader = { schema: messagesRequestSchema, salvage: SALVAGE, translate: translateMessages };
	return reworded(readBody(reader, body, options));
}

/** Reads the body of a request to count tokens: one of Messages without `max_tokens`. */
export function parseCountTokens(body: unknown, options: ParseOptions): Result<CountTokens, RequestFaults> {
	const reader = { schema: countTokensRequestSchema, salvage: SALVAGE, translate: translateCountTokens };
	return reworded(readBody(reader, body, options));
}

function reworded<Translated>(read: Result<Translated, RequestFaults>): Result<Translated, RequestFaults> {
	return read.ok ? read : err(inAnthropicWords(read.error));
}

function translateCountTokens(request: CountTokensRequest, _: ParseOptions, faults: RequestFault[]): CountTokens {
	return { model: request.model, requests: [generateRequest({ ...request, max_tokens: 1 }, faults)] };
}

function translateMessages(
	request: MessagesRequest,
	options: ParseOptions,
	faults: RequestFault[],
): Translation<Message> {
	refusePrefill(request, faults);
	const reply = { maxTokens: request.max_tokens, showsThinking: request.thinking?.display !== "omitted" };
	const isStream = translateStream({ stream: request.stream }, options, faults) !== null;
	return {
		model: request.model,
		requests: [generateRequest(request, faults)],
		stream: isStream ? (context) => createMessageStream({ ...reply, context }) : null,
		render: (results, context) => renderMessage(results, { ...reply, context }),
	};
}

function generateRequest(request: MessagesRequest, faults: RequestFault[]): GenerateRequest {
	refuseServers(request, faults);
	const { temperature, top_p, top_k } = request;
	const format = request.output_config?.format ?? request.output_format ?? null;
	const variables = templateVariables(request);
	return {
		kind: "generate",
		prompt: {
			kind: "chat",
			messages: translateConversation(request, faults),
			...translateMessagesTools(request, faults),
		},
		maxTokens: request.max_tokens,
		sampling: translateSampling({ temperature, top_p, top_k }, faults),
		stop: request.stop_sequences ?? [],
		choices: 1,
		topLogprobs: null,
		format: format === null ? { kind: "text" } : { kind: "json-schema", schema: format.schema },
		echo: false,
		...(variables === null ? {} : { templateVariables: variables }),
	};
}

/** A chat template closes a message it is given, so that the model would answer it instead of going on with it. */
function refusePrefill({ messages }: MessagesRequest, faults: RequestFault[]): void {
	if (messages.at(-1)?.role !== "assistant") return;
	const param = formatPath(["messages", messages.length - 1, "role"]);
	faults.push({
		message: `Unsupported '${param}': this model does not support assistant message prefill. The conversation must end with a user message.`,
		param,
		code: "unsupported_value",
	});
}

function refuseServers(request: CountTokensRequest, faults: RequestFault[]): void {
	if ((request.mcp_servers ?? []).length === 0) return;
	faults.push({
		message:
			"Unsupported parameter: 'mcp_servers'. No other servers are called from here; give their tools as 'tools'.",
		param: "mcp_servers",
		code: "unsupported_parameter",
	});
}

/**
 * Whether and how hard to think are up to the model's chat template, by the names that chat uses too (`template-variables.ts`).
 * Unlike there, effort is not about thinking alone, so that only `thinking` switches thinking.
 */
function templateVariables({ thinking, output_config }: CountTokensRequest): TemplateVariables | null {
	const variables = {
		...(typeof thinking?.type === "string" ? { enable_thinking: thinking.type !== "disabled" } : {}),
		...(typeof output_config?.effort === "string" ? { reasoning_effort: output_config.effort } : {}),
	};
	return Object.keys(variables).length === 0 ? null : variables;
}
