import { expect, test, vi } from "vitest";
import { silentLog } from "../../base/base.ts";
import { type Ledger, type Seal, sealDigest } from "../../ledger/ledger.ts";
import { epochOf } from "../core/testing.ts";
import type { ToNode } from "../node/messages.ts";
import { createEndings } from "./endings.ts";

const SEAL: Seal = { status: "completed", output: null, errors: null, extension: "jsonl" };
const DIGEST = sealDigest(SEAL);
const BODY = { digest: DIGEST, epoch: epochOf(3, "a"), outcome: "completed", round: 1 } as const;

function setUp(change: Partial<Pick<Ledger, "propose" | "publish">> = {}) {
	const told: ToNode[] = [];
	const onDue = vi.fn();
	const propose = vi.fn<Ledger["propose"]>(change.propose);
	const publish = vi.fn<Ledger["publish"]>(change.publish);
	const endings = createEndings({
		ledger: { propose, publish },
		log: silentLog,
		post: (message) => told.push(message),
		onDue,
	});
	return { endings, told, onDue, propose, publish };
}

/** All of its lines have results here. */
const BATCH = { id: "x", total: 10, completed: 9, failed: 1 };

const BUILD = { kind: "build-output", batchId: "x", outcome: "completed", round: 1 } as const;

test("a batch that is to be ended is built once, and its files are told by their name", () => {
	const { endings, told, onDue } = setUp();
	expect(endings.dueOf(BATCH)).toBeNull();
	endings.perform(BUILD);
	expect([endings.dueOf(BATCH), onDue.mock.calls.length]).toEqual(["completed", 1]);
	endings.built("x", SEAL);
	expect(told).toEqual([{ kind: "output-built", batchId: "x", digest: DIGEST, outcome: "completed", round: 1 }]);
	expect(endings.dueOf(BATCH)).toBeNull();
});

test("what was built is sealed under the epoch that the core says", async () => {
	const stored = { origin: "o", sequence: 1, previous: "", hash: "", kind: "seal", version: 1, body: "", atMs: 0 };
	const { endings, told, propose } = setUp({ propose: async () => stored });
	endings.perform(BUILD);
	endings.built("x", SEAL);
	endings.perform({ kind: "append-seal", batchId: "x", seal: BODY });
	await expect.poll(() => propose.mock.calls).toEqual([["x", SEAL, { epoch: epochOf(3, "a"), round: 1 }]]);
	expect(told.filter(({ kind }) => kind === "duty-failed")).toEqual([]);
});

test.each([
	["the disk is full", () => Promise.reject(new Error("full"))],
	["somebody else ended it meanwhile", async () => null],
])("where sealing comes to nothing since %s, it is asked for again", async (_, propose) => {
	const { endings, told } = setUp({ propose });
	endings.perform(BUILD);
	endings.built("x", SEAL);
	endings.perform({ kind: "append-seal", batchId: "x", seal: BODY });
	await expect.poll(() => told.at(-1)).toEqual({ kind: "duty-failed", batchId: "x" });
});

test("a seal of files that are not the ones built here is refused", async () => {
	const { endings, told, propose } = setUp();
	endings.perform(BUILD);
	endings.built("x", SEAL);
	endings.perform({ kind: "append-seal", batchId: "x", seal: { ...BODY, digest: "f".repeat(64) } });
	await expect.poll(() => told.at(-1)).toEqual({ kind: "duty-failed", batchId: "x" });
	expect(propose).not.toHaveBeenCalled();
});

test("building that failed is told, so that it is asked for again; of other batches nothing is told", () => {
	const { endings, told } = setUp();
	endings.failed("y");
	expect(told).toEqual([]);
	endings.perform(BUILD);
	endings.failed("x");
	expect([told, endings.dueOf(BATCH)]).toEqual([[{ kind: "duty-failed", batchId: "x" }], null]);
});

test("after another thread began, what the one before asked for is nobody's wish", () => {
	const { endings, told } = setUp();
	endings.perform(BUILD);
	endings.forget();
	endings.built("x", SEAL);
	expect([endings.dueOf(BATCH), told]).toEqual([null, []]);
});

test("a batch whose lines are all done is due once the ledger here has every result, not when the core has heard of them", () => {
	const { endings, onDue } = setUp();
	endings.perform(BUILD);
	expect(onDue).toHaveBeenCalledOnce();
	expect(endings.dueOf({ ...BATCH, completed: 8 })).toBeNull();
	expect(endings.dueOf(BATCH)).toBe("completed");
});

test("a batch that ends with what it has is due at once", () => {
	const { endings } = setUp();
	for (const outcome of ["cancelled", "expired", "failed"] as const) {
		endings.perform({ ...BUILD, outcome });
		expect(endings.dueOf({ ...BATCH, completed: 3 })).toBe(outcome);
	}
});
