import { createHash, randomBytes } from "node:crypto";
import type { Digest } from "./records.ts";

/** Source of random bytes, passed in so that tests can drive it. */
export type Random = (sizeBytes: number) => Uint8Array;

/** The operating system's random bytes. */
export const systemRandom: Random = (sizeBytes) => randomBytes(sizeBytes);

/** 128 bits: two of them meet by chance once in 10^19 ids. */
const ID_BYTES = 16;

/** Hex digits kept of a digest in the id of a published file: 128 bits, as above. */
const DIGEST_DIGITS = 32;

/** A new id such as `batch_6f…`: the prefix and 32 hex digits, safe in URLs and as a file name on any system. */
export function randomId(
	prefix: "file-" | "batch_" | "msgbatch_" | "upload_" | "part_" | "lease_" | "",
	random: Random,
): string {
	return prefix + Buffer.from(random(ID_BYTES)).toString("hex");
}

/**
 * Id of a batch's output or error file. Made from its content, so that two machines that seal the same batch with the same
 * bytes name the same file, and other bytes can never appear under a name once published.
 */
export function publishedFileId(batchId: string, kind: "output" | "error", digest: Digest): string {
	const hash = createHash("sha256").update(`${batchId}\n${kind}\n${digest}`).digest("hex");
	return `file-${hash.slice(0, DIGEST_DIGITS)}`;
}
