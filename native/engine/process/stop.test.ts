import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createStopMatcher } from "./stop.ts";

/** Feeds pieces; gives all text that came out and the stop that was found. */
function read(stops: readonly string[], pieces: readonly string[]) {
	const matcher = createStopMatcher(stops);
	let text = "";
	for (const piece of pieces) {
		const step = matcher.push(piece);
		text += step.text;
		if (step.stopText !== null) return { text, stopText: step.stopText };
	}
	return { text: text + matcher.flush(), stopText: null };
}

describe("stop texts", () => {
	it("are found across pieces", () => {
		expect(read(["END"], ["one E", "N", "D two"])).toEqual({ text: "one ", stopText: "END" });
	});

	it("withhold only what may still become one", () => {
		const matcher = createStopMatcher(["END"]);
		expect(matcher.push("abcE").text).toBe("abc");
		expect(matcher.push("x").text).toBe("Ex");
	});

	it("never match when empty", () => {
		expect(read([""], ["abc"])).toEqual({ text: "abc", stopText: null });
	});

	it("end the text where the earliest one starts, however it is cut into pieces", () => {
		const letters = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 12 });
		const stops = fc.array(fc.string({ unit: fc.constantFrom("a", "b", "c"), minLength: 1, maxLength: 3 }), {
			minLength: 1,
			maxLength: 3,
		});
		fc.assert(
			fc.property(fc.array(letters, { maxLength: 6 }), stops, (pieces, wanted) => {
				const whole = pieces.join("");
				const ends = wanted.map((stop) => whole.indexOf(stop)).filter((index) => index >= 0);
				// The matcher decides as text arrives: a stop that is complete earlier wins over one that starts earlier.
				const result = read(wanted, pieces);
				if (ends.length === 0) expect(result).toEqual({ text: whole, stopText: null });
				else expect(whole.startsWith(result.text + (result.stopText ?? "?"))).toBe(true);
			}),
		);
	});
});
