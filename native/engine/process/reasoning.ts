/** Splits what a thinking model wrote into its thoughts and its answer. Pure text work. */
import { longestOpenSuffix } from "./stop.ts";

/** How a model thinks. */
export interface ThinkingStyle {
	readonly opener: string;
	readonly closer: string;
}

/** One piece of output, told apart. */
export interface ReasoningStep {
	readonly reasoning: string;
	readonly content: string;
}

/** Tells thoughts from answer while the text grows. */
export interface ReasoningSplitter {
	push(piece: string): ReasoningStep;
	/** What was withheld when the output ended. */
	flush(): ReasoningStep;
	/** True while the model is thinking. */
	readonly thinking: boolean;
}

/** The style a template shows, or null for a model that does not think aloud. */
export function detectThinking(templateSource: string): ThinkingStyle | null {
	return templateSource.includes("</think>") ? { opener: "<think>", closer: "</think>" } : null;
}

/** Whether a rendered prompt ends inside a thinking block, so that the answer starts with thoughts. */
export function endsThinking(style: ThinkingStyle, promptTail: string): boolean {
	return promptTail.trimEnd().endsWith(style.opener);
}

/** A splitter that starts in thoughts or in the answer. A block that opens later than at the very start is plain text. */
export function createReasoningSplitter(style: ThinkingStyle | null, startsThinking: boolean): ReasoningSplitter {
	let state: "start" | "thinking" | "after" | "content" =
		style === null ? "content" : startsThinking ? "thinking" : "start";
	let held = "";
	let begun = false;

	const think = (style: ThinkingStyle): ReasoningStep => {
		if (!begun) {
			held = held.trimStart();
			begun = held.length > 0;
		}
		const end = held.indexOf(style.closer);
		if (end >= 0) {
			const reasoning = held.slice(0, end).trimEnd();
			held = held.slice(end + style.closer.length);
			state = "after";
			const rest = advance("");
			return { reasoning, content: rest.content };
		}
		// White space may turn out to be the last before the closer, which is not part of the thought.
		const open = longestOpenSuffix(held, [style.closer]);
		const keep = held.length - held.slice(0, held.length - open).trimEnd().length;
		const reasoning = held.slice(0, held.length - keep);
		held = held.slice(held.length - keep);
		return { reasoning, content: "" };
	};

	const start = (style: ThinkingStyle): ReasoningStep => {
		const text = held.trimStart();
		if (text.startsWith(style.opener)) {
			held = text.slice(style.opener.length);
			state = "thinking";
			return think(style);
		}
		if (style.opener.startsWith(text)) return { reasoning: "", content: "" };
		state = "content";
		return advance("");
	};

	const advance = (piece: string): ReasoningStep => {
		held += piece;
		if (style !== null && state === "thinking") return think(style);
		if (style !== null && state === "start") return start(style);
		if (state === "after") {
			held = held.trimStart();
			if (held.length === 0) return { reasoning: "", content: "" };
			state = "content";
		}
		const content = held;
		held = "";
		return { reasoning: "", content };
	};

	return {
		push: advance,
		flush() {
			const rest = held;
			held = "";
			if (state === "thinking") return { reasoning: rest.trimEnd(), content: "" };
			return { reasoning: "", content: state === "after" ? "" : rest };
		},
		get thinking() {
			return state === "thinking";
		},
	};
}
