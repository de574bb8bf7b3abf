import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { LedgerInputElsewhereError } from "./errors.ts";
import { bytesOf, collect, lineText, makeBatch, resultOf } from "./testing/fixtures.ts";
import { carry, copyBlob } from "./testing/fleet.ts";
import { type SqliteUnderTest, sqliteUnderTest } from "./testing/sqlite.ts";

/** The machine that took an input in, and one that gets its bytes where it needs them. */
let maker: SqliteUnderTest;
let reader: SqliteUnderTest;
let isMakerThere = true;

beforeEach(async () => {
	isMakerThere = true;
	maker = await sqliteUnderTest();
	reader = await sqliteUnderTest(undefined, async (digest) => {
		if (isMakerThere) copyBlob(maker, reader, digest);
		return isMakerThere;
	});
});

afterEach(async () => {
	await maker.dispose();
	await reader.dispose();
});

async function sharedBatch(): Promise<string> {
	const id = await makeBatch(maker.ledger, 3);
	await maker.ledger.shareIndex(id);
	await maker.ledger.commit(id, [resultOf(1)]);
	await carry(maker, reader);
	await reader.ledger.loadIndex(id);
	return id;
}

const textsOf = async (id: string) => {
	const [lines = []] = await collect(reader.ledger.browseLines(id, [0, 1]));
	return lines.map(({ bytes, result }) => [bytes === null ? null : Buffer.from(bytes).toString(), result !== null]);
};

it("brings the bytes of lines that somebody looks at, and shows their results without them where they can't be had", async () => {
	const id = await sharedBatch();
	isMakerThere = false;
	expect(await textsOf(id)).toEqual([
		[null, false],
		[null, true],
	]);
	isMakerThere = true;
	expect(await textsOf(id)).toEqual([
		[lineText(0), false],
		[lineText(1), true],
	]);
	isMakerThere = false;
	expect((await textsOf(id))[0]).toEqual([lineText(0), false]);
});

it("says so where nobody who has a file can be asked, and gives it once somebody can", async () => {
	const id = await sharedBatch();
	const file = reader.ledger.file(reader.ledger.batch(id)?.manifest.inputFileId ?? "");
	if (file === null) throw new Error("There is an input.");
	isMakerThere = false;
	await expect(bytesOf(reader.ledger.readFile(file))).rejects.toThrow(LedgerInputElsewhereError);
	isMakerThere = true;
	expect(await bytesOf(reader.ledger.readFile(file))).toEqual(await bytesOf(maker.ledger.readFile(file)));
});

it("tells an input that is elsewhere from one that is gone", async () => {
	const id = await sharedBatch();
	isMakerThere = false;
	expect(await reader.ledger.bringInput(id, [[0, 1]])).toBe("away");
	isMakerThere = true;
	expect(await reader.ledger.bringInput(id, [[0, 1]])).toBe("here");
	expect(await reader.ledger.bringInput(id, null)).toBe("here");
	for (const { digest } of maker.ledger.file(maker.ledger.batch(id)?.manifest.inputFileId ?? "")?.blobs ?? []) {
		rmSync(join(maker.dataDir, "blobs", digest.slice(0, 2), digest));
	}
	expect(await maker.ledger.bringInput(id, null)).toBe("gone");
});
