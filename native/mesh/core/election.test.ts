import { describe, expect, test } from "vitest";
import { compareEpochs } from "./core.ts";
import { bootOf, epochOf, helloOf, hostInHand, ofKind, sent, takeInHand, WANT } from "./testing.ts";

const MESH = ["a", "b", "c"];

describe("standing (E1)", () => {
	test("a machine that hears nobody is host after eight seconds, and not before its term is on disk", () => {
		const a = takeInHand(bootOf("a", MESH));
		expect(ofKind(a.wait(8_000), "save-epoch")).toEqual([]);
		const stood = a.wait(500);
		expect(ofKind(stood, "save-epoch")).toMatchObject([{ ownTerm: 1 }]);
		expect(a.state.tenure).toBeNull();
		expect(ofKind(a.save(stood), "host-changed")).toEqual([
			{ kind: "host-changed", epoch: epochOf(1, "a"), cause: "silence" },
		]);
		expect(sent(a.wait(500), "hello").map(({ to, message }) => [to, message.hosting?.term])).toEqual([
			["b", 1],
			["c", 1],
		]);
	});

	test("it waits three seconds longer for each better candidate in hearing", () => {
		const c = takeInHand(bootOf("c", MESH));
		const others = (): void => {
			c.hear("a", helloOf());
			c.hear("b", helloOf());
		};
		expect(ofKind(c.wait(14_000, others), "save-epoch")).toEqual([]);
		expect(ofKind(c.wait(500, others), "save-epoch")).toHaveLength(1);
	});

	test("a handicap makes a machine wait for others, whatever their names", () => {
		const a = takeInHand(bootOf("a", MESH));
		a.tell({ kind: "handicap-changed", handicap: 1 });
		const other = (): void => void a.hear("b", helloOf());
		expect(ofKind(a.wait(11_000, other), "save-epoch")).toEqual([]);
		expect(ofKind(a.wait(500, other), "save-epoch")).toHaveLength(1);
	});

	test("nobody stands while a machine in hearing hears a host, but does once that was long ago", () => {
		const a = takeInHand(bootOf("a", MESH));
		let ageMs = 500;
		const vouching = (): void => void a.hear("b", helloOf({ witnessed: { epoch: epochOf(3, "c"), ageMs } }));
		expect(ofKind(a.wait(60_000, vouching), "host-changed")).toEqual([]);
		expect(a.state.claim).toBeNull();
		ageMs = 6_500;
		a.wait(1_000, vouching);
		expect(a.state.claim?.epoch).toEqual(epochOf(4, "a"));
	});

	test("a host of any epoch, heard with own ears, keeps it from standing", () => {
		const a = takeInHand(bootOf("a", MESH, { maxEpoch: epochOf(9, "b") }));
		a.wait(60_000, () => void a.hear("c", helloOf({ hosting: epochOf(2, "c"), epoch: epochOf(2, "c") })));
		expect(a.state.claim).toBeNull();
	});

	test("a term that was long on its way to the disk is void if a host was heard meanwhile", () => {
		const a = takeInHand(bootOf("a", MESH));
		const stood = a.wait(8_500);
		a.hear("b", helloOf({ hosting: epochOf(1, "b"), epoch: epochOf(1, "b") }));
		expect(ofKind(a.save(stood), "host-changed")).toEqual([]);
		expect(a.state).toMatchObject({ tenure: null, claim: null, ownTerm: 1 });
	});

	test("no term is claimed twice, over a crash either", () => {
		const a = takeInHand(bootOf("a", MESH, { ownTerm: 7, maxEpoch: epochOf(4, "b") }));
		expect(ofKind(a.wait(8_500), "save-epoch")).toMatchObject([{ ownTerm: 8 }]);
	});

	test("of two epochs of one term, all prefer the same", () => {
		expect(compareEpochs(epochOf(2, "a"), epochOf(2, "b"))).toBeGreaterThan(0);
		expect(compareEpochs({ ...epochOf(2, "a"), rank: 1 }, epochOf(2, "b"))).toBeLessThan(0);
		expect(compareEpochs(epochOf(3, "b"), epochOf(2, "a"))).toBeGreaterThan(0);
		expect(compareEpochs(epochOf(2, "a"), epochOf(2, "a"))).toBe(0);
	});
});

describe("contact (E2, E3)", () => {
	test("a host that meets one of a higher epoch lays down its office, and follows it", () => {
		const a = hostInHand("a", MESH);
		const met = a.hear("b", helloOf({ hosting: epochOf(2, "b"), epoch: epochOf(2, "b") }));
		expect(ofKind(met, "host-changed")).toEqual([{ kind: "host-changed", epoch: null }]);
		expect(a.state.witnessed?.epoch).toEqual(epochOf(2, "b"));
	});

	test("it does so too where another machine has just heard that host", () => {
		const a = hostInHand("a", MESH);
		a.hear("c", helloOf({ epoch: epochOf(2, "b"), witnessed: { epoch: epochOf(2, "b"), ageMs: 900 } }));
		expect(a.state.tenure).toBeNull();
	});

	test("it stays before one of a lower epoch (E6)", () => {
		const b = hostInHand("b", MESH, { ownTerm: 4 });
		b.hear("a", helloOf({ hosting: epochOf(2, "a"), epoch: epochOf(2, "a") }));
		expect(b.state.tenure?.epoch).toEqual(epochOf(5, "b"));
	});

	test("a higher epoch that nobody holds makes it take a term above it, with its leases", () => {
		const a = hostInHand("a", ["a", "b"]);
		a.append({ kind: "batch", batchId: "x", total: 10, model: "m" });
		a.hear("b", WANT);
		const heard = a.hear("b", helloOf({ epoch: epochOf(6, "b") }));
		expect(sent(a.hear("b", WANT), "grant")).toEqual([]);
		a.save(heard);
		expect(a.state.tenure?.epoch).toEqual(epochOf(7, "a"));
		expect(a.state.leases.size).toBe(1);
	});
});

describe("vouching (E4)", () => {
	test("a machine that has just started vouches for nobody, whatever it knew before", () => {
		const a = takeInHand(bootOf("a", MESH, { maxEpoch: epochOf(3, "b") }));
		expect(sent(a.wait(500), "hello").map(({ message }) => message.witnessed)).toEqual([null, null]);
	});

	test("hearsay is not passed on as heard", () => {
		const a = takeInHand(bootOf("a", MESH));
		a.hear("b", helloOf({ epoch: epochOf(3, "c"), witnessed: { epoch: epochOf(3, "c"), ageMs: 10 } }));
		const [hello] = sent(a.wait(500), "hello");
		expect(hello?.message).toMatchObject({ epoch: epochOf(3, "c"), witnessed: null });
	});
});

describe("gaps (E5)", () => {
	test.each([
		["where the monotonic clock stands still meanwhile", false],
		["where it goes on", true],
	])("a host that slept lays down its office before it hears anything, %s", (_, isCounted) => {
		const a = hostInHand("a", MESH);
		a.stand(20_000, isCounted);
		const heard = a.hear("c", helloOf({ epoch: epochOf(2, "b") }));
		expect(ofKind(heard, "host-changed")).toEqual([{ kind: "host-changed", epoch: null }]);
		expect(a.state.claim).toBeNull();
	});

	test("what was heard before is forgotten, and silence counts anew", () => {
		const a = takeInHand(bootOf("a", MESH));
		a.wait(6_000, () => void a.hear("b", helloOf({ hosting: epochOf(1, "b"), epoch: epochOf(1, "b") })));
		a.stand(30_000, false);
		a.wait(500);
		expect(ofKind(a.wait(8_000), "save-epoch")).toEqual([]);
		expect(a.state.witnessed).toBeNull();
		expect(ofKind(a.wait(500), "save-epoch")).toHaveLength(1);
	});

	test("a wall clock set back by more than that is one too: a sleep may hide in it", () => {
		const a = takeInHand(bootOf("a", MESH));
		a.wait(6_000, () => void a.hear("b", helloOf({ hosting: epochOf(1, "b"), epoch: epochOf(1, "b") })));
		a.stand(-300_000, false);
		a.wait(500);
		expect(a.state.witnessed).toBeNull();
		expect(ofKind(a.wait(8_000), "save-epoch")).toEqual([]);
	});

	test("work in hand goes on", () => {
		const a = takeInHand(bootOf("a", MESH));
		a.tell({ kind: "worker-changed", isReady: true, models: ["m"], linesPerSecond: 1 });
		const grant = { kind: "grant", epoch: epochOf(1, "b"), leaseId: "l", batchId: "x", lines: [[0, 3]] } as const;
		expect(ofKind(a.hear("b", grant), "start-slice")).toHaveLength(1);
		a.stand(30_000, true);
		a.wait(500);
		expect(a.state.worker.slices.map(({ leaseId }) => leaseId)).toEqual(["l"]);
	});
});

describe("giving the office away (E6, E7)", () => {
	test("a host told to hand over grants nothing more, and yields once the other has all it had", () => {
		const a = hostInHand("a", ["a", "b"]);
		a.append({ kind: "batch", batchId: "x", total: 10, model: "m" });
		a.sync();
		a.hear("b", helloOf());
		a.tell({ kind: "hand-over", to: "b" });
		a.append({ kind: "other" });
		a.sync();
		expect(sent(a.hear("b", WANT), "grant")).toEqual([]);
		expect(sent(a.hear("b", helloOf()), "yield")).toEqual([]);
		const yielded = a.hear("b", helloOf({ durable: { "a/1": 1 } }));
		expect(sent(yielded, "yield")).toMatchObject([{ to: "b", message: { epoch: epochOf(1, "a") } }]);
		expect(a.state.tenure).toBeNull();
	});

	test("a follower that is yielded to stands at once, under a higher term", () => {
		const b = takeInHand(bootOf("b", ["a", "b"]));
		b.wait(3_000, () => void b.hear("a", helloOf({ hosting: epochOf(1, "a"), epoch: epochOf(1, "a") })));
		b.save(b.hear("a", { kind: "yield", epoch: epochOf(1, "a") }));
		expect(b.state.tenure?.epoch).toEqual(epochOf(2, "b"));
	});

	test("a yield that comes after a later host was heard of is too late", () => {
		const b = takeInHand(bootOf("b", MESH, { maxEpoch: epochOf(3, "c") }));
		expect(b.hear("a", { kind: "yield", epoch: epochOf(1, "a") })).toEqual([]);
		expect(b.state.claim).toBeNull();
	});

	test("a hand-over to a machine that goes silent is given up", () => {
		const a = hostInHand("a", ["a", "b"]);
		a.append({ kind: "other" });
		a.sync();
		a.hear("b", helloOf());
		a.tell({ kind: "hand-over", to: "b" });
		expect(a.state.tenure?.handOver).toMatchObject({ to: "b" });
		a.wait(7_000);
		expect(a.state.tenure).toMatchObject({ epoch: epochOf(1, "a"), handOver: null });
	});

	test("a host that leaves yields to somebody in hearing and says goodbye", () => {
		const a = hostInHand("a", MESH);
		a.hear("b", helloOf());
		a.hear("c", helloOf());
		const left = a.tell({ kind: "leaving" });
		expect(sent(left, "yield").map(({ to }) => to)).toEqual(["b"]);
		expect(sent(left, "goodbye").map(({ to }) => to)).toEqual(["b", "c"]);
	});
});

describe("the owner's wish", () => {
	test("a machine that may not be host never stands, however long it hears nobody", () => {
		const a = takeInHand(bootOf("a", MESH, { mayHost: false }));
		expect(ofKind(a.wait(120_000), "save-epoch")).toEqual([]);
	});

	test("it is not waited for by others, nor given the office by one that leaves", () => {
		const members = MESH.map((device) => ({ device, rank: 0, mayHost: device !== "a" }));
		const b = hostInHand("b", MESH, { members });
		b.hear("a", helloOf());
		b.hear("c", helloOf());
		expect(sent(b.tell({ kind: "leaving" }), "yield").map(({ to }) => to)).toEqual(["c"]);
	});

	test("a host that may be none any more gives its office away, and lays it down where nobody can take it", () => {
		const alone = hostInHand("a", MESH);
		const laidDown = alone.tell({ kind: "hosting-changed", rank: 0, mayHost: false });
		expect(ofKind(laidDown, "host-changed")).toEqual([{ kind: "host-changed", epoch: null }]);
		const a = hostInHand("a", MESH);
		a.hear("b", helloOf());
		a.tell({ kind: "hosting-changed", rank: 0, mayHost: false });
		expect(sent(a.hear("b", helloOf()), "yield").map(({ to }) => to)).toEqual(["b"]);
	});
});

describe("strangers", () => {
	test("a machine that is no member is not listened to", () => {
		const a = hostInHand("a", ["a", "b"]);
		expect(a.hear("z", helloOf({ hosting: epochOf(9, "z"), epoch: epochOf(9, "z") }))).toEqual([]);
		expect(a.state.tenure?.epoch).toEqual(epochOf(1, "a"));
	});

	test("nor is one that was removed", () => {
		const a = hostInHand("a", ["a", "b"]);
		a.tell({ kind: "members-changed", members: [{ device: "a", rank: 0, mayHost: true }] });
		a.hear("b", helloOf({ hosting: epochOf(9, "b"), epoch: epochOf(9, "b") }));
		expect(a.state.tenure?.epoch).toEqual(epochOf(1, "a"));
	});
});
