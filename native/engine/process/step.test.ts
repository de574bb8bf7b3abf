import { describe, expect, it } from "vitest";
import { type Move, planBatchStep, planLiveStep, type StepLane } from "./step.ts";

interface NamedLane extends StepLane {
	readonly name: string;
}
const lane = (name: string, pendingCount: number): NamedLane => ({ name, pendingCount });
const told = (moves: readonly Move<NamedLane>[]) => moves.map(({ lane: { name }, count }) => `${name}:${count}`);
const batch = (lanes: readonly NamedLane[], stepTokens: number, rowAlignment = 1) =>
	told(planBatchStep(lanes, { stepTokens, rowAlignment }));
const live = (lanes: readonly NamedLane[]) => told(planLiveStep(lanes, { stepTokens: 64, passTokens: 512 }));

describe("a step of batch work", () => {
	it("moves all writing lanes by one token", () => {
		expect(batch([lane("a", 1), lane("b", 1), lane("c", 1)], 128)).toEqual(["a:1", "b:1", "c:1"]);
	});

	it("lets writers wait while prompts are read, and reads whole prompts as long as they fit", () => {
		expect(batch([lane("a", 1), lane("b", 60), lane("c", 90), lane("d", 50)], 128)).toEqual(["b:60", "d:50"]);
	});

	it("cuts a prompt that is too long for any step", () => {
		expect(batch([lane("a", 500), lane("b", 20)], 128)).toEqual(["a:128"]);
	});

	it("reads whole blocks of rows when many lanes are busy, and lets the rest of a prompt ride with the writers", () => {
		const writers = Array.from({ length: 7 }, (_, index) => lane(`w${index}`, 1));
		expect(batch([...writers, lane("a", 83)], 128, 4)).toEqual(["a:80"]);
		expect(batch([...writers, lane("a", 3)], 128, 4)).toHaveLength(8);
		expect(batch([...writers, lane("a", 3)], 128, 4).at(-1)).toBe("a:1");
		expect(batch([lane("w", 1), lane("a", 83)], 128, 4)).toEqual(["a:83"]);
	});
});

describe("a step of live work", () => {
	it("reads as much as one pass takes while nobody is being answered, and a short step's worth else", () => {
		expect(live([lane("a", 2_000)])).toEqual(["a:512"]);
		expect(live([lane("a", 2_000), lane("b", 1)])).toEqual(["b:1", "a:64"]);
	});

	it("reads the shortest prompt first, and gives what is left to the others", () => {
		expect(live([lane("book", 9_000), lane("completion", 100)])).toEqual(["completion:100", "book:412"]);
	});

	it("moves nobody where nobody is busy", () => {
		expect(live([])).toEqual([]);
	});
});
