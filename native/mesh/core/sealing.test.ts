import { describe, expect, test } from "vitest";
import { canonicalSeal, type Effect, type Fact, isEnded } from "./core.ts";
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

const BATCH: Fact = { kind: "batch", batchId: "x", total: 3, model: "m" };
const RESULTS = answersTo("x", [[0, 3]]);

function sealOf(digest: string, epoch = epochOf(1, "z"), round = 0): Fact {
	return { kind: "seal", batchId: "x", digest, epoch, outcome: "completed", round };
}

function built(host: Hand, digest: string, round = 0): readonly Effect[] {
	return host.tell({ kind: "output-built", batchId: "x", digest, outcome: "completed", round });
}

describe("ending a batch", () => {
	test("a host builds the output when every line has a result, once, and again if that failed", () => {
		const a = hostInHand("a", ["a", "b"]);
		a.append(BATCH);
		a.append(answersTo("x", [[0, 2]]));
		expect(ofKind(a.wait(1_000), "build-output")).toEqual([]);
		a.append(answersTo("x", [[2, 1]]));
		expect(ofKind(a.wait(2_000), "build-output")).toEqual([
			{ kind: "build-output", batchId: "x", outcome: "completed", round: 0 },
		]);
		a.tell({ kind: "duty-failed", batchId: "x" });
		expect(ofKind(a.wait(1_000), "build-output")).toHaveLength(1);
	});

	test("a batch whose time is over ends with what it has, and nothing more of it is handed out", () => {
		const a = hostInHand("a", ["a", "b"]);
		a.append(BATCH);
		a.append(answersTo("x", [[0, 1]]));
		a.tell({ kind: "batch-due", batchId: "x", round: 0, outcome: "expired" });
		a.hear("b", helloOf());
		expect(sent(a.hear("b", WANT), "grant")).toEqual([]);
		expect(ofKind(a.wait(1_000), "build-output")).toEqual([
			{ kind: "build-output", batchId: "x", outcome: "expired", round: 0 },
		]);
	});

	test("an output that was built is not sealed if lines were put back into its round meanwhile; it is built anew", () => {
		const a = hostInHand("a", ["a", "b"]);
		a.append(BATCH);
		a.append({ kind: "segment", batchId: "x", lines: [[0, 3]], errors: [[1, 2]], round: 0 });
		a.append({ kind: "retried", batchId: "x", round: 1, lines: [[1, 1]] });
		a.append({ kind: "segment", batchId: "x", lines: [[1, 1]], errors: [], round: 1 });
		expect(ofKind(a.wait(1_000), "build-output")).toHaveLength(1);
		a.append({ kind: "retried", batchId: "x", round: 1, lines: [[2, 1]] });
		expect(ofKind(built(a, "lacks a line", 1), "append-seal")).toEqual([]);
		a.append({ kind: "segment", batchId: "x", lines: [[2, 1]], errors: [], round: 1 });
		expect(ofKind(a.wait(1_000), "build-output")).toHaveLength(1);
		expect(ofKind(built(a, "whole", 1), "append-seal")).toMatchObject([{ seal: { digest: "whole", round: 1 } }]);
	});

	test("the end of an earlier round does not end the one after", () => {
		const a = hostInHand("a", ["a", "b"]);
		a.append(BATCH);
		a.append({ kind: "retried", batchId: "x", round: 1, lines: null });
		a.tell({ kind: "batch-due", batchId: "x", round: 0, outcome: "expired" });
		expect(ofKind(a.wait(2_000), "build-output")).toEqual([]);
	});

	test("it seals what was built under its epoch, and publishes once the seal is safe", () => {
		const a = hostInHand("a", ["a", "b"]);
		a.append(BATCH);
		a.append(RESULTS);
		a.wait(500);
		const [seal] = ofKind(built(a, "d"), "append-seal");
		expect(seal?.seal).toEqual({ digest: "d", epoch: epochOf(1, "a"), outcome: "completed", round: 0 });
		a.append(sealOf("d", epochOf(1, "a")));
		const heartbeat = (): void => void a.hear("b", helloOf({ durable: { "a/1": 2 } }));
		a.sync();
		expect(ofKind(a.wait(3_000, heartbeat), "append-published")).toEqual([]);
		a.hear("b", helloOf({ durable: { "a/1": 3 } }));
		expect(ofKind(a.wait(2_000), "append-published")).toMatchObject([
			{ digest: "d", seal: { origin: "a/1", sequence: 3 }, durability: { level: 2 } },
		]);
	});

	test("a host that was deposed while it built seals nothing", () => {
		const a = hostInHand("a", ["a", "b"]);
		a.append(BATCH);
		a.append(RESULTS);
		a.wait(500);
		a.hear("b", helloOf({ hosting: epochOf(5, "b"), epoch: epochOf(5, "b") }));
		expect(built(a, "d")).toEqual([]);
	});

	test("a new host publishes what the one before sealed (R2)", () => {
		const operations = [BATCH, RESULTS, sealOf("d")].map((fact, at) => operationOf("b/1", at + 1, fact));
		const a = takeInHand(bootOf("a", ["a", "b"], { operations }));
		a.save(a.wait(9_000));
		expect(ofKind(a.wait(5_000), "append-published")).toMatchObject([{ digest: "d", durability: { level: 1 } }]);
	});

	test("where the owner wants outputs on two disks, one is not enough to show them", () => {
		const operations = [BATCH, RESULTS, sealOf("d")].map((fact, at) => operationOf("a/1", at + 1, fact));
		const a = hostInHand("a", ["a", "b"], { operations, publishAt: "two" });
		expect(ofKind(a.wait(60_000), "append-published")).toEqual([]);
	});

	test("a cancelled batch is sealed with what it has", () => {
		const a = hostInHand("a", ["a", "b"]);
		a.append(BATCH);
		a.append({ kind: "cancel", batchId: "x", round: 0 });
		expect(ofKind(a.wait(500), "build-output")).toMatchObject([{ outcome: "cancelled" }]);
	});

	test("of two seals the published one counts, else that of the earlier host, else the lesser", () => {
		const a = takeInHand(bootOf("a", ["a", "b"]));
		const canonical = (): string | undefined => {
			const batch = a.state.batches.get("x");
			return batch === undefined ? undefined : canonicalSeal(batch)?.digest;
		};
		a.append(BATCH);
		a.append(sealOf("n", epochOf(4, "b")));
		a.append(sealOf("k", epochOf(4, "b")));
		expect(canonical()).toBe("k");
		a.append(sealOf("z", epochOf(2, "b")));
		expect(canonical()).toBe("z");
		a.append({ kind: "published", batchId: "x", digest: "n" });
		expect(canonical()).toBe("n");
		expect([...a.state.batches.values()].every(isEnded)).toBe(true);
	});

	test("a retry opens it again, and what was built before it is not its seal", () => {
		const a = hostInHand("a", ["a", "b"]);
		a.append(BATCH);
		a.append({ kind: "segment", batchId: "x", lines: [[0, 3]], errors: [[1, 1]], round: 0 });
		a.wait(500);
		a.append({ kind: "retried", batchId: "x", round: 1, lines: null });
		expect(a.state.batches.get("x")).toMatchObject({
			done: [
				[0, 1],
				[2, 1],
			],
			round: 1,
		});
		expect(built(a, "d")).toEqual([]);
		expect(ofKind(a.wait(1_000), "build-output")).toEqual([]);
		a.append({ kind: "segment", batchId: "x", lines: [[1, 1]], errors: [], round: 1 });
		expect(ofKind(a.wait(1_000), "build-output")).toMatchObject([{ round: 1 }]);
		expect(ofKind(built(a, "e", 1), "append-seal")).toMatchObject([{ seal: { digest: "e", round: 1 } }]);
	});
});
