import { describe, expect, test } from "vitest";
import { answersTo, bootOf, epochOf, helloOf, hostInHand, ofKind, operationOf, takeInHand } from "./testing.ts";

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

	test("a log is sent by the machine whose it is, and by others only to who lacks it for eight seconds", () => {
		const a = takeInHand(bootOf("a", ["a", "b", "c"], { operations: [operationOf("c/1", 1, OTHER)] }));
		const fromHost = helloOf({ hosting: epochOf(1, "b"), epoch: epochOf(1, "b") });
		const hear = () => ofKind(a.hear("b", fromHost), "send-operations");
		expect(hear()).toEqual([]);
		expect(
			ofKind(
				a.wait(7_500, () => hear()),
				"send-operations",
			),
		).toEqual([]);
		a.wait(500);
		expect(hear()).toEqual([{ kind: "send-operations", to: "b", origin: "c/1", first: 1, last: 1 }]);
	});

	test("the host passes others' logs on after four seconds, and so does everybody where no host is heard", () => {
		const operations = [operationOf("c/1", 1, OTHER)];
		const lone = takeInHand(bootOf("a", ["a", "b", "c"], { operations }));
		const host = hostInHand("a", ["a", "b", "c"], { operations });
		for (const hand of [lone, host]) {
			expect(ofKind(hand.hear("b", helloOf()), "send-operations")).toEqual([]);
			hand.wait(4_000);
			expect(ofKind(hand.hear("b", helloOf()), "send-operations")).toHaveLength(1);
		}
	});

	test("what goes on arriving is left to the machine whose it is", () => {
		const operations = Array.from({ length: 9 }, (_, at) => operationOf("c/1", at + 1, OTHER));
		const a = hostInHand("a", ["a", "b", "c"], { operations });
		for (let kept = 0; kept < 9; kept += 1) {
			expect(ofKind(a.hear("b", helloOf({ durable: { "c/1": kept } })), "send-operations")).toEqual([]);
			a.wait(3_500);
		}
	});

	test("once a log is passed on it goes on until all of it is there, in frames of bounded size", () => {
		const operations = Array.from({ length: 600 }, (_, at) => operationOf("c/1", at + 1, OTHER));
		const a = hostInHand("a", ["a", "b", "c"], { operations });
		const send = { kind: "send-operations", to: "b", origin: "c/1" };
		const hear = (kept: number) => ofKind(a.hear("b", helloOf({ durable: { "c/1": kept } })), "send-operations");
		expect(hear(20)).toEqual([]);
		a.wait(4_000);
		expect(hear(20)).toEqual([{ ...send, first: 21, last: 276 }]);
		expect(hear(276)).toEqual([{ ...send, first: 277, last: 532 }]);
		expect(hear(532)).toEqual([{ ...send, first: 533, last: 600 }]);
		expect(hear(600)).toEqual([]);
	});

	test("who comes back after a while is sent others' logs by those whose they are first", () => {
		const a = hostInHand("a", ["a", "b", "c"], { operations: [operationOf("c/1", 1, OTHER)] });
		a.hear("b", helloOf());
		a.wait(60_000);
		expect(ofKind(a.hear("b", helloOf()), "send-operations")).toEqual([]);
		a.wait(4_000);
		expect(ofKind(a.hear("b", helloOf()), "send-operations")).toHaveLength(1);
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
