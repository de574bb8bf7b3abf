import { execFile } from "node:child_process";
import { existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import SqliteDatabase from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { silentLog, systemClock } from "../base/base.ts";
import { openLedger } from "./open.ts";
import { makeBatch, makeFile, resultOf } from "./testing/fixtures.ts";
import { type SqliteUnderTest, sqliteUnderTest } from "./testing/sqlite.ts";

let test: SqliteUnderTest;

beforeEach(async () => {
	test = await sqliteUnderTest();
});

afterEach(() => test.dispose());

const openAgain = () => openLedger({ dataDir: test.dataDir, clock: systemClock, log: silentLog });

it("tells a second process that the data folder is in use, and lets it in afterwards", async () => {
	const script = `
		import { openLedger } from ${JSON.stringify(new URL("./open.ts", import.meta.url).href)};
		import { silentLog, systemClock } from ${JSON.stringify(new URL("../base/base.ts", import.meta.url).href)};
		const opened = await openLedger({ dataDir: process.argv[1], clock: systemClock, log: silentLog });
		console.log(opened.ok ? "open" : opened.error.kind + ": " + opened.error.message);
	`;
	const attempt = async (): Promise<string> => {
		const args = ["--input-type=module", "-e", script, test.dataDir];
		return (await promisify(execFile)(process.execPath, args)).stdout.trim();
	};
	expect(await attempt()).toBe(
		`in-use: Another Nightshift is using this data folder (${test.dataDir}). Stop it, or choose another folder with --data-dir.`,
	);
	await test.close();
	expect(await attempt()).toBe("open");
});

it("refuses a ledger that a newer Nightshift wrote, and leaves it as it is", async () => {
	await test.close();
	const path = join(test.dataDir, "ledger.sqlite");
	const database = new SqliteDatabase(path);
	database.pragma("user_version = 99");
	database.close();
	expect(await openAgain()).toMatchObject({
		ok: false,
		error: { kind: "newer-schema", message: expect.stringContaining("schema 99") },
	});
	expect(existsSync(`${path}-wal`)).toBe(false);
});

describe("a damaged ledger is refused with a reason", () => {
	async function expectDamage(reason: string): Promise<void> {
		expect(await openAgain()).toMatchObject({
			ok: false,
			error: { kind: "damaged", message: expect.stringContaining(reason) },
		});
	}

	beforeEach(async () => {
		await test.ledger.commit(await makeBatch(test.ledger, 200), [resultOf(0)]);
		await test.close();
	});

	it("when its database was cut short", async () => {
		const path = join(test.dataDir, "ledger.sqlite");
		truncateSync(path, readFileSync(path).length / 2);
		await expectDamage("its database ");
	});

	it("when its database is something else", async () => {
		writeFileSync(
			join(test.dataDir, "ledger.sqlite"),
			"not a database, but long enough to be mistaken for one".repeat(99),
		);
		await expectDamage("its database can't be read");
	});

	it("when its database is gone but its blobs are there", async () => {
		rmSync(join(test.dataDir, "ledger.sqlite"));
		await expectDamage("its database is missing");
	});

	it("when the end of its log was changed", async () => {
		const database = new SqliteDatabase(join(test.dataDir, "ledger.sqlite"));
		database.exec("UPDATE op SET at_ms = at_ms + 1 WHERE sequence = (SELECT max(sequence) FROM op)");
		database.close();
		await expectDamage("the end of its log was changed");
	});
});

it("says so when it may not write to the folder", async () => {
	const file = join(test.dataDir, "a-file");
	writeFileSync(file, "");
	expect(await openLedger({ dataDir: join(file, "below"), clock: systemClock, log: silentLog })).toMatchObject({
		ok: false,
		error: { kind: "unwritable", message: expect.stringContaining("--data-dir") },
	});
});

it("removes what was being written when the last process ended", async () => {
	await makeFile(test.ledger, "kept\n");
	await test.close();
	const temporary = join(test.dataDir, "blobs", "tmp", "half-written");
	writeFileSync(temporary, "half");
	await test.reopen();
	expect(existsSync(temporary)).toBe(false);
});
