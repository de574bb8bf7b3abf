/** `/v1/responses`: the reply, and the parts of an answer that its items are made of. */
import { assertNever } from "../../base/base.ts";
import type {
	ResponsesError,
	ResponsesItemStatus,
	ResponsesLogprobs,
	ResponsesOutputItem,
	ResponsesReply,
	ResponsesUsage,
} from "../../contract/contract.ts";
import type { Choice, EngineResult, GenerateResult, TokenLogprob, ToolCall } from "../request.ts";
import { renderChatLogprobs } from "./chat-render.ts";
import { customInput, type OfferedTool } from "./responses-tools.ts";
import type { RenderContext } from "./translation.ts";
import { expectGenerated } from "./usage.ts";

type OwnKey = "id" | "object" | "created_at" | "completed_at" | "model" | keyof Outcome;

/** What the reply takes from the request. */
export interface ReplyForm {
	/** Said again as it was understood. */
	readonly echo: Omit<ResponsesReply, OwnKey>;
	/** Tools by the names the model knows them by. */
	readonly offered: ReadonlyMap<string, OfferedTool>;
	readonly wantsLogprobs: boolean;
}

/** What became of a reply so far. */
export type Outcome = Pick<ResponsesReply, "status" | "error" | "incomplete_details" | "output" | "usage">;

/** What one item of the answer is made of, in the engine's words. */
export type Part =
	| { readonly kind: "reasoning"; readonly text: string }
	| { readonly kind: "message"; readonly text: string; readonly logprobs: readonly TokenLogprob[] }
	| { readonly kind: "call"; readonly call: ToolCall };

/** Writes the whole reply. */
export function renderResponses(
	results: readonly EngineResult[],
	form: ReplyForm,
	context: RenderContext,
): ResponsesReply {
	const { result, choice } = onlyAnswer(results);
	const isCut = choice.finishReason === "length";
	const parts = partsOf(choice);
	const output = parts.map((part, index) => {
		const status = isCut && index === parts.length - 1 ? "incomplete" : "completed";
		return renderItem(part, index, status, form, context);
	});
	return renderReply(form, context, {
		status: isCut ? "incomplete" : "completed",
		error: null,
		incomplete_details: isCut ? { reason: "max_output_tokens" } : null,
		output,
		usage: renderResponsesUsage(result, context.includeCachedTokens),
	});
}

/** The one result and the one answer that a responses request has; anything else is a bug of whoever ran it. */
export function onlyAnswer(results: readonly EngineResult[]): {
	readonly result: GenerateResult;
	readonly choice: Choice;
} {
	const [result] = expectGenerated(results);
	const choice = result?.choices[0];
	if (result === undefined || choice === undefined) throw new Error("A responses request was given no answer.");
	return { result, choice };
}

/** Puts what became of a reply into its form. */
export function renderReply(form: ReplyForm, context: RenderContext, outcome: Outcome): ResponsesReply {
	return {
		id: context.id,
		object: "response",
		created_at: context.createdSeconds,
		completed_at: null,
		model: context.model,
		...outcome,
		...form.echo,
	};
}

/** Why a reply failed, as the reply says it. */
export function failedOutcome(error: ResponsesError, output: ResponsesReply["output"]): Outcome {
	return { status: "failed", error, incomplete_details: null, output, usage: null };
}

/** The parts of an answer, in the order models write them. A message without text is left out where there is anything else. */
export function partsOf(choice: Choice): readonly Part[] {
	const parts: Part[] = [];
	if (choice.reasoning !== null && choice.reasoning !== "") parts.push({ kind: "reasoning", text: choice.reasoning });
	if (choice.text !== "" || (parts.length === 0 && choice.toolCalls.length === 0)) {
		parts.push({ kind: "message", text: choice.text, logprobs: choice.logprobs ?? [] });
	}
	return [...parts, ...choice.toolCalls.map((call) => ({ kind: "call", call }) as const)];
}

/** Writes one item. Its id follows from the reply's and its place, so that equal answers have equal ids. */
export function renderItem(
	part: Part,
	index: number,
	status: ResponsesItemStatus,
	form: ReplyForm,
	context: RenderContext,
): ResponsesOutputItem {
	const id = (prefix: string) => `${prefix}_${context.id.replace(/^resp_/, "")}_${index}`;
	switch (part.kind) {
		case "reasoning": {
			const content = [{ type: "reasoning_text", text: part.text }] as const;
			return { type: "reasoning", id: id("rs"), status, summary: [], content };
		}
		case "message": {
			const logprobs = form.wantsLogprobs ? { logprobs: renderLogprobs(part.logprobs) } : {};
			const content = [{ type: "output_text", text: part.text, annotations: [], ...logprobs }] as const;
			return { type: "message", id: id("msg"), status, role: "assistant", content };
		}
		case "call": {
			const { call } = part;
			const { isCustom, name, namespace } = form.offered.get(call.name) ?? {
				isCustom: false,
				name: call.name,
				namespace: null,
			};
			const called = { status, call_id: call.id, name, ...(namespace === null ? {} : { namespace }) } as const;
			if (isCustom) {
				return { type: "custom_tool_call", id: id("ctc"), ...called, input: customInput(call.argumentsJson) };
			}
			return { type: "function_call", id: id("fc"), ...called, arguments: call.argumentsJson };
		}
		default:
			return assertNever(part);
	}
}

/** Log probabilities as they stand beside a text. */
export function renderLogprobs(logprobs: readonly TokenLogprob[]): ResponsesLogprobs {
	return renderChatLogprobs(logprobs)?.content ?? [];
}

function renderResponsesUsage(result: GenerateResult, includeCachedTokens: boolean): ResponsesUsage {
	const { promptTokens, completionTokens } = result;
	return {
		input_tokens: promptTokens,
		input_tokens_details: { cached_tokens: includeCachedTokens ? result.cachedTokens : 0, cache_write_tokens: 0 },
		output_tokens: completionTokens,
		output_tokens_details: { reasoning_tokens: result.reasoningTokens },
		total_tokens: promptTokens + completionTokens,
	};
}
