/** `/v1/responses`: what a stream says of one item of the answer, from its beginning to its end. Pure; remembers nothing. */
import { assertNever } from "../../base/base.ts";
import type { ResponsesEvent, ResponsesLogprobs, ResponsesOutputItem } from "../../contract/contract.ts";

/** An event that has not been given its number yet. */
export type UnnumberedEvent = ResponsesEvent extends infer Event
	? Event extends ResponsesEvent
		? Omit<Event, "sequence_number">
		: never
	: never;

/** An item begins. `item` is empty and in progress; `index` is its place in the output. */
export function beginItem(item: ResponsesOutputItem, index: number): readonly UnnumberedEvent[] {
	const place = { item_id: item.id, output_index: index, content_index: 0 } as const;
	switch (item.type) {
		case "message":
		case "reasoning":
			return [
				{ type: "response.output_item.added", output_index: index, item: { ...item, content: [] } },
				...item.content.map((part) => ({ type: "response.content_part.added", ...place, part }) as const),
			];
		case "function_call":
		case "custom_tool_call":
			return [{ type: "response.output_item.added", output_index: index, item }];
		default:
			return assertNever(item);
	}
}

/**
 * A piece more of an item. The input of a custom tool says nothing until it is whole: what comes in pieces is its JSON, in which
 * the text is escaped.
 */
export function growItem(
	item: ResponsesOutputItem,
	index: number,
	delta: string,
	logprobs: ResponsesLogprobs,
): readonly UnnumberedEvent[] {
	const place = { item_id: item.id, output_index: index } as const;
	switch (item.type) {
		case "reasoning":
			return [{ type: "response.reasoning_text.delta", ...place, content_index: 0, delta }];
		case "message":
			return [{ type: "response.output_text.delta", ...place, content_index: 0, delta, logprobs }];
		case "function_call":
			return [{ type: "response.function_call_arguments.delta", ...place, delta }];
		case "custom_tool_call":
			return [];
		default:
			return assertNever(item);
	}
}

/** An item is over; `item` is whole. */
export function endItem(item: ResponsesOutputItem, index: number): readonly UnnumberedEvent[] {
	const place = { item_id: item.id, output_index: index } as const;
	const done = { type: "response.output_item.done", output_index: index, item } as const;
	switch (item.type) {
		case "reasoning": {
			const parts = item.content.flatMap((part) => [
				{ type: "response.reasoning_text.done", ...place, content_index: 0, text: part.text } as const,
				{ type: "response.content_part.done", ...place, content_index: 0, part } as const,
			]);
			return [...parts, done];
		}
		case "message": {
			const parts = item.content.flatMap((part) => {
				const { text, logprobs = [] } = part;
				return [
					{ type: "response.output_text.done", ...place, content_index: 0, text, logprobs } as const,
					{ type: "response.content_part.done", ...place, content_index: 0, part } as const,
				];
			});
			return [...parts, done];
		}
		case "function_call":
			return [{ type: "response.function_call_arguments.done", ...place, arguments: item.arguments }, done];
		case "custom_tool_call":
			return [
				...(item.input === "" ? [] : [customInputDelta(item.id, index, item.input)]),
				{ type: "response.custom_tool_call_input.done", ...place, input: item.input },
				done,
			];
		default:
			return assertNever(item);
	}
}

function customInputDelta(itemId: string, index: number, delta: string): UnnumberedEvent {
	return { type: "response.custom_tool_call_input.delta", item_id: itemId, output_index: index, delta };
}
