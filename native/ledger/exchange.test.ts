import { join } from "node:path";
import SqliteDatabase from "better-sqlite3";
import { afterEach, beforeEach, expect, it } from "vitest";
import { MAX_STORED_AT_ONCE } from "./exchange.ts";
import { GENESIS, opHash, type StoredOp } from "./log.ts";
import { blobsOf } from "./op-blobs.ts";
import { NEW_ORIGIN_NOTE } from "./open.ts";
import { canonicalJson, MAX_OP_BYTES } from "./ops.ts";
import { collect, makeBatch, makeFile, manifestOf, resultOf, storeText } from "./testing/fixtures.ts";
import { carry, deliver, propose } from "./testing/fleet.ts";
import { type SqliteUnderTest, sqliteUnderTest } from "./testing/sqlite.ts";

const END = { output: null, errors: null, extension: "jsonl" };

let here: SqliteUnderTest;
let there: SqliteUnderTest;

beforeEach(async () => {
	[here, there] = await Promise.all([sqliteUnderTest(), sqliteUnderTest()]);
});

afterEach(async () => {
	await here.dispose();
	await there.dispose();
});

/** A well-formed operation of a machine that is not here. */
function foreign(sequence: number, previous: string, change: Partial<StoredOp> = {}): StoredOp {
	const link = { origin: "far", sequence, previous, kind: "upload", version: 1, body: "{}", atMs: 5, ...change };
	return { ...link, hash: opHash(link) };
}

const store = async (...ops: StoredOp[]) => {
	const stored = await here.ledger.exchange.store(ops);
	return stored.ok ? "stored" : stored.error.kind;
};

it("takes over a batch with its results and its end, and passes everything on byte for byte", async () => {
	const id = await makeBatch(there.ledger, 3);
	await there.ledger.commit(id, [resultOf(0), resultOf(1, "no", true), resultOf(2)]);
	const sealed = await there.ledger.seal(id, {
		...END,
		status: "completed",
		output: await storeText(there.ledger, "out\n"),
	});
	await carry(there, here);
	expect(here.ledger.batch(id)).toEqual(sealed);
	expect(here.ledger.file(sealed.outputFileId ?? "")?.sizeBytes).toBe(4);
	expect([...here.ledger.exchange.operations()]).toEqual([...there.ledger.exchange.operations()]);
	expect(here.ledger.exchange.lengths()).toEqual(there.ledger.exchange.lengths());
	expect(await collect(here.ledger.verify())).toEqual([]);
	await here.reopen();
	expect(here.ledger.batch(id)).toEqual(sealed);
});

it("refuses what does not follow what is here, and stores nothing of the lot", async () => {
	const first = foreign(1, GENESIS);
	const second = foreign(2, first.hash);
	const own = foreign(1, GENESIS, { origin: here.ledger.exchange.origin });
	expect(await store(second)).toBe("hole");
	expect(await store(first, own)).toBe("own-origin");
	expect(await store(first, foreign(2, GENESIS))).toBe("fork");
	expect(await store(first, { ...second, body: "[]" })).toBe("damaged");
	expect(await store(first, foreign(2, first.hash, { body: '{ "b":1}' }))).toBe("damaged");
	expect(await store(first, foreign(2, first.hash, { body: JSON.stringify("x".repeat(MAX_OP_BYTES)) }))).toBe(
		"damaged",
	);
	expect(await store(foreign(1, GENESIS, { origin: "a b" }))).toBe("damaged");
	expect(await store(...Array.from({ length: MAX_STORED_AT_ONCE + 1 }, () => first))).toBe("too-many");
	expect(here.ledger.exchange.lengths()).toEqual({});
	expect(await store(first, second, first)).toBe("stored");
	expect(await store(first, second)).toBe("stored");
	expect(await store(foreign(2, first.hash, { atMs: 6 }))).toBe("fork");
	expect(here.ledger.exchange.read("far", 1, 9)).toEqual([first, second]);
	expect(here.logged).toHaveLength(2);
	expect(await collect(here.ledger.verify())).toEqual([]);
});

it("stores results only with their bytes, unless no machine has them any more", async () => {
	const id = await makeBatch(there.ledger, 2);
	await there.ledger.commit(id, [resultOf(0)]);
	const ops = [...there.ledger.exchange.operations()];
	const segment = ops.flatMap((op) => blobsOf(op))[0]?.digest ?? "";
	expect(await store(...ops)).toBe("missing-blob");
	expect(here.ledger.exchange.lengths()).toEqual({});
	expect(await here.ledger.exchange.store(ops, new Set([segment]))).toMatchObject({ ok: true });
	expect(here.ledger.batch(id)).toMatchObject({ total: 2, completed: 0 });
});

it("keeps results and decisions that come before their batch, over a restart", async () => {
	const id = await makeBatch(there.ledger, 2);
	await carry(there, here);
	await here.ledger.commit(id, [resultOf(1)]);
	await here.ledger.pause(id, "user", "Wait.");
	const third = await sqliteUnderTest();
	try {
		const own = here.ledger.exchange.origin;
		expect(await deliver(here, third, here.ledger.exchange.read(own, 1, 9))).toBe(true);
		expect(third.ledger.batch(id)).toBeNull();
		await third.reopen();
		expect(await collect(third.ledger.verify())).toEqual([]);
		await carry(there, third);
		expect(third.ledger.batch(id)).toMatchObject({ completed: 1, pause: { message: "Wait." } });
		expect(await collect(third.ledger.verify())).toEqual([]);
	} finally {
		await third.dispose();
	}
});

it("keeps and passes on kinds it does not know, and folds them once it does", async () => {
	const { batch } = await there.ledger.createBatch(manifestOf((await makeFile(there.ledger, "{}\n")).id), null);
	await carry(there, here);
	const pause = { batchId: batch.id, cause: "user", message: "Wait.", round: 0 };
	const known = foreign(1, GENESIS, { kind: "paused", body: canonicalJson(pause) });
	const later = foreign(2, known.hash, { kind: "from-later", body: '{"x":1}' });
	const newer = foreign(3, later.hash, { kind: "paused", version: 99, body: canonicalJson(pause) });
	expect(await store(known, later, newer)).toBe("stored");
	expect(here.ledger.exchange.read("far", 1, 9)).toEqual([known, later, newer]);
	expect(await collect(here.ledger.verify())).toEqual([]);
	await here.close();
	// As if a program that knew no pauses had stored it.
	const database = new SqliteDatabase(join(here.dataDir, "ledger.sqlite"));
	const note = database.prepare<[], string>("SELECT value FROM kv WHERE name = 'folded-by'").pluck().get() ?? "";
	database.prepare("UPDATE kv SET value = ? WHERE name = 'folded-by'").run(note.replace('"paused",', ""));
	database.exec("DELETE FROM decision; UPDATE batch SET pause = NULL");
	database.close();
	await here.reopen();
	expect(here.ledger.batch(batch.id)?.pause).toMatchObject({ message: "Wait." });
	expect(await collect(here.ledger.verify())).toEqual([]);
	expect(here.logged).toEqual([]);
});

it("keeps what makes no sense, and goes on as if it were not there", async () => {
	const id = await makeBatch(there.ledger, 1);
	await carry(there, here);
	const far = foreign(1, GENESIS, { kind: "cancel", body: '{"batchId":7}' });
	const worked = { batchId: id, fromMs: 0, isMeasured: true, machine: "m", toMs: 1, wattHours: 1 };
	const next = foreign(2, far.hash, { kind: "worked", body: canonicalJson(worked) });
	expect(await store(far, next)).toBe("stored");
	expect(here.logged).toHaveLength(1);
	expect(here.ledger.batch(id)).toMatchObject({ cancellingAtMs: null, workedMs: 1 });
	expect((await collect(here.ledger.verify())).length).toBe(0);
});

it("tells of own operations in order once they are on disk, and keeps small values beside them", async () => {
	const heard: number[] = [];
	const stop = here.ledger.exchange.watchOwn((op) => {
		heard.push(op.sequence);
		if (op.sequence === 2) throw new Error("deaf");
	});
	const id = await makeBatch(here.ledger, 2);
	await carry(here, there);
	await there.ledger.commit(id, [resultOf(0)]);
	await carry(there, here);
	await here.ledger.seal(id, { ...END, status: "expired" });
	stop();
	await here.ledger.retry(id, "all", 5);
	const length = here.ledger.exchange.lengths()[here.ledger.exchange.origin] ?? 0;
	expect(heard).toEqual(Array.from({ length: length - 1 }, (_, index) => index + 1));
	expect(here.logged).toEqual(["a listener to the own log failed"]);
	expect(here.ledger.exchange.note("origin")).toBeNull();
	await here.ledger.exchange.keepNote("origin", "x");
	await here.reopen();
	expect(here.ledger.exchange.note("origin")).toBe("x");
});

it("lets one machine tell of a batch, the one that took it in", async () => {
	const id = await makeBatch(there.ledger, 1);
	await carry(there, here);
	await here.ledger.warn(id, "Late.");
	await here.ledger.notify("report", null, "Ready.");
	await carry(here, there);
	expect(here.ledger.notices(0, 9).map((notice) => notice.kind)).toEqual(["report"]);
	expect(there.ledger.notices(0, 9).map((notice) => notice.kind)).toEqual(["deadline-at-risk"]);
	expect(here.ledger.batch(id)?.origin).toBe(there.ledger.exchange.origin);
});

it("leaves to each machine to drop for its age what it took in", async () => {
	const wish = { filename: "f", purpose: "batch", expiresAtMs: there.clock.nowMs() + 5 };
	const file = await there.ledger.createFile(wish, await storeText(there.ledger, "x\n"));
	await carry(there, here);
	const past = { keepCollectedMs: 0, keepUnusedMs: 0 };
	here.clock.advance(10);
	await here.ledger.sweep(past);
	expect(here.ledger.exchange.lengths()[here.ledger.exchange.origin]).toBeUndefined();
	there.clock.advance(10);
	await there.ledger.sweep(past);
	expect(there.ledger.exchange.read(there.ledger.exchange.origin, 2, 9).map((op) => op.kind)).toEqual(["file-dropped"]);
	await carry(there, here);
	expect(here.ledger.file(file.id)).toBeNull();
});

it("answers the first of two batches that two machines made under one key", async () => {
	const { batch: one } = await there.ledger.createBatch(manifestOf((await makeFile(there.ledger, "{}\n")).id), "key");
	here.clock.advance(1);
	const { batch: other } = await here.ledger.createBatch(manifestOf((await makeFile(here.ledger, "{}\n")).id), "key");
	await carry(there, here);
	await carry(here, there);
	for (const { ledger } of [here, there]) {
		expect([ledger.batch(one.id)?.id, ledger.batch(other.id)?.id]).toEqual([one.id, other.id]);
		expect(await ledger.createBatch(manifestOf("file-x"), "key")).toMatchObject({
			created: false,
			batch: { id: one.id },
		});
	}
});

it.each([
	["x", "yy"],
	["yy", "x"],
	["a", "bbb"],
	["bbb", "a"],
])(
	"shows the end that the earliest host fixed, whichever came first, and keeps the files of all: %s, %s",
	async (...texts) => {
		const id = await makeBatch(there.ledger, 1);
		await carry(there, here);
		const late = {
			status: "completed" as const,
			text: texts[0],
			epoch: { term: 2, rank: 0, device: "b" },
			publishes: true,
		};
		await propose(here.ledger, { id, round: 0 }, late);
		const shown = here.ledger.batch(id)?.outputFileId ?? "";
		const early = { ...late, text: texts[1], epoch: { term: 1, rank: 0, device: "a" } };
		await propose(there.ledger, { id, round: 0 }, early);
		const first = there.ledger.batch(id)?.outputFileId;
		await carry(there, here);
		await carry(here, there);
		expect(here.ledger.batch(id)).toEqual(there.ledger.batch(id));
		expect([here.ledger.batch(id)?.outputFileId, first === shown]).toEqual([first, false]);
		for (const { ledger } of [here, there]) expect(ledger.file(shown)?.sizeBytes).toBe(texts[0].length + 1);
		expect(await here.ledger.propose(id, { ...END, status: "completed" }, { epoch: null, round: 0 })).toBeNull();
		expect(await here.ledger.propose(id, { ...END, status: "completed" }, { epoch: null, round: 1 })).toBeNull();
		await expect(here.ledger.publish(id, "0".repeat(64))).rejects.toThrow("has no seal");
	},
);

it("keeps an error of a later round where the retry that began it comes last", async () => {
	for (const [early, late] of [
		["a", "b"],
		["b", "a"],
	] as const) {
		const third = await sqliteUnderTest();
		try {
			const id = await makeBatch(there.ledger, 1);
			await there.ledger.commit(id, [resultOf(0, early, true)]);
			const { origin } = there.ledger.exchange;
			const before = there.ledger.exchange.lengths()[origin] ?? 0;
			await there.ledger.seal(id, { ...END, status: "completed" });
			await there.ledger.retry(id, "all", 5);
			await carry(there, here);
			await here.ledger.commit(id, [resultOf(0, late, true)]);
			await deliver(there, third, there.ledger.exchange.read(origin, 1, before));
			const own = here.ledger.exchange.origin;
			expect(await deliver(here, third, here.ledger.exchange.read(own, 1, 99))).toBe(true);
			await carry(there, third);
			expect(third.ledger.batch(id)).toMatchObject({ round: 1, failed: 1 });
			expect(third.ledger.batch(id)?.usage).toEqual(here.ledger.batch(id)?.usage);
		} finally {
			await third.dispose();
		}
	}
});

it("splits a retry that names more lines than an operation holds, and all machines put all of them back", async () => {
	const total = 20_000;
	const id = await makeBatch(there.ledger, total);
	const failed = Array.from({ length: total / 2 }, (_, index) => index * 2);
	await there.ledger.commit(
		id,
		failed.map((line) => resultOf(line, "no", true)),
	);
	await there.ledger.seal(id, { ...END, status: "expired" });
	expect(await there.ledger.retry(id, failed, 5)).toMatchObject({ round: 1, failed: 0, retries: failed.length });
	const { origin } = there.ledger.exchange;
	const kinds = there.ledger.exchange.read(origin, 1, 99).map((op) => op.kind);
	expect(kinds.filter((kind) => kind === "retried").length).toBeGreaterThan(1);
	await carry(there, here);
	expect(here.ledger.batch(id)).toMatchObject({ round: 1, failed: 0, retries: failed.length });
});

it("leaves its log for a new one when its disk was set back, and takes from others what it wrote before that", async () => {
	const { exchange } = here.ledger;
	await makeBatch(here.ledger, 1);
	const left = exchange.origin;
	const last = [...exchange.operations()].at(-1);
	await exchange.keepNote(NEW_ORIGIN_NOTE, left);
	await here.reopen();
	expect(here.ledger.exchange.origin).not.toBe(left);
	const lost = foreign((last?.sequence ?? 0) + 1, last?.hash ?? "", { origin: left, kind: "of-tomorrow" });
	expect(await store(lost)).toBe("stored");
	await makeBatch(here.ledger, 1);
	expect(here.ledger.exchange.lengths()).toMatchObject({ [left]: lost.sequence, [here.ledger.exchange.origin]: 3 });
	await here.reopen();
	expect(await collect(here.ledger.verify())).toEqual([]);
});
