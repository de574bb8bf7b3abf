/**
 * `/v1/responses`: the request. Nothing is kept between requests, so what reaches for something kept is refused. There is one
 * answer to a request, never several.
 */
import { assertNever, type Result } from "../../base/base.ts";
import {
	type ResponsesFormatParam,
	type ResponsesReply,
	type ResponsesRequest,
	responsesRequestSchema,
} from "../../contract/contract.ts";
import type { GenerateRequest, OutputFormat } from "../request.ts";
import { readBody, type Salvage } from "./check-body.ts";
import { jsonFormat } from "./output-format.ts";
import { translateInput } from "./responses-input.ts";
import { type ReplyForm, renderResponses } from "./responses-render.ts";
import { createResponsesStream } from "./responses-stream.ts";
import { type ResponsesTools, translateResponsesTools } from "./responses-tools.ts";
import { translateSampling, translateStop, translateStream } from "./sampling.ts";
import { templateVariables } from "./template-variables.ts";
import type { ParseOptions, RequestFault, RequestFaults, Translation } from "./translation.ts";

const SALVAGE: Salvage = {
	placeholders: { model: "-", input: "-" },
	companions: { tools: ["tool_choice"] },
};

/** Reads the body of a responses request. */
export function parseResponses(
	body: unknown,
	options: ParseOptions,
): Result<Translation<ResponsesReply>, RequestFaults> {
	return readBody({ schema: responsesRequestSchema, salvage: SALVAGE, translate: translateResponses }, body, options);
}

function translateResponses(
	request: ResponsesRequest,
	options: ParseOptions,
	faults: RequestFault[],
): Translation<ResponsesReply> {
	refuseUnsupported(request, faults);
	const tools = translateResponsesTools(request, faults);
	const wantsLogprobs = (request.include ?? []).includes("message.output_text.logprobs");
	const variables = templateVariables(
		{ effort: request.reasoning?.effort, verbosity: request.text?.verbosity, kwargs: request.chat_template_kwargs },
		faults,
	);
	const generate: GenerateRequest = {
		kind: "generate",
		prompt: {
			kind: "chat",
			messages: translateInput(request.input, request.instructions ?? null, faults),
			tools: tools.tools,
			toolChoice: tools.toolChoice,
			parallelToolCalls: request.parallel_tool_calls ?? true,
		},
		maxTokens: request.max_output_tokens ?? null,
		sampling: translateSampling(request, faults),
		stop: translateStop(request.stop),
		choices: 1,
		topLogprobs: wantsLogprobs ? (request.top_logprobs ?? 0) : null,
		format: translateFormat(request.text?.format ?? null),
		echo: false,
		...(variables === null ? {} : { templateVariables: variables }),
	};
	const form: ReplyForm = { echo: tellRequest(request, tools), offered: tools.offered, wantsLogprobs };
	const isStreamed = translateStream(request, options, faults) !== null;
	return {
		model: request.model,
		requests: [generate],
		stream: isStreamed ? (context) => createResponsesStream(form, context) : null,
		render: (results, context) => renderResponses(results, form, context),
	};
}

/** What would change the answer and can't be done is refused, never ignored. */
function refuseUnsupported(request: ResponsesRequest, faults: RequestFault[]): void {
	const asked = { ...request, background: request.background === true ? true : null };
	const reasons = {
		previous_response_id: "nothing is kept here between requests; send the whole conversation in 'input'",
		conversation: "nothing is kept here between requests; send the whole conversation in 'input'",
		prompt: "there are no stored prompts here; write it out in 'instructions' and 'input'",
		background: "nothing is kept here between requests; for work that may wait, use a batch",
		moderation: "there is no moderation here; leave it out",
	} as const;
	for (const field of ["previous_response_id", "conversation", "prompt", "background", "moderation"] as const) {
		if (asked[field] === undefined || asked[field] === null) continue;
		faults.push({
			message: `Unsupported parameter: '${field}': ${reasons[field]}.`,
			param: field,
			code: "unsupported_parameter",
		});
	}
}

function translateFormat(format: ResponsesFormatParam | null): OutputFormat {
	switch (format?.type) {
		case undefined:
		case "text":
			return { kind: "text" };
		case "json_object":
			return jsonFormat(null);
		case "json_schema":
			return jsonFormat(format.schema);
		default:
			return assertNever(format);
	}
}

/** The request as it was understood, for the reply to say again. */
function tellRequest(request: ResponsesRequest, tools: ResponsesTools): ReplyForm["echo"] {
	return {
		background: false,
		instructions: request.instructions ?? null,
		max_output_tokens: request.max_output_tokens ?? null,
		max_tool_calls: request.max_tool_calls ?? null,
		metadata: request.metadata ?? {},
		parallel_tool_calls: request.parallel_tool_calls ?? true,
		previous_response_id: null,
		prompt_cache_key: request.prompt_cache_key ?? null,
		reasoning: { effort: request.reasoning?.effort ?? null, summary: request.reasoning?.summary ?? null },
		safety_identifier: request.safety_identifier ?? null,
		service_tier: null,
		store: false,
		temperature: request.temperature ?? 1,
		text: { format: request.text?.format ?? { type: "text" }, verbosity: request.text?.verbosity ?? null },
		tool_choice: request.tool_choice ?? "auto",
		tools: tools.understood,
		top_logprobs: request.top_logprobs ?? 0,
		top_p: request.top_p ?? 1,
		truncation: "disabled",
		user: request.user ?? null,
	};
}
