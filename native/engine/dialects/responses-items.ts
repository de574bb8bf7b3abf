/** `/v1/responses`: the items of an answer while it grows, one after another; an item is closed when the next begins. */
import { assertNever } from "../../base/base.ts";
import type { ResponsesItemStatus, ResponsesOutputItem } from "../../contract/contract.ts";
import type { TokenLogprob } from "../request.ts";
import { beginItem, endItem, growItem, type UnnumberedEvent } from "./responses-item-events.ts";
import { type Part, type ReplyForm, renderItem, renderLogprobs } from "./responses-render.ts";
import type { RenderContext } from "./translation.ts";

/** The items of one answer. All functions give what a stream says of the change. */
export interface GrowingItems {
	/** Begins an item of a part that is still empty, after closing the one before. */
	begin(empty: Part): readonly UnnumberedEvent[];
	/** Adds to the item under way. Nothing is said where nothing is added. */
	grow(piece: string, logprobs: readonly TokenLogprob[]): readonly UnnumberedEvent[];
	/** Closes the item under way, if there is one. */
	close(status: ResponsesItemStatus): readonly UnnumberedEvent[];
	/** What is under way, and the length of its text so far; null: nothing is. */
	readonly underWay: { readonly kind: Part["kind"]; readonly length: number } | null;
	/** All items; one under way is told as incomplete. */
	items(): readonly ResponsesOutputItem[];
}

interface OpenItem {
	readonly empty: Part;
	/** What was said of it at its beginning; has its id. */
	readonly item: ResponsesOutputItem;
	/** Grown with each piece; pieces of a call are of its arguments. */
	text: string;
	readonly logprobs: TokenLogprob[];
}

/** Starts with no item. */
export function createGrowingItems(form: ReplyForm, context: RenderContext): GrowingItems {
	const closed: ResponsesOutputItem[] = [];
	let open: OpenItem | null = null;

	function close(status: ResponsesItemStatus): readonly UnnumberedEvent[] {
		if (open === null) return [];
		const item = renderItem(wholePart(open), closed.length, status, form, context);
		open = null;
		closed.push(item);
		return endItem(item, closed.length - 1);
	}

	return {
		begin(empty) {
			const events = close("completed");
			const item = renderItem(empty, closed.length, "in_progress", form, context);
			open = { empty, item, text: "", logprobs: [] };
			return [...events, ...beginItem(item, closed.length)];
		},
		grow(piece, logprobs) {
			if (open === null) throw new Error("There is no item under way to add to.");
			if (piece === "" && logprobs.length === 0) return [];
			open.text += piece;
			open.logprobs.push(...logprobs);
			return growItem(open.item, closed.length, piece, form.wantsLogprobs ? renderLogprobs(logprobs) : []);
		},
		close,
		get underWay() {
			return open === null ? null : { kind: open.empty.kind, length: open.text.length };
		},
		items() {
			if (open === null) return [...closed];
			return [...closed, renderItem(wholePart(open), closed.length, "incomplete", form, context)];
		},
	};
}

function wholePart({ empty, text, logprobs }: OpenItem): Part {
	switch (empty.kind) {
		case "reasoning":
			return { kind: "reasoning", text };
		case "message":
			return { kind: "message", text, logprobs };
		case "call":
			return { kind: "call", call: { ...empty.call, argumentsJson: text } };
		default:
			return assertNever(empty);
	}
}
