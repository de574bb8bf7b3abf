import { existsSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { bytesOf, digestOf, KEEP_ALL, lineText, makeBatch, makeFile, resultOf, storeText } from "./testing/fixtures.ts";
import { type SqliteUnderTest, sqliteUnderTest } from "./testing/sqlite.ts";

const DAY_MS = 86_400_000;

let test: SqliteUnderTest;

beforeEach(async () => {
	test = await sqliteUnderTest();
});

afterEach(() => test.dispose());

const blobPath = (text: string): string => {
	const digest = digestOf(text);
	return join(test.dataDir, "blobs", digest.slice(0, 2), digest);
};

/** Makes a blob look as if it was stored so long ago. */
function age(text: string, ageMs: number): void {
	const storedAt = new Date(test.clock.nowMs() - ageMs);
	utimesSync(blobPath(text), storedAt, storedAt);
}

it("removes bytes that no file took once they are a day old, not before", async () => {
	await storeText(test.ledger, "young\n");
	await storeText(test.ledger, "old\n");
	age("young\n", DAY_MS - 1);
	age("old\n", DAY_MS);
	await test.ledger.sweep(KEEP_ALL);
	expect([existsSync(blobPath("young\n")), existsSync(blobPath("old\n"))]).toEqual([true, false]);
});

it("takes bytes that are stored again for young", async () => {
	await storeText(test.ledger, "again\n");
	age("again\n", DAY_MS);
	const bytes = await storeText(test.ledger, "again\n");
	await test.ledger.sweep(KEEP_ALL);
	const file = await test.ledger.createFile({ filename: "f", purpose: "batch", expiresAtMs: null }, bytes);
	expect(await bytesOf(test.ledger.readFile(file))).toEqual(Buffer.from("again\n"));
});

it("keeps the blobs of a deleted file while another file has them, and then removes them", async () => {
	const [one, two] = [await makeFile(test.ledger, "shared\n"), await makeFile(test.ledger, "shared\n")];
	age("shared\n", DAY_MS);
	await test.ledger.deleteFile(one.id);
	await test.ledger.sweep(KEEP_ALL);
	expect(await bytesOf(test.ledger.readFile(two))).toEqual(Buffer.from("shared\n"));
	await test.ledger.deleteFile(two.id);
	await test.ledger.sweep(KEEP_ALL);
	expect(existsSync(blobPath("shared\n"))).toBe(false);
});

it("keeps the input of an open batch until the batch ends", async () => {
	const { ledger } = test;
	const id = await makeBatch(ledger, 1);
	const input = `${lineText(0)}\n`;
	await ledger.deleteFile(ledger.batch(id)?.manifest.inputFileId ?? "");
	age(input, DAY_MS);
	await ledger.sweep(KEEP_ALL);
	expect(ledger.claim(id, 1, 1_000)?.lines).toHaveLength(1);
	await ledger.seal(id, { status: "expired", output: null, errors: null, extension: "jsonl" });
	await ledger.sweep(KEEP_ALL);
	expect(existsSync(blobPath(input))).toBe(false);
});

it("keeps results and the parts of pending uploads, however old", async () => {
	const { ledger, clock } = test;
	const id = await makeBatch(ledger, 1);
	await ledger.commit(id, [resultOf(0)]);
	const facts = { filename: "f", purpose: "batch", mimeType: "text/plain", sizeBytes: 1, fileExpiresAfterMs: null };
	const upload = await ledger.createUpload({ ...facts, expiresAtMs: clock.nowMs() + 3 * DAY_MS });
	const part = await ledger.addUploadPart(upload.id, await storeText(ledger, "part\n"));
	age("part\n", 2 * DAY_MS);
	clock.advance(2 * DAY_MS);
	await ledger.sweep(KEEP_ALL);
	expect(ledger.lineByCustomId(id, "request-0")?.result?.isError).toBe(false);
	const { file } = await ledger.completeUpload(upload.id, [part.id]);
	expect(await bytesOf(ledger.readFile(file))).toEqual(Buffer.from("part\n"));
});

it("refuses to make a file of bytes that were removed", async () => {
	const bytes = await storeText(test.ledger, "late\n");
	age("late\n", DAY_MS);
	await test.ledger.sweep(KEEP_ALL);
	const late = test.ledger.createFile({ filename: "f", purpose: "batch", expiresAtMs: null }, bytes);
	await expect(late).rejects.toThrow("is not there");
});
