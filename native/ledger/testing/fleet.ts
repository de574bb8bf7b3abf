/**
 * Several ledgers that exchange their logs as machines do, with whatever may happen to batches on any of them; for property tests
 * here and in the mesh. Must hold no assertions.
 */
import { copyFileSync, existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import SqliteDatabase from "better-sqlite3";
import fc from "fast-check";
import { isEnded } from "../batch-status.ts";
import { type StoredOp, sealDigest } from "../ledger.ts";
import { blobsOf } from "../op-blobs.ts";
import type { BatchRecord, Epoch, Seal } from "../records.ts";
import { makeBatch, resultOf, storeText } from "./fixtures.ts";
import { type SqliteUnderTest, sqliteUnderTest } from "./sqlite.ts";

/** Lines of each batch. */
export const FLEET_LINES = 5;

/** Copies the blobs that an operation needs, then stores it; answers whether it was stored. */
export async function deliver(from: SqliteUnderTest, to: SqliteUnderTest, ops: readonly StoredOp[]): Promise<boolean> {
	for (const op of ops) for (const { digest } of blobsOf(op)) copyBlob(from, to, digest);
	return (await to.ledger.exchange.store(ops)).ok;
}

/** Gives another folder a blob, if this one has it. */
export function copyBlob(from: SqliteUnderTest, to: SqliteUnderTest, digest: string): void {
	const path = join("blobs", digest.slice(0, 2), digest);
	if (!existsSync(join(from.dataDir, path)) || existsSync(join(to.dataDir, path))) return;
	mkdirSync(dirname(join(to.dataDir, path)), { recursive: true });
	copyFileSync(join(from.dataDir, path), join(to.dataDir, path));
}

/** Delivers up to `most` operations of each log that `to` lacks, those of a log in its order. */
export async function carry(from: SqliteUnderTest, to: SqliteUnderTest, most = Number.MAX_SAFE_INTEGER): Promise<void> {
	const has = to.ledger.exchange.lengths();
	for (const [origin, length] of Object.entries(from.ledger.exchange.lengths())) {
		if (origin === to.ledger.exchange.origin) continue;
		const first = (has[origin] ?? 0) + 1;
		const ops = from.ledger.exchange.read(origin, first, Math.min(length, first + most - 1));
		if (ops.length > 0 && !(await deliver(from, to, ops))) throw new Error(`The log ${origin} was not taken.`);
	}
}

/** What a machine does with a batch it knows. */
export type FleetAct = (ledger: SqliteUnderTest["ledger"], batch: BatchRecord) => Promise<unknown>;

const FAULT = { code: "too_many_failures", message: "Too many.", param: null, line: null };
const FIGURES = { durationMs: 5, lines: 2, failed: 1, inputTokens: 3, outputTokens: 4 };
const someLines = fc.uniqueArray(fc.nat(FLEET_LINES - 1), { minLength: 1, maxLength: 3 });
const machine = fc.constantFrom("a", "b");

const commit: fc.Arbitrary<FleetAct> = fc
	.record({ lines: someLines, text: fc.constantFrom("x", "y", "z"), isError: fc.boolean() })
	.map(
		({ lines, text, isError }): FleetAct =>
			async (ledger, { id, total }) => {
				if (total > 0)
					await ledger.commit(
						id,
						lines.map((line) => resultOf(line, text, isError)),
					);
			},
	);

const retry: fc.Arbitrary<FleetAct> = fc.option(someLines).map(
	(lines): FleetAct =>
		async (ledger, { id, total }) => {
			if (total > 0) await ledger.retry(id, lines ?? "all", 1_000);
		},
);

const end: fc.Arbitrary<FleetAct> = fc
	.record({
		epoch: fc.option(fc.record({ term: fc.nat(3), rank: fc.nat(1), device: machine })),
		text: fc.constantFrom("one", "two", "three", "four"),
		status: fc.constantFrom("completed" as const, "cancelled" as const, "expired" as const),
		publishes: fc.constantFrom(true, true, false),
	})
	.map(
		({ epoch, text, status, publishes }): FleetAct =>
			async (ledger, batch) => {
				if (isEnded(batch.status)) return;
				await propose(ledger, batch, { status, text, epoch, publishes });
			},
	);

/** Proposes an end of a batch as it stands, and publishes it. */
export async function propose(
	ledger: SqliteUnderTest["ledger"],
	{ id, round }: Pick<BatchRecord, "id" | "round">,
	wish: { status: Seal["status"]; text: string; epoch: Epoch | null; publishes: boolean },
): Promise<void> {
	const output = await storeText(ledger, `${wish.text}\n`);
	const seal = { status: wish.status, output, errors: null, extension: "jsonl" };
	const proposed = await ledger.propose(id, seal, { epoch: wish.epoch, round });
	if (proposed !== null && wish.publishes) await ledger.publish(id, sealDigest(seal));
}

const decide: fc.Arbitrary<FleetAct> = fc.constantFrom<FleetAct>(
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
	(ledger, { id }) => ledger.chooseMachines(id, { only: [ledger.exchange.origin], never: [] }),
	(ledger, { id }) =>
		ledger.recordStint({ batchId: id, machine: "m", fromMs: 5, toMs: 17, wattHours: 0.5, isMeasured: true }),
);

/** One thing that happens in a fleet of `size` machines. */
export interface FleetStep {
	readonly on: number;
	/** Which of the batches there are. */
	readonly batch: number;
	/** Null: a new batch, or what `carries` says. */
	readonly act: FleetAct | null;
	/** So many operations of each log come over from this machine. */
	readonly carries: { readonly from: number; readonly most: number } | null;
	readonly advanceMs: number;
}

/** Histories of a fleet of `size` machines. */
export function fleetSteps(size: number): fc.Arbitrary<FleetStep[]> {
	// Mostly the first batch: many things that happen to one meet more often than few that happen to many.
	const batch = fc.constantFrom(0, 0, 0, 1);
	const base = { on: fc.nat(size - 1), batch, advanceMs: fc.nat(20) };
	const nothing = fc.constant(null);
	const acts = fc.oneof(
		{ weight: 6, arbitrary: commit },
		{ weight: 3, arbitrary: end },
		{ weight: 3, arbitrary: retry },
		{ weight: 4, arbitrary: decide },
	);
	return fc.array(
		fc.oneof(
			{ weight: 12, arbitrary: fc.record({ ...base, act: acts, carries: nothing }) },
			{ weight: 1, arbitrary: fc.record({ ...base, act: nothing, carries: nothing }) },
			{
				weight: 4,
				arbitrary: fc.record({
					...base,
					act: nothing,
					carries: fc.record({ from: fc.nat(size - 1), most: fc.constantFrom(1, 5, 1_000) }),
				}),
			},
		),
		{ minLength: 25, maxLength: 60 },
	);
}

/** Some ledgers, each of a machine. */
export async function openFleet(size: number): Promise<readonly SqliteUnderTest[]> {
	return Promise.all(Array.from({ length: size }, () => sqliteUnderTest()));
}

/** Plays a history; answers the ids of the batches. */
export async function play(fleet: readonly SqliteUnderTest[], steps: readonly FleetStep[]): Promise<readonly string[]> {
	const [first] = fleet;
	if (first === undefined) throw new Error("A fleet has machines.");
	const ids = [await makeBatch(first.ledger, FLEET_LINES)];
	// All know it from the beginning, so that what follows happens on several at once.
	for (const other of fleet) if (other !== first) await carry(first, other);
	for (const { on, batch, act, carries, advanceMs } of steps) {
		const machineOf = fleet[on] ?? first;
		machineOf.clock.advance(advanceMs);
		if (carries !== null) {
			const from = fleet[carries.from] ?? first;
			if (from !== machineOf) await carry(from, machineOf, carries.most);
		} else if (act === null) {
			const rehearsal = batch === 1 ? { lines: 2, spread: false } : null;
			ids.push(await makeBatch(machineOf.ledger, FLEET_LINES, { manifest: { rehearsal } }));
		} else {
			const record = machineOf.ledger.batch(ids[batch % ids.length] ?? "");
			if (record !== null) await act(machineOf.ledger, record);
		}
	}
	for (let pass = 0; pass < 2; pass += 1) {
		for (const to of fleet) for (const from of fleet) if (from !== to) await carry(from, to);
	}
	return ids;
}

/** Which result won each line, from a ledger that is closed. */
export function winnersOf({ dataDir }: SqliteUnderTest): readonly unknown[] {
	const database = new SqliteDatabase(join(dataDir, "ledger.sqlite"), { readonly: true });
	try {
		return database
			.prepare(
				`SELECT batch.id, result.key % 1073741824 AS line, is_error,
				 CASE is_error WHEN 1 THEN result.round END AS round, hex(hash) AS hash FROM result
				 JOIN batch ON batch.number = result.key / 1073741824 ORDER BY batch.id, line`,
			)
			.all();
	} finally {
		database.close();
	}
}
