/**
 * `/v1/responses`: the reply in pieces. Items stand in the order the model wrote them. Text that a model writes after a call is
 * thus an item of its own, though the reply in one piece, which does not know that order, has it with the text before the call.
 */
import type { ResponsesError, ResponsesReply } from "../../contract/contract.ts";
import type { Choice, Delta, TokenLogprob, ToolCallDelta } from "../request.ts";
import type { UnnumberedEvent } from "./responses-item-events.ts";
import { createGrowingItems, type GrowingItems } from "./responses-items.ts";
import { failedOutcome, onlyAnswer, type ReplyForm, renderReply, renderResponses } from "./responses-render.ts";
import type { RenderContext, ReplyFault, ReplyStream, StreamEvent } from "./translation.ts";

/** Starts the writer of one reply in pieces. */
export function createResponsesStream(form: ReplyForm, context: RenderContext): ReplyStream {
	const items = createGrowingItems(form, context);
	const answer = createAnswerWriter(items);
	let sequence = 0;

	const numbered = (events: readonly UnnumberedEvent[]): readonly StreamEvent[] =>
		events.map((event) => ({ event: event.type, data: { ...event, sequence_number: sequence++ } }));

	return {
		begin() {
			const response = renderReply(form, context, {
				status: "in_progress",
				error: null,
				incomplete_details: null,
				output: [],
				usage: null,
			});
			return numbered([
				{ type: "response.created", response },
				{ type: "response.in_progress", response },
			]);
		},
		push: (_request, delta) => numbered(answer.push(delta)),
		end(results) {
			const { choice } = onlyAnswer(results);
			const isCut = choice.finishReason === "length";
			const events = [...answer.catchUp(choice), ...items.close(isCut ? "incomplete" : "completed")];
			const response = inOrderOf(items.items(), renderResponses(results, form, context));
			return numbered([...events, { type: isCut ? "response.incomplete" : "response.completed", response }]);
		},
		fail(fault) {
			const response = renderReply(form, context, failedOutcome(renderError(fault), items.items()));
			return numbered([{ type: "response.failed", response }]);
		},
	};
}

/** Clients hold the last event's reply against the items they were given in pieces, so its items must be the same ones. */
function inOrderOf(items: ResponsesReply["output"], reply: ResponsesReply): ResponsesReply {
	const isSame =
		items.length === reply.output.length && items.every((item, index) => item.id === reply.output[index]?.id);
	return isSame ? reply : { ...reply, output: items };
}

function renderError({ message, status, code }: ReplyFault): ResponsesError {
	if (code === "context_length_exceeded") return { code, message };
	if (status === 429) return { code: "rate_limit_exceeded", message };
	return { code: status < 500 ? "invalid_prompt" : "server_error", message };
}

/** Puts an answer's deltas into items, and counts what came. */
interface AnswerWriter {
	push(delta: Delta): readonly UnnumberedEvent[];
	/** What the whole answer has beyond the deltas. */
	catchUp(choice: Choice): readonly UnnumberedEvent[];
}

function createAnswerWriter(items: GrowingItems): AnswerWriter {
	const seen = { reasoning: 0, text: 0, logprobs: 0, calls: 0 };
	/** Log probabilities that came before there was a text to put them to. */
	let held: readonly TokenLogprob[] = [];

	function writeReasoning(text: string): readonly UnnumberedEvent[] {
		seen.reasoning += text.length;
		const begun = items.underWay?.kind === "reasoning" ? [] : items.begin({ kind: "reasoning", text: "" });
		return [...begun, ...items.grow(text, [])];
	}

	function writeText(text: string): readonly UnnumberedEvent[] {
		const logprobs = held;
		held = [];
		seen.text += text.length;
		const begun = items.underWay?.kind === "message" ? [] : items.begin({ kind: "message", text: "", logprobs: [] });
		return [...begun, ...items.grow(text, logprobs)];
	}

	function writeCall({ index, id, name, argumentsJson = "" }: ToolCallDelta): readonly UnnumberedEvent[] {
		if (index === seen.calls - 1 && items.underWay?.kind === "call") return items.grow(argumentsJson, []);
		if (index !== seen.calls || id === undefined || name === undefined) {
			throw new Error(`A piece of call ${index} came after ${seen.calls} calls, or without its beginning.`);
		}
		seen.calls += 1;
		return [...items.begin({ kind: "call", call: { id, name, argumentsJson: "" } }), ...items.grow(argumentsJson, [])];
	}

	function push({ reasoning = "", text = "", logprobs = [], toolCalls = [] }: Delta): readonly UnnumberedEvent[] {
		seen.logprobs += logprobs.length;
		held = [...held, ...logprobs];
		return [
			...(reasoning === "" ? [] : writeReasoning(reasoning)),
			// Log probabilities may come after the text they are of; some tokens are no text at all.
			...(text !== "" || (held.length > 0 && items.underWay?.kind === "message") ? writeText(text) : []),
			...toolCalls.flatMap(writeCall),
		];
	}

	return {
		push,
		catchUp(choice) {
			const { underWay } = items;
			const current = underWay?.kind === "call" ? choice.toolCalls[seen.calls - 1] : undefined;
			const events = current === undefined ? [] : [...items.grow(current.argumentsJson.slice(underWay?.length), [])];
			const rest: Delta = {
				choice: 0,
				reasoning: (choice.reasoning ?? "").slice(seen.reasoning),
				text: choice.text.slice(seen.text),
				logprobs: (choice.logprobs ?? []).slice(seen.logprobs),
			};
			events.push(...push(rest));
			for (const [index, call] of choice.toolCalls.entries()) {
				if (index >= seen.calls) events.push(...writeCall({ index, ...call }));
			}
			// An answer of nothing is an answer too.
			if (items.underWay === null) events.push(...writeText(""));
			return events;
		},
	};
}
