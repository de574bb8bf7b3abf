/** `/v1/chat/completions`: the request. */
import { assertNever, type Result } from "../../base/base.ts";
import { type ChatCompletion, type ChatRequest, chatRequestSchema } from "../../contract/contract.ts";
import type { GenerateRequest, OutputFormat } from "../request.ts";
import { translateMessages } from "./chat-messages.ts";
import { renderChat } from "./chat-render.ts";
import { translateTools } from "./chat-tools.ts";
import { readBody, type Salvage } from "./check-body.ts";
import { createChatStream } from "./openai-chat-stream.ts";
import { jsonFormat } from "./output-format.ts";
import { translateSampling, translateStop, translateStream } from "./sampling.ts";
import { templateVariables } from "./template-variables.ts";
import type { ParseOptions, RequestFault, RequestFaults, Translation } from "./translation.ts";

const SALVAGE: Salvage = {
	placeholders: { model: "-", messages: [{ role: "user", content: "-" }] },
	companions: { tools: ["tool_choice"], functions: ["function_call"], logprobs: ["top_logprobs"] },
};

/** Reads the body of a chat request. */
export function parseChat(body: unknown, options: ParseOptions): Result<Translation<ChatCompletion>, RequestFaults> {
	return readBody({ schema: chatRequestSchema, salvage: SALVAGE, translate: translateChat }, body, options);
}

function translateChat(
	request: ChatRequest,
	options: ParseOptions,
	faults: RequestFault[],
): Translation<ChatCompletion> {
	refuseUnsupported(request, faults);
	const { tools, toolChoice, legacy } = translateTools(request, faults);
	const variables = templateVariables(
		{ effort: request.reasoning_effort, verbosity: request.verbosity, kwargs: request.chat_template_kwargs },
		faults,
	);
	const generate: GenerateRequest = {
		kind: "generate",
		prompt: {
			kind: "chat",
			messages: translateMessages(request.messages, faults),
			tools,
			toolChoice,
			parallelToolCalls: request.parallel_tool_calls ?? true,
		},
		maxTokens: request.max_completion_tokens ?? request.max_tokens ?? null,
		sampling: translateSampling(request, faults),
		stop: translateStop(request.stop),
		choices: request.n ?? 1,
		topLogprobs: translateLogprobs(request, faults),
		format: translateFormat(request.response_format ?? null),
		echo: false,
		...(variables === null ? {} : { templateVariables: variables }),
	};
	const stream = translateStream(request, options, faults);
	return {
		model: request.model,
		requests: [generate],
		stream:
			stream === null ? null : (context) => createChatStream({ ...stream, choices: generate.choices, legacy, context }),
		render: (results, context) => renderChat(results, context, legacy),
	};
}

/** What would change the answer and can't be done is refused, never ignored. */
function refuseUnsupported(request: ChatRequest, faults: RequestFault[]): void {
	const other = (request.modalities ?? []).findIndex((modality) => modality !== "text");
	if (other >= 0) {
		faults.push({
			message: `Unsupported 'modalities[${other}]': '${request.modalities?.[other]}'. Models here write text only.`,
			param: `modalities[${other}]`,
			code: "unsupported_value",
		});
	}
	const reasons = {
		audio: "models here write text only",
		web_search_options: "models here can't search the web",
		moderation: "there is no moderation here",
	} as const;
	for (const field of ["audio", "web_search_options", "moderation"] as const) {
		if (request[field] === undefined || request[field] === null) continue;
		faults.push({
			message: `Unsupported parameter: '${field}': ${reasons[field]}. Leave it out.`,
			param: field,
			code: "unsupported_parameter",
		});
	}
}

function translateLogprobs(request: ChatRequest, faults: RequestFault[]): number | null {
	const alternatives = request.top_logprobs ?? 0;
	if (request.logprobs === true) return alternatives;
	if (alternatives > 0) {
		faults.push({
			message: "'top_logprobs' needs 'logprobs' to be true. Set it, or leave 'top_logprobs' out.",
			param: "top_logprobs",
			code: "invalid_value",
		});
	}
	return null;
}

function translateFormat(format: ChatRequest["response_format"] | null): OutputFormat {
	switch (format?.type) {
		case undefined:
		case "text":
			return { kind: "text" };
		case "json_object":
			return jsonFormat(format.schema);
		case "json_schema":
			return jsonFormat(format.json_schema.schema);
		default:
			return assertNever(format);
	}
}
