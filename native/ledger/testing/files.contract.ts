import fc from "fast-check";
import { expect, it } from "vitest";
import type { UploadRecord } from "../records.ts";
import {
	bytesOf,
	digestOf,
	KEEP_ALL,
	type LedgerUnderTest,
	makeFile,
	recordChanges,
	storeText,
	streamOf,
} from "./fixtures.ts";

const FACTS = { filename: "notes.txt", purpose: "user_data", expiresAtMs: null };

/** What every ledger promises about files. */
export function filesContract(given: () => LedgerUnderTest): void {
	it("gives back any range of what was stored", async () => {
		const { ledger } = given();
		await fc.assert(
			fc.asyncProperty(
				fc.uint8Array({ maxLength: 300 }),
				fc.integer({ min: 1, max: 50 }),
				fc.nat(310),
				fc.nat(310),
				async (bytes, pieceBytes, start, end) => {
					const stored = await ledger.storeBytes(streamOf(bytes, pieceBytes), 1_000);
					if (!stored.ok) throw new Error(stored.error.kind);
					expect(stored.value).toMatchObject({ sizeBytes: bytes.length, digest: digestOf(bytes) });
					const file = await ledger.createFile(FACTS, stored.value);
					expect(await bytesOf(ledger.readFile(file))).toEqual(Buffer.from(bytes));
					expect(await bytesOf(ledger.readFile(file, { start, end }))).toEqual(Buffer.from(bytes.slice(start, end)));
				},
			),
			{ numRuns: 30 },
		);
	});

	it("refuses a stream that grows over its limit, and takes one that just fits", async () => {
		const { ledger } = given();
		expect(await ledger.storeBytes(streamOf("12345678901"), 10)).toEqual({
			ok: false,
			error: { kind: "too-large", limitBytes: 10 },
		});
		expect(await ledger.storeBytes(streamOf("1234567890"), 10)).toMatchObject({ ok: true });
	});

	it("passes on the failure of a stream", async () => {
		const { ledger } = given();
		async function* broken(): AsyncGenerator<Uint8Array> {
			yield Buffer.from("begun\n");
			throw new Error("the client went away");
		}
		await expect(ledger.storeBytes(broken(), 100)).rejects.toThrow("the client went away");
		await expect(ledger.storeWhole(broken())).rejects.toThrow("the client went away");
	});

	it("keeps a file over a restart, until it is deleted", async () => {
		const test = given();
		const file = await makeFile(test.ledger, "one\ntwo\n");
		await test.reopen();
		expect(test.ledger.file(file.id)).toEqual(file);
		expect(await test.ledger.deleteFile(file.id)).toBe(true);
		expect(await test.ledger.deleteFile(file.id)).toBe(false);
		await test.reopen();
		expect(test.ledger.file(file.id)).toBeNull();
	});

	it("no longer shows a file once it has expired", async () => {
		const { ledger, clock } = given();
		const expiresAtMs = clock.nowMs() + 1_000;
		const file = await ledger.createFile({ ...FACTS, expiresAtMs }, await storeText(ledger, "soon gone"));
		clock.advance(999);
		expect(ledger.file(file.id)).toEqual(file);
		clock.advance(1);
		expect(ledger.file(file.id)).toBeNull();
		expect(ledger.files({ after: null, limit: 10, order: "desc", purpose: null }).rows).toEqual([]);
		expect(await ledger.deleteFile(file.id)).toBe(false);
		const { changes } = recordChanges(ledger);
		await ledger.sweep(KEEP_ALL);
		expect(changes).toEqual([{ kind: "file", fileId: file.id }]);
	});

	it("lists files of one millisecond page by page, each once, in both orders and by purpose", async () => {
		const { ledger } = given();
		const bytes = await storeText(ledger, "same");
		const ids: string[] = [];
		for (const purpose of ["batch", "vision", "batch", "batch", "vision"]) {
			ids.push((await ledger.createFile({ ...FACTS, purpose }, bytes)).id);
		}
		const walk = (order: "asc" | "desc", purpose: string | null): string[] => {
			const seen: string[] = [];
			for (let hasMore = true; hasMore; ) {
				const page = ledger.files({ after: seen.at(-1) ?? null, limit: 2, order, purpose });
				expect(page.rows.length).toBeLessThanOrEqual(2);
				seen.push(...page.rows.map((row) => row.id));
				hasMore = page.hasMore;
			}
			return seen;
		};
		expect(walk("asc", null)).toEqual(ids);
		expect(walk("desc", null)).toEqual(ids.toReversed());
		expect(walk("asc", "vision")).toEqual([ids[1], ids[4]]);
		expect(ledger.files({ after: "file-unknown", limit: 2, order: "asc", purpose: null })).toEqual({
			rows: [],
			hasMore: false,
		});
	});

	it("goes on with a list after a file that was deleted meanwhile", async () => {
		const { ledger } = given();
		const first = await makeFile(ledger, "1");
		const second = await makeFile(ledger, "2");
		await ledger.deleteFile(first.id);
		const page = ledger.files({ after: first.id, limit: 5, order: "asc", purpose: null });
		expect(page.rows.map((row) => row.id)).toEqual([second.id]);
	});
}

/** What every ledger promises about uploads in parts. */
export function uploadsContract(given: () => LedgerUnderTest): void {
	async function begin(wish: Partial<UploadRecord> = {}): Promise<UploadRecord> {
		const { ledger, clock } = given();
		return ledger.createUpload({
			filename: "big.jsonl",
			purpose: "batch",
			mimeType: "application/jsonl",
			sizeBytes: 9,
			expiresAtMs: clock.nowMs() + 3_600_000,
			fileExpiresAfterMs: null,
			...wish,
		});
	}

	it("joins parts in the order given, and answers the same when asked again", async () => {
		const { ledger } = given();
		const upload = await begin();
		const tail = await ledger.addUploadPart(upload.id, await storeText(ledger, "f\nghi\n"));
		const head = await ledger.addUploadPart(upload.id, await storeText(ledger, "abc\nde"));
		expect(ledger.uploadParts(upload.id)).toEqual([tail, head]);
		const done = await ledger.completeUpload(upload.id, [head.id, tail.id]);
		expect(done.upload).toEqual({ ...upload, status: "completed", fileId: done.file.id });
		expect(done.file).toMatchObject({ filename: "big.jsonl", purpose: "batch", digest: digestOf("abc\ndef\nghi\n") });
		expect(await bytesOf(ledger.readFile(done.file))).toEqual(Buffer.from("abc\ndef\nghi\n"));
		expect(await ledger.completeUpload(upload.id, [head.id, tail.id])).toEqual(done);
		expect(ledger.file(done.file.id)).toEqual(done.file);
	});

	it("makes one file of an upload that is completed twice at once", async () => {
		const { ledger } = given();
		const upload = await begin();
		const part = await ledger.addUploadPart(upload.id, await storeText(ledger, "x"));
		const [one, two] = await Promise.all([
			ledger.completeUpload(upload.id, [part.id]),
			ledger.completeUpload(upload.id, [part.id]),
		]);
		expect(one.file).toEqual(two.file);
		expect(ledger.files({ after: null, limit: 10, order: "desc", purpose: null }).rows).toEqual([one.file]);
	});

	it("counts the file's expiry from its creation", async () => {
		const { ledger, clock } = given();
		const upload = await begin({ fileExpiresAfterMs: 5_000 });
		const part = await ledger.addUploadPart(upload.id, await storeText(ledger, "x"));
		clock.advance(100);
		const { file } = await ledger.completeUpload(upload.id, [part.id]);
		expect(file.expiresAtMs).toBe(clock.nowMs() + 5_000);
	});

	it("takes no parts once cancelled or expired, over a restart too", async () => {
		const test = given();
		const cancelled = await begin();
		expect(await test.ledger.cancelUpload(cancelled.id)).toEqual({ ...cancelled, status: "cancelled" });
		const late = await begin({ expiresAtMs: test.clock.nowMs() + 10 });
		test.clock.advance(10);
		expect(test.ledger.upload(late.id)?.status).toBe("expired");
		await test.ledger.sweep(KEEP_ALL);
		const bytes = await storeText(test.ledger, "x");
		await test.reopen();
		await expect(test.ledger.addUploadPart(cancelled.id, bytes)).rejects.toThrow("is cancelled, not pending");
		await expect(test.ledger.addUploadPart(late.id, bytes)).rejects.toThrow("is expired, not pending");
		await expect(test.ledger.completeUpload(late.id, [])).rejects.toThrow("is expired, not pending");
		expect(test.ledger.upload("upload_unknown")).toBeNull();
	});

	it("refuses a part of another upload", async () => {
		const { ledger } = given();
		const [one, two] = [await begin(), await begin()];
		const part = await ledger.addUploadPart(one.id, await storeText(ledger, "x"));
		await expect(ledger.completeUpload(two.id, [part.id])).rejects.toThrow(`has no part ${part.id}`);
	});
}
