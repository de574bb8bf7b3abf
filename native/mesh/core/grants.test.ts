import { describe, expect, test } from "vitest";
import { type Grant, LEASE_MS } from "./core.ts";
import { sliceSize } from "./grants.ts";
import {
	answersTo,
	bootOf,
	epochOf,
	type Hand,
	helloOf,
	hostInHand,
	ofKind,
	operationOf,
	sent,
	takeInHand,
	WANT,
} from "./testing.ts";

/** A host of two or three with one batch of so many lines. */
function hostWith(total: number, device = "a", members = ["a", "b"]): Hand {
	const host = hostInHand(device, members);
	host.append({ kind: "batch", batchId: "x", total, model: "m" });
	for (const member of members) if (member !== device) host.hear(member, helloOf());
	return host;
}

function grantOf(hand: Hand, worker: string, want = WANT): Grant | null {
	return sent(hand.hear(worker, want), "grant")[0]?.message ?? null;
}

function done(hand: Hand, lines: Grant["lines"], sequence: number): void {
	const operation = operationOf("b/1", sequence, answersTo("x", lines));
	hand.hear("b", { kind: "operations", operations: [operation] });
}

describe("slices", () => {
	test("last a minute, shrink to a worker's share of what is left towards the end, and last two seconds at least", () => {
		expect(sliceSize(1_000_000, { linesPerSecond: 10 }, 2)).toBe(600);
		expect(sliceSize(1_000_000, { linesPerSecond: 1_000 }, 2)).toBe(5_000);
		expect(sliceSize(100, { linesPerSecond: 10 }, 2)).toBe(25);
		expect(sliceSize(60, { linesPerSecond: 10 }, 2)).toBe(20);
		expect(sliceSize(7, { linesPerSecond: 10 }, 2)).toBe(7);
		expect(sliceSize(2, { linesPerSecond: 0.1 }, 2)).toBe(1);
		expect(sliceSize(0, { linesPerSecond: 10 }, 2)).toBe(0);
	});

	test("a host at an even place begins at the front, one at an odd place at the back", () => {
		expect(grantOf(hostWith(40), "b")?.lines).toEqual([[0, 10]]);
		expect(grantOf(hostWith(40, "b"), "a")?.lines).toEqual([[30, 10]]);
	});

	test("no line is granted to two workers while there are others", () => {
		const a = hostWith(12, "a", ["a", "b", "c"]);
		expect(grantOf(a, "b")?.lines).toEqual([[0, 2]]);
		expect(grantOf(a, "c")?.lines).toEqual([[2, 2]]);
	});

	test("only machines that have the model get any", () => {
		expect(grantOf(hostWith(40), "b", { ...WANT, models: ["another"] })).toBeNull();
	});
});

describe("machines chosen for a batch", () => {
	function choose(hand: Hand, revision: number, only: readonly string[] | null, never: readonly string[]): void {
		hand.append({ kind: "chosen", batchId: "x", revision, only, never });
	}

	test("one that is forbidden gets no lines of it, not even its tail; later it may get them again", () => {
		const a = hostWith(40);
		choose(a, 1, null, ["b"]);
		expect(grantOf(a, "b")).toBeNull();
		choose(a, 2, null, []);
		expect(grantOf(a, "b")).not.toBeNull();
	});

	test("where some are named, no other gets any", () => {
		const a = hostWith(40, "a", ["a", "b", "c"]);
		choose(a, 1, ["c"], []);
		expect(grantOf(a, "b")).toBeNull();
		expect(grantOf(a, "c")).not.toBeNull();
	});

	test("a choice that was overruled before it arrived changes nothing", () => {
		const a = hostWith(40);
		choose(a, 2, null, []);
		const late = operationOf("b/1", 1, { kind: "chosen", batchId: "x", revision: 1, only: null, never: ["b"] });
		a.hear("b", { kind: "operations", operations: [late] });
		expect(grantOf(a, "b")).not.toBeNull();
	});
});

describe("the order of work", () => {
	test("is that of arrival until the host's own jobs say otherwise; batches they do not name stand still", () => {
		const a = hostWith(40);
		a.append({ kind: "batch", batchId: "y", total: 40, model: "m" });
		expect(grantOf(a, "b")?.batchId).toBe("x");
		a.tell({ kind: "work-ordered", batchIds: ["y"] });
		expect(grantOf(a, "b", { ...WANT, holding: ["1.a.0"] })?.batchId).toBe("y");
		a.tell({ kind: "work-ordered", batchIds: [] });
		expect(grantOf(a, "b", { ...WANT, finished: ["1.a.0", "1.a.1"] })).toBeNull();
	});
});

describe("leases", () => {
	test("who asks again gets the same lines, those with a result left out", () => {
		const a = hostWith(40);
		const first = grantOf(a, "b");
		done(a, [[0, 4]], 1);
		expect(grantOf(a, "b")).toEqual({ ...first, lines: [[4, 6]] });
	});

	test("who holds lines already gets others, but no more than two slices", () => {
		const a = hostWith(40);
		const holding = [grantOf(a, "b")?.leaseId ?? ""];
		const second = grantOf(a, "b", { ...WANT, holding });
		expect(second?.lines).toEqual([[10, 8]]);
		expect(grantOf(a, "b", { ...WANT, holding: [...holding, second?.leaseId ?? ""] })).toBeNull();
	});

	test("lines a worker says it did are not granted again while their results are under way", () => {
		const a = hostWith(40);
		const first = grantOf(a, "b");
		expect(grantOf(a, "b", { ...WANT, finished: [first?.leaseId ?? ""] })?.lines).toEqual([[10, 8]]);
	});

	test("a lease that nobody renews runs out, with patience for slow clocks; heartbeats renew it", () => {
		const a = hostWith(4, "a", ["a", "b", "c"]);
		const first = grantOf(a, "b");
		const slice = { leaseId: first?.leaseId ?? "", batchId: "x", lines: [[0, 1]] } as const;
		a.wait(LEASE_MS * 2, () => void a.hear("b", helloOf({ slices: [slice] })));
		expect(a.state.leases.size).toBe(1);
		a.wait(LEASE_MS * 1.2 - 1_000, () => void a.hear("b", helloOf()));
		expect(a.state.leases.size).toBe(1);
		a.wait(1_500, () => void a.hear("b", helloOf()));
		expect(a.state.leases.size).toBe(0);
	});

	test("a lease that is given back is free at once", () => {
		const a = hostWith(40);
		const first = grantOf(a, "b");
		a.hear("b", { kind: "release", leaseId: first?.leaseId ?? "" });
		expect(a.state.leases.size).toBe(0);
	});

	test("a new host does not give away what a worker of the one before works on", () => {
		const a = hostWith(40, "a", ["a", "b", "c"]);
		a.hear("b", helloOf({ slices: [{ leaseId: "1.z.0", batchId: "x", lines: [[0, 20]] }] }));
		expect(grantOf(a, "c")?.lines).toEqual([[20, 4]]);
	});
});

describe("what a worker says it works on", () => {
	test("is told as it was handed out, however many lines in between are done", () => {
		const b = takeInHand(bootOf("b", ["a", "b"]));
		b.tell({ kind: "worker-changed", isReady: true, models: ["m"], linesPerSecond: 1 });
		b.append({ kind: "batch", batchId: "x", total: 40, model: "m" });
		b.hear("a", { kind: "grant", epoch: epochOf(1, "a"), leaseId: "1.a.0", batchId: "x", lines: [[0, 40]] });
		b.append(
			answersTo("x", [
				[3, 1],
				[7, 2],
				[20, 1],
			]),
		);
		const told = sent(b.wait(1_000), "hello").map(({ message }) => message.slices);
		expect(told[0]).toEqual([{ leaseId: "1.a.0", batchId: "x", lines: [[0, 40]] }]);
	});
});

describe("the tail", () => {
	test("lines of a silent worker go to another at once", () => {
		const a = hostWith(2, "a", ["a", "b", "c"]);
		grantOf(a, "b");
		a.hear("c", { ...WANT });
		a.wait(6_500, () => void a.hear("c", helloOf()));
		a.hear("c", {
			kind: "operations",
			operations: [operationOf("c/1", 1, answersTo("x", [[1, 1]]))],
		});
		expect(grantOf(a, "c")?.lines).toEqual([[0, 1]]);
	});

	test("the last lines of a slow worker go to an idle one, once, and the slow one is told", () => {
		const a = hostWith(2, "a", ["a", "b", "c"]);
		const slow = grantOf(a, "b");
		done(a, [[1, 1]], 1);
		const hellos = (): void => {
			a.hear("b", helloOf({ slices: [{ leaseId: slow?.leaseId ?? "", batchId: "x", lines: [[0, 1]] }] }));
			a.hear("c", helloOf());
		};
		a.wait(3_000, hellos);
		expect(grantOf(a, "c")).toBeNull();
		a.wait(1_500, hellos);
		const answered = a.hear("c", WANT);
		expect(sent(answered, "grant")[0]?.message.lines).toEqual([[0, 1]]);
		expect(sent(answered, "shrink")).toMatchObject([{ to: "b", message: { leaseId: slow?.leaseId, lines: [[0, 1]] } }]);
	});

	test("while much is left, a slow worker keeps its lines", () => {
		const a = hostWith(2, "a", ["a", "b", "c"]);
		grantOf(a, "b");
		grantOf(a, "c");
		const hellos = (): void => {
			for (const worker of ["b", "c"]) a.hear(worker, helloOf());
		};
		a.wait(20_000, hellos);
		expect(grantOf(a, "c", { ...WANT, finished: ["1.a.1"] })).toBeNull();
	});
});

describe("the worker", () => {
	function follower(): Hand {
		const b = takeInHand(bootOf("b", ["a", "b"]));
		b.tell({ kind: "worker-changed", isReady: true, models: ["m"], linesPerSecond: 2 });
		b.hear("a", helloOf({ hosting: epochOf(2, "a"), epoch: epochOf(2, "a") }));
		return b;
	}
	const grant: Grant = { kind: "grant", epoch: epochOf(2, "a"), leaseId: "l", batchId: "x", lines: [[0, 3]] };

	test("asks the host in hearing for lines, with each heartbeat while it has room", () => {
		const b = follower();
		expect(sent(b.wait(2_000), "want").map(({ to, message }) => [to, message.linesPerSecond])).toEqual([
			["a", 2],
			["a", 2],
		]);
		b.hear("a", grant);
		expect(sent(b.wait(1_000), "want")).toMatchObject([{ message: { holding: ["l"] } }]);
		b.tell({ kind: "worker-changed", isReady: false, models: ["m"], linesPerSecond: 2 });
		expect(sent(b.wait(2_000), "want")).toEqual([]);
	});

	test("asks at once when there is room again", () => {
		const b = follower();
		b.tell({ kind: "worker-changed", isReady: false, models: ["m"], linesPerSecond: 2 });
		const ready = b.tell({ kind: "worker-changed", isReady: true, models: ["m"], linesPerSecond: 2 });
		expect(sent(ready, "want")).toHaveLength(1);
	});

	test("refuses a grant of an earlier host than one it knows of (E8)", () => {
		const b = follower();
		expect(b.hear("a", { ...grant, epoch: epochOf(1, "c") })).toEqual([]);
	});

	test("takes a second slice before the first is done, and gives a third back", () => {
		const b = follower();
		const [first, second, third] = ["l", "m", "n"].map((leaseId) => b.hear("a", { ...grant, leaseId }));
		expect(ofKind(first ?? [], "start-slice")).toHaveLength(1);
		expect(ofKind(second ?? [], "start-slice")).toHaveLength(1);
		expect(sent(third ?? [], "release")).toMatchObject([{ to: "a", message: { leaseId: "n" } }]);
	});

	test("hands in results whatever became of the lease, and says so when all are done", () => {
		const b = follower();
		b.hear("a", grant);
		b.append(answersTo("x", [[0, 3]]));
		const ended = b.tell({ kind: "slice-ended", leaseId: "l" });
		expect(sent(ended, "want")).toMatchObject([{ to: "a", message: { finished: ["l"] } }]);
		expect(ofKind(b.sync(), "send-operations")).toMatchObject([{ to: "a", origin: "b/1", first: 1, last: 1 }]);
	});

	test("gives back what it must leave", () => {
		const b = follower();
		b.hear("a", grant);
		b.tell({ kind: "worker-changed", isReady: false, models: [], linesPerSecond: 0 });
		expect(sent(b.tell({ kind: "slice-ended", leaseId: "l" }), "release")).toMatchObject([{ to: "a" }]);
	});

	test("of a host is helped without a frame", () => {
		const a = hostWith(40);
		const helped = a.tell({ kind: "worker-changed", isReady: true, models: ["m"], linesPerSecond: 1 });
		expect(ofKind(helped, "start-slice")).toMatchObject([{ slice: { lines: [[0, 10]] } }]);
	});
});
