import { readdirSync, utimesSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, it } from "vitest";
import { isEnded } from "./batch-status.ts";
import type { Ledger } from "./ledger.ts";
import type { BatchRecord } from "./records.ts";
import { collect, digestOf, indexOf, lineText, MODEL, makeBatch, resultOf, storeText } from "./testing/fixtures.ts";
import { type SqliteUnderTest, sqliteUnderTest } from "./testing/sqlite.ts";

const LINES = 4;
const DAY_MS = 86_400_000;
const FAULT = { param: null, line: null, code: "too_many_failures", message: "Too many." };
const FIGURES = { durationMs: 5, lines: 2, failed: 1, inputTokens: 3, outputTokens: 4 };

let test: SqliteUnderTest;

beforeEach(async () => {
	test = await sqliteUnderTest();
});

afterEach(() => test.dispose());

/** Something that may happen to a batch, whatever state it is in. */
type Act = (ledger: Ledger, batch: BatchRecord) => Promise<unknown>;

const atAnyTime: fc.Arbitrary<Act> = fc.oneof(
	fc
		.record({ line: fc.nat(LINES - 1), text: fc.constantFrom("a", "b"), isError: fc.boolean(), attempts: fc.nat(3) })
		.map(
			({ line, text, isError, attempts }): Act =>
				async (ledger, { id, total }) => {
					const result = resultOf(line, text, isError);
					const provenance = { ...result.provenance, attempts: attempts + 1, producedAtMs: test.clock.nowMs() };
					if (total > 0) await ledger.commit(id, [{ ...result, provenance }]);
				},
		),
	fc.constantFrom<Act>(
		(ledger, { id }) => ledger.adoptResults(id),
		(ledger, { id }) => ledger.countCrash(id, 1),
		(ledger, { id }) => ledger.settleRehearsal(id, FIGURES),
		(ledger, { id }) => ledger.queue(id, 1_000),
		(ledger, { id }) => ledger.pause(id, "user", ""),
		(ledger, { id }) => ledger.pause(id, "budget", "Used up."),
		(ledger, { id }) => ledger.resume(id),
		(ledger, { id }) => ledger.warn(id, "Late."),
		(ledger, { id }) => ledger.warn(id, null),
		(ledger, { id }) => ledger.giveUp(id, FAULT),
		(ledger, { id }) => ledger.cancel(id),
		(ledger, { id }) => ledger.markCollected(id),
		(ledger, { id }) =>
			ledger.recordStint({ batchId: id, machine: "m", fromMs: 5, toMs: 17, wattHours: 0.1, isMeasured: false }),
		(ledger, { manifest }) => ledger.deleteFile(manifest.inputFileId),
		(ledger, { id }) => ledger.notify("report", id, "Ready."),
		(ledger) => ledger.settleDelivery({ notice: 3, target: digestOf("x"), outcome: "given-up" }),
	),
);

const whenOpen: fc.Arbitrary<Act> = fc.constantFrom("completed", "expired", "cancelled", "failed").map(
	(status): Act =>
		async (ledger, { id, givenUp }) => {
			if (status === "failed" && givenUp === null) return;
			const output = await storeText(ledger, `output of ${status}`);
			await ledger.seal(id, { status, output, errors: null, extension: "jsonl" });
		},
);

const whenEnded: fc.Arbitrary<Act> = fc.oneof(
	fc.constantFrom<Act>(
		(ledger, { id }) => ledger.deleteBatch(id),
		(ledger, { id }) => ledger.retry(id, [0, 2], 1_000).catch(mustBeGone),
		// So that the next sweep drops it.
		(ledger, { id }) => ledger.markCollected(id),
		(ledger, { id }) => ledger.markCollected(id).then(() => sweep(0)),
	),
	// Most often, so that batches get a second life.
	fc.constant<Act>((ledger, { id }) => ledger.retry(id, "all", 1_000).catch(mustBeGone)),
);

function mustBeGone(error: unknown): void {
	expect(String(error)).toContain("were removed");
}

/** Lets blobs look old, so that a sweep takes all that nothing needs. */
async function sweep(keepCollectedMs: number): Promise<void> {
	const folder = join(test.dataDir, "blobs");
	const storedAt = new Date(test.clock.nowMs() - 2 * DAY_MS);
	for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
		if (/[0-9a-f]{64}$/.test(name)) utimesSync(join(folder, name), storedAt, storedAt);
	}
	await test.ledger.sweep({ keepCollectedMs, keepUnusedMs: DAY_MS });
}

/** Everything the ledger shows but bytes. */
function view() {
	const { ledger } = test;
	const page = { after: null, limit: 10_000, order: "desc" } as const;
	const time = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };
	const batches = ledger.batches({ ...page, surface: null, withHeld: true }).rows;
	return {
		batches,
		durations: batches.map((batch) => ledger.durations(batch.id)),
		files: ledger.files({ ...page, purpose: null }),
		work: ledger.workMinutes({ ...time, batchId: null }),
		stints: ledger.stints(time),
		notices: ledger.notices(0, 10_000),
		deliveries: ledger.deliveries(0),
		speed: ledger.modelSpeed(MODEL.digest),
	};
}

/** Finds the lines of open batches again, as the service does when it starts. */
async function validateAgain(ledger: Ledger): Promise<void> {
	for (const { id, status } of ledger.openBatches()) {
		if (status !== "validating") continue;
		const texts = Array.from({ length: LINES }, (_, line) => lineText(line));
		ledger.clearIndex(id);
		ledger.indexLines(id, indexOf(texts));
		await ledger.settleValidation(id, { kind: "valid", total: LINES, model: MODEL, notices: [] });
	}
}

/** What was handed out: all open lines of all open batches. */
function openLines(ledger: Ledger): (readonly number[])[] {
	return ledger.openBatches().map(({ id }) => {
		const lease = ledger.claim(id, LINES, 1_000);
		if (lease !== null) ledger.release(lease.token);
		return (lease?.lines ?? []).map((leased) => leased.line).sort();
	});
}

it("makes the same tables from the log alone, whatever was done before", { timeout: 60_000 }, async () => {
	const make = (isHeld: boolean) => (ledger: Ledger) =>
		makeBatch(ledger, LINES, { manifest: { rehearsal: isHeld ? { lines: 2, spread: false } : null } });
	const act = fc.oneof(
		{ weight: 8, arbitrary: fc.record({ which: fc.nat(2), do: atAnyTime }) },
		{ weight: 2, arbitrary: fc.record({ which: fc.nat(2), do: whenOpen }) },
		{ weight: 3, arbitrary: fc.record({ which: fc.nat(2), do: whenEnded, isEnded: fc.constant(true) }) },
		{ weight: 1, arbitrary: fc.record({ which: fc.constant(null), make: fc.boolean() }) },
		{ weight: 1, arbitrary: fc.record({ which: fc.constant(null), sweep: fc.constantFrom(3, 1_000_000) }) },
	);
	await fc.assert(
		fc.asyncProperty(fc.array(act, { minLength: 20, maxLength: 60 }), async (acts) => {
			const { ledger, clock } = test;
			const ids = [await make(false)(ledger), await make(true)(ledger), await make(false)(ledger)];
			for (const one of acts) {
				clock.advance(3);
				if ("make" in one) ids[0] = await make(one.make)(ledger);
				else if ("sweep" in one) await sweep(one.sweep);
				else {
					const batch = ledger.batch(ids[one.which] ?? "");
					if (batch === null || ("isEnded" in one && !isEnded(batch.status))) continue;
					await one.do(ledger, batch);
				}
			}
			expect(await collect(ledger.verify())).toEqual([]);
			await validateAgain(ledger);
			const before = { ...view(), open: openLines(ledger) };
			await ledger.rebuild();
			await validateAgain(ledger);
			expect({ ...view(), open: openLines(ledger) }).toEqual(before);
			expect(await collect(ledger.verify())).toEqual([]);
			expect(test.logged).toEqual([]);
		}),
		{ numRuns: 10 },
	);
});
