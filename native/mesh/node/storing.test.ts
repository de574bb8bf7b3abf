import { expect, test, vi } from "vitest";
import { err, ok, silentLog } from "../../base/base.ts";
import type { StoredOp } from "../../ledger/log.ts";
import { createStoring, type StoringDeps } from "./storing.ts";

function operation(origin: string, sequence: number): StoredOp {
	const rest = { previous: "", hash: `${origin}${sequence}`, kind: "x", version: 1, body: "{}", atMs: 0 };
	return { origin, sequence, ...rest };
}

/** A way into a ledger that is a list; each operation needs the blob of its own hash. */
function setUp(change: Partial<StoringDeps> = {}) {
	const blobs = new Set<string>();
	const stored: string[] = [];
	const gone: string[] = [];
	const deps: StoringDeps = {
		log: silentLog,
		retryMs: 1,
		blobsOf: ({ hash }) => [{ digest: hash, sizeBytes: 1 }],
		hasBlob: (digest) => blobs.has(digest),
		async fetch({ digest }) {
			blobs.add(digest);
			return ok(undefined);
		},
		mayBeGone: () => true,
		async store(operations, missing) {
			for (const { hash } of operations) {
				if (!blobs.has(hash) && !missing.has(hash)) throw new Error(`The bytes of ${hash} are not here.`);
				stored.push(hash);
			}
			gone.push(...missing);
			return ok(undefined);
		},
		onStranded: () => {},
		onTooMany: () => {},
		...change,
	};
	return { storing: createStoring(deps), blobs, stored, gone };
}

test("operations are stored in their order, each after its bytes", async () => {
	const { storing, stored } = setUp();
	storing.take([operation("a", 1), operation("a", 2)]);
	storing.take([operation("a", 3)]);
	await expect.poll(() => stored).toEqual(["a1", "a2", "a3"]);
});

test("a log whose bytes can't be had yet waits, and holds up no other", async () => {
	let isBack = false;
	const { storing, blobs, stored } = setUp({
		async fetch({ digest }) {
			if (digest.startsWith("a") && !isBack) return err({ kind: "not-stored", message: "The disk is full." });
			blobs.add(digest);
			return ok(undefined);
		},
	});
	storing.take([operation("a", 1), operation("b", 1)]);
	await expect.poll(() => stored).toEqual(["b1"]);
	isBack = true;
	await expect.poll(() => stored).toEqual(["b1", "a1"]);
});

test("what the ledger can't take is tried again", async () => {
	const store = vi.fn<StoringDeps["store"]>(async () => ok(undefined));
	store.mockResolvedValueOnce(err("The disk is full."));
	const { storing } = setUp({ store });
	storing.take([operation("a", 1)]);
	await expect.poll(() => store.mock.calls.length).toBe(2);
});

test("bytes that nobody has count as gone once the logs say that they may be; before that they are waited for", async () => {
	let isDropped = false;
	let tries = 0;
	const { storing, stored, gone } = setUp({
		async fetch() {
			tries += 1;
			return err({ kind: "no-holder", message: "Nobody has it." });
		},
		mayBeGone: () => isDropped,
	});
	storing.take([operation("a", 1)]);
	await expect.poll(() => tries).toBeGreaterThan(4);
	expect(stored).toEqual([]);
	isDropped = true;
	await expect.poll(() => stored).toEqual(["a1"]);
	expect(gone).toEqual(["a1"]);
});

test("operations whose bytes stay out of reach for long are to be forgotten, so that their lines are run by others", async () => {
	const onStranded = vi.fn();
	let tries = 0;
	const { storing, stored } = setUp({
		async fetch({ digest }) {
			tries += 1;
			return err({ kind: tries === 4 ? "not-stored" : "no-holder", message: `Nobody has ${digest}.` });
		},
		mayBeGone: () => false,
		onStranded,
	});
	storing.take([operation("a", 1)]);
	await expect.poll(() => onStranded.mock.calls.length).toBe(1);
	// A disk that was full meanwhile is another trouble: the count began anew.
	expect([tries >= 12, stored]).toEqual([true, []]);
	storing.stop();
});

test("more than can be held is said, so that the thread starts anew instead of running out of memory", () => {
	const onTooMany = vi.fn();
	const { storing } = setUp({ onTooMany, store: () => new Promise(() => {}) });
	const many = Array.from({ length: 60_000 }, (_, at) => operation("a", at + 1));
	storing.take(many);
	expect(onTooMany).not.toHaveBeenCalled();
	storing.take(many);
	expect(onTooMany).toHaveBeenCalledOnce();
	storing.stop();
});
