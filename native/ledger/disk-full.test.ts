import { readdirSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import SqliteDatabase, { type Database } from "better-sqlite3";
import { afterEach, beforeEach, expect, it } from "vitest";
import { silentLog } from "../base/base.ts";
import { createBlobs } from "./blobs.ts";
import { LedgerWriteError } from "./errors.ts";
import { systemRandom } from "./ids.ts";
import type { Ledger } from "./ledger.ts";
import { migrate } from "./migrations.ts";
import { configure } from "./open.ts";
import { createSqliteLedger } from "./sqlite-ledger.ts";
import { collect, makeBatch, manualClock, resultOf } from "./testing/fixtures.ts";
import { temporaryFolder } from "./testing/sqlite.ts";

let folder = "";
let database: Database;
let ledger: Ledger;
let fault: string | null = null;

beforeEach(() => {
	folder = temporaryFolder();
	fault = null;
	database = new SqliteDatabase(join(folder, "ledger.sqlite"));
	configure(database);
	migrate(database);
	const blobs = createBlobs({
		folder: join(folder, "blobs"),
		random: systemRandom,
		openForWriting: async (path) => {
			if (fault !== null) throw Object.assign(new Error("the disk refuses"), { code: fault });
			return open(path, "wx");
		},
	});
	const shadowPath = join(folder, "shadow.sqlite");
	const clock = manualClock();
	ledger = createSqliteLedger({
		database,
		origin: "o",
		blobs,
		clock,
		random: systemRandom,
		log: silentLog,
		shadowPath,
	});
});

afterEach(async () => {
	await ledger.close();
	rmSync(folder, { recursive: true });
});

/** Lets the database have no page more than it has; answers a function that gives it room again. */
function fillDatabase(): () => void {
	database.pragma(`max_page_count = ${Number(database.pragma("page_count", { simple: true }))}`);
	return () => void database.pragma("max_page_count = 1000000");
}

const manyResults = () => Array.from({ length: 2_000 }, (_, line) => resultOf(line));
const blobCount = (): number => readdirSync(join(folder, "blobs"), { recursive: true, encoding: "utf8" }).length;

it("takes nothing of a commit that the full database refuses, and takes it whole once there is room", async () => {
	const id = await makeBatch(ledger, 2_000);
	const before = ledger.batch(id);
	const blobsBefore = blobCount();
	const makeRoom = fillDatabase();
	const refused = ledger.commit(id, manyResults());
	await expect(refused).rejects.toBeInstanceOf(LedgerWriteError);
	await expect(refused).rejects.toMatchObject({
		fault: "disk-full",
		message: expect.stringContaining("Free some space"),
	});
	expect(ledger.batch(id)).toEqual(before);
	expect(blobCount() - blobsBefore).toBeLessThanOrEqual(1);
	makeRoom();
	expect(await ledger.commit(id, manyResults())).toEqual({ accepted: 2_000, duplicate: 0 });
	expect(ledger.batch(id)).toMatchObject({ completed: 2_000, status: "finalizing" });
	expect(await collect(ledger.verify())).toEqual([]);
});

it("takes nothing of a commit whose segment finds no room, and goes on afterwards", async () => {
	const id = await makeBatch(ledger, 2);
	fault = "ENOSPC";
	const calls = [ledger.commit(id, [resultOf(0)]), ledger.commit(id, [resultOf(1)])];
	for (const call of calls) await expect(call).rejects.toMatchObject({ fault: "disk-full" });
	expect(ledger.batch(id)).toMatchObject({ completed: 0 });
	fault = null;
	expect(await ledger.commit(id, [resultOf(0), resultOf(1)])).toEqual({ accepted: 2, duplicate: 0 });
});

it("names a disk that fails", async () => {
	const id = await makeBatch(ledger, 1);
	fault = "EIO";
	await expect(ledger.commit(id, [resultOf(0)])).rejects.toMatchObject({ fault: "disk-failed" });
});

it("takes no changes once closed, but finishes those that wait", async () => {
	const id = await makeBatch(ledger, 1);
	const last = ledger.commit(id, [resultOf(0)]);
	const closing = ledger.close();
	await expect(last).resolves.toEqual({ accepted: 1, duplicate: 0 });
	await closing;
	await expect(ledger.cancel(id)).rejects.toMatchObject({ fault: "closed" });
});
