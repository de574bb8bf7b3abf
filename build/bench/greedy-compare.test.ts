import { describe, expect, it } from "vitest";
import { compareAnswers, compareText, type Drawn, type GreedyAnswer, verdictOf } from "./greedy-compare.ts";

const rounding = 0.1;

/** A place where `first` was drawn and `second` was `gap` behind it. Empty text ends the answer. */
function drawn(first: string, second: string, gap: number): Drawn {
	const candidate = (text: string, logprob: number) => ({ bytes: [...Buffer.from(text)], id: null, logprob });
	return { ...candidate(first, -1), best: [candidate(first, -1), candidate(second, -1 - gap)] };
}

function answer(tokens: readonly Drawn[], isEnded = false): GreedyAnswer {
	return { tokens, isEnded };
}

describe("comparing greedy answers", () => {
	it("finds equal answers equal, also where only one side tells the token that ends them", () => {
		const ours = answer([drawn("a", "b", 2)], true);
		const theirs = answer([drawn("a", "b", 2.25), drawn("", "c", 3)], true);
		const comparison = compareAnswers(0, ours, theirs, rounding);
		expect(comparison).toEqual({ equalTokens: 2, difference: null, discrepancies: [0.25] });
		expect(verdictOf([comparison])).toBe("equal");
	});

	it("calls a turned tie of the same two candidates a near-tie and compares nothing behind it", () => {
		const ours = answer([drawn("a", "b", 2), drawn("x", "y", 0.03), drawn("p", "q", 5)]);
		const theirs = answer([drawn("a", "b", 2), drawn("y", "x", 0.04), drawn("z", "q", 5)]);
		const comparison = compareAnswers(3, ours, theirs, rounding);
		expect(comparison.difference).toMatchObject({ prompt: 3, position: 1, kind: "near-tie" });
		expect(comparison.difference?.discrepancy).toBeCloseTo(0.07);
		expect(comparison.discrepancies).toEqual([0]);
		expect(verdictOf([comparison])).toBe("equal but for near-ties");
	});

	it.each([
		["the sides are further apart than rounding explains", drawn("x", "y", 0.03), drawn("y", "x", 0.08)],
		["one side never considered the other's token", drawn("x", "w", 0.01), drawn("y", "x", 0.01)],
	])("calls a difference real where %s", (_, our, their) => {
		const comparison = compareAnswers(0, answer([our]), answer([their]), rounding);
		expect(comparison.difference?.kind).toBe("real");
		expect(verdictOf([comparison])).toBe("DIFFERENT");
	});

	it("sees a tie of three, where neither side's best two hold the other's token", () => {
		const third = (text: string, logprob: number) => ({ bytes: [...Buffer.from(text)], id: null, logprob });
		const [our, their] = [drawn("x", "w", 0.01), drawn("y", "w", 0.01)];
		const ours = answer([{ ...our, best: [...our.best, third("y", -1.02)] }]);
		const theirs = answer([{ ...their, best: [...their.best, third("x", -1.03)] }]);
		const { difference } = compareAnswers(0, ours, theirs, rounding);
		expect(difference?.kind).toBe("near-tie");
		expect(difference?.discrepancy).toBeCloseTo(0.05);
	});

	it("judges an end that our side does not tell by the other side's logits", () => {
		const ours = answer([], true);
		expect(compareAnswers(0, ours, answer([drawn("a", "", 0.05)]), rounding).difference?.kind).toBe("near-tie");
		expect(compareAnswers(0, ours, answer([drawn("a", "b", 0.05)]), rounding).difference?.kind).toBe("real");
	});

	it("calls an answer that goes on where the other was cut off a real difference", () => {
		const theirs = answer([drawn("a", "b", 0.01)]);
		expect(compareAnswers(0, answer([]), theirs, rounding).difference?.kind).toBe("real");
	});

	it("finds the first token a text differs at, across characters of several tokens", () => {
		const [head, tail] = ["é"].flatMap((text) => [...Buffer.from(text)]);
		const part = (byte: number | undefined): Drawn => ({ ...drawn("", "b", 0.05), bytes: [byte ?? 0] });
		const theirs = answer([drawn("a", "b", 1), part(head), part(tail), drawn("c", "d", 0.05)]);
		expect(compareText(0, "aéc", theirs, rounding).difference).toBeNull();
		expect(compareText(0, "aéd", theirs, rounding).difference).toMatchObject({ position: 3, kind: "near-tie" });
		expect(compareText(0, "aéce", theirs, rounding).difference).toMatchObject({ position: 4, kind: "real" });
	});
});
