import { describe, expect, test } from "vitest";
import { answersTo, bootOf, helloOf, ofKind, operationOf, takeInHand } from "./testing.ts";

const OTHER = { kind: "other" } as const;

describe("exchanging logs", () => {
	test("own operations leave only once they are on disk (R1)", () => {
		const a = takeInHand(bootOf("a", ["a", "b"]));
		a.append(OTHER);
		expect(ofKind(a.hear("b", helloOf()), "send-operations")).toEqual([]);
		expect(ofKind(a.sync(), "send-operations")).toEqual([
			{ kind: "send-operations", to: "b", origin: "a/1", first: 1, last: 1 },
		]);
	});

	test("what was sent is sent again only if it is not reported as kept for four seconds", () => {
		const a = takeInHand(bootOf("a", ["a", "b"]));
		a.append(OTHER);
		a.sync();
		expect(ofKind(a.hear("b", helloOf()), "send-operations")).toHaveLength(1);
		a.wait(3_500);
		expect(ofKind(a.hear("b", helloOf()), "send-operations")).toEqual([]);
		a.wait(500);
		expect(ofKind(a.hear("b", helloOf()), "send-operations")).toHaveLength(1);
		a.wait(5_000);
		expect(ofKind(a.hear("b", helloOf({ durable: { "a/1": 1 } })), "send-operations")).toEqual([]);
	});

	test("logs of third machines are passed on, in frames of bounded size", () => {
		const operations = Array.from({ length: 300 }, (_, at) => operationOf("c/1", at + 1, OTHER));
		const a = takeInHand(bootOf("a", ["a", "b", "c"], { operations }));
		expect(ofKind(a.hear("b", helloOf({ durable: { "c/1": 20 } })), "send-operations")).toEqual([
			{ kind: "send-operations", to: "b", origin: "c/1", first: 21, last: 276 },
		]);
	});

	test("operations are stored once and in order; what does not follow is left to come again", () => {
		const a = takeInHand(bootOf("a", ["a", "b"]));
		const [one, two, three] = [1, 2, 3].map((sequence) => operationOf("b/1", sequence, OTHER)) as [never, never, never];
		expect(ofKind(a.hear("b", { kind: "operations", operations: [two, three] }), "store")).toEqual([]);
		expect(ofKind(a.hear("b", { kind: "operations", operations: [one, two] }), "store")).toEqual([
			{ kind: "store", operations: [one, two] },
		]);
		expect(ofKind(a.hear("b", { kind: "operations", operations: [one, two, three] }), "store")).toEqual([
			{ kind: "store", operations: [three] },
		]);
	});

	test("a log with two operations in one place is reported and no longer exchanged", () => {
		const a = takeInHand(bootOf("a", ["a", "b", "c"], { operations: [operationOf("b/1", 1, OTHER)] }));
		const stranger = { ...operationOf("b/1", 2, OTHER), previous: "something else" };
		const heard = a.hear("c", { kind: "operations", operations: [stranger] });
		expect(ofKind(heard, "forked")).toEqual([{ kind: "forked", origin: "b/1", sequence: 2 }]);
		const next = operationOf("b/1", 2, OTHER);
		expect(ofKind(a.hear("c", { kind: "operations", operations: [next] }), "store")).toEqual([]);
		expect(ofKind(a.hear("c", helloOf()), "send-operations")).toEqual([]);
	});

	test("others having more of this machine's own log than it has itself means its disk was set back", () => {
		const a = takeInHand(bootOf("a", ["a", "b"]));
		const heard = a.hear("b", { kind: "operations", operations: [operationOf("a/1", 1, OTHER)] });
		expect(ofKind(heard, "forked")).toEqual([{ kind: "forked", origin: "a/1", sequence: 1 }]);
	});

	test("results that arrive before their batch count once it does", () => {
		const a = takeInHand(bootOf("a", ["a", "b", "c"]));
		const segment = operationOf("c/1", 1, answersTo("x", [[2, 3]]));
		a.hear("b", { kind: "operations", operations: [segment] });
		const batch = operationOf("b/1", 1, { kind: "batch", batchId: "x", total: 9, model: "m" });
		a.hear("b", { kind: "operations", operations: [batch] });
		expect(a.state.batches.get("x")).toMatchObject({ total: 9, doneCount: 3 });
	});
});
