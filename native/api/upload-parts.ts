/** Whether the parts that a client names make up the upload it announced. */
import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { err, ok, type Result } from "../base/base.ts";
import type { FileRecord, Ledger, UploadPart, UploadRecord } from "../ledger/ledger.ts";
import { type ApiFault, badRequest } from "./errors.ts";

/** Puts the parts in the order named. Each must be of this upload, none twice, and their sizes must add up. */
export function chooseParts(
	upload: UploadRecord,
	parts: readonly UploadPart[],
	partIds: readonly string[],
): Result<readonly UploadPart[], ApiFault> {
	const partsById = new Map(parts.map((part) => [part.id, part]));
	const chosen: UploadPart[] = [];
	for (const [index, id] of partIds.entries()) {
		const part = partsById.get(id);
		const param = `part_ids[${index}]`;
		if (part === undefined) return err(badRequest(`The upload has no part ${id}, or it is named twice.`, param));
		partsById.delete(id);
		chosen.push(part);
	}
	const sizeBytes = chosen.reduce((sum, part) => sum + part.bytes.sizeBytes, 0);
	if (sizeBytes === upload.sizeBytes) return ok(chosen);
	return err(
		badRequest(
			`The parts have ${sizeBytes} bytes together, but the upload was announced with ${upload.sizeBytes}.`,
			"part_ids",
			"upload_size_mismatch",
		),
	);
}

/** Tells whether a file is made of just these parts in this order. */
export function isMadeOf(file: Pick<FileRecord, "blobs">, parts: readonly UploadPart[]): boolean {
	const digests = parts.flatMap((part) => part.bytes.blobs.map((blob) => blob.digest));
	return isDeepStrictEqual(
		digests,
		file.blobs.map((blob) => blob.digest),
	);
}

/** Compares the MD5 of the parts, read in this order, with the one the client computed; null: they agree. */
export async function checkDigest(
	ledger: Pick<Ledger, "readFile">,
	upload: UploadRecord,
	parts: readonly UploadPart[],
	md5: string,
): Promise<ApiFault | null> {
	const hash = createHash("md5");
	for (const part of parts) {
		// A part is bytes like any file's; the ledger reads them by their blobs.
		const asFile = { ...upload, ...part.bytes, expiresAtMs: null };
		for await (const chunk of ledger.readFile(asFile)) hash.update(chunk);
	}
	const found = hash.digest("hex");
	if (found === md5.toLowerCase()) return null;
	return badRequest(`The bytes have the MD5 ${found}, not ${md5}: a part was damaged or is out of order.`, "md5");
}
