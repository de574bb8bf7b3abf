import { describe, expect, it } from "vitest";
import { createReasoningSplitter, detectThinking, endsThinking } from "./reasoning.ts";

const STYLE = detectThinking("{{ '</think>' }}");

function read(pieces: readonly string[], startsThinking: boolean) {
	const splitter = createReasoningSplitter(STYLE, startsThinking);
	const steps = [...pieces.map((piece) => splitter.push(piece)), splitter.flush()];
	return {
		reasoning: steps.map((step) => step.reasoning).join(""),
		content: steps.map((step) => step.content).join(""),
	};
}

describe("thoughts", () => {
	it("are told from the answer, letter by letter", () => {
		const output = "<think>\nFirst, I look. \n</think>\n\nIt is 4.";
		expect(read([...output], false)).toEqual({ reasoning: "First, I look.", content: "It is 4." });
	});

	it("start at once where the prompt opened them", () => {
		expect(read([..."\nHm.</think>Yes"], true)).toEqual({ reasoning: "Hm.", content: "Yes" });
		expect(STYLE !== null && endsThinking(STYLE, "<|assistant|><think>\n")).toBe(true);
		expect(STYLE !== null && endsThinking(STYLE, "<think>\n\n</think>\n\n")).toBe(false);
	});

	it("are all there is when the answer is cut off", () => {
		expect(read(["<think>never ", "done"], false)).toEqual({ reasoning: "never done", content: "" });
	});

	it("are plain text later in an answer, and in models that do not think", () => {
		expect(read([..."Use <think> tags"], false)).toEqual({ reasoning: "", content: "Use <think> tags" });
		expect(createReasoningSplitter(null, false).push("<think>a</think>")).toEqual({
			reasoning: "",
			content: "<think>a</think>",
		});
	});
});
