import type { Blobs } from "./blobs.ts";
import { LedgerInputElsewhereError, LedgerMisuseError } from "./errors.ts";
import type { FetchBlob, Files } from "./files.ts";
import type { FileRecord } from "./records.ts";

/** Input files whose blobs are remembered between claims: more than batches run at a time. */
const MAX_KNOWN_INPUTS = 32;

/** A part of a file. */
interface Extent {
	readonly offset: number;
	readonly length: number;
}

type StoredBlob = FileRecord["blobs"][number];

/** Reads lines of input files, dropped ones too as long as their blobs are there. */
export interface Inputs {
	/** Throws `LedgerDamageError` if the bytes are gone, `LedgerInputElsewhereError` if another machine took the file in and has them. */
	read(fileId: string, offset: number, length: number): Uint8Array;
	/** Its bytes can be read no more: this machine took the file in, and they are not there. Those of others are fetched. */
	isGone(fileId: string): boolean;
	/** The blobs of a part of a file are there. */
	isPartThere(fileId: string, offset: number, length: number): boolean;
	/** Blobs that are not here and in which some of these parts lie; null: all that are not here. Empty for an unknown file. */
	missing(fileId: string, parts: Iterable<Extent> | null): readonly StoredBlob[];
	/** Gets them from other machines, one after the other, as far as they can be had. True: none is missing any more. */
	bring(fileId: string, parts: Iterable<Extent> | null): Promise<boolean>;
}

/** Inputs among `files`. */
export function createInputs({
	files,
	blobs,
	fetchBlob,
}: {
	readonly files: Files;
	readonly blobs: Blobs;
	/** Null: what is not here is nowhere. */
	readonly fetchBlob: FetchBlob | null;
}): Inputs {
	const known = new Map<string, FileRecord>();

	function input(fileId: string): FileRecord {
		const file = known.get(fileId) ?? files.evenIfDropped(fileId);
		if (file === null) throw new LedgerMisuseError(`There is no file ${fileId}.`);
		for (const oldest of known.keys()) {
			if (known.size < MAX_KNOWN_INPUTS) break;
			known.delete(oldest);
		}
		known.set(fileId, file);
		return file;
	}

	function missing(fileId: string, parts: Iterable<Extent> | null): readonly StoredBlob[] {
		const file = known.get(fileId) ?? files.evenIfDropped(fileId);
		if (file === null) return [];
		const wanted = parts === null ? null : blobsUnder(file, parts);
		const absent = file.blobs.filter(({ digest }, at) => (wanted?.has(at) ?? true) && !blobs.has(digest));
		return [...new Map(absent.map((blob) => [blob.digest, blob])).values()];
	}

	return {
		missing,
		async bring(fileId, parts) {
			for (const { digest, sizeBytes } of missing(fileId, parts)) {
				if (fetchBlob === null || !(await fetchBlob(digest, sizeBytes))) return false;
			}
			return true;
		},
		read(fileId, offset, length) {
			const pieces = piecesOf(input(fileId), offset, length);
			try {
				const parts = pieces.map(({ digest, from, to }) => blobs.handles.readSync(digest, from, to - from));
				return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
			} catch (error) {
				const absent = files.isOwn(fileId) ? [] : missing(fileId, [{ offset, length }]);
				throw absent.length === 0 ? error : new LedgerInputElsewhereError(absent);
			}
		},
		isGone: (fileId) => files.isOwn(fileId) && !input(fileId).blobs.every((blob) => blobs.has(blob.digest)),
		isPartThere: (fileId, offset, length) =>
			piecesOf(input(fileId), offset, length).every((piece) => blobs.has(piece.digest)),
	};
}

/** Places among the blobs of a file of those in which some parts lie. */
function blobsUnder({ blobs }: FileRecord, parts: Iterable<Extent>): ReadonlySet<number> {
	const ends: number[] = [];
	for (const blob of blobs) ends.push((ends.at(-1) ?? 0) + blob.sizeBytes);
	const found = new Set<number>();
	let at = 0;
	for (const { offset, length } of parts) {
		// Lines mostly ascend, so that the blob is that of the line before or the next.
		if ((ends[at - 1] ?? 0) > offset) at = 0;
		while (at < ends.length && (ends[at] ?? 0) <= offset) at += 1;
		for (let blob = at; blob < ends.length && (ends[blob - 1] ?? 0) < offset + length; blob += 1) found.add(blob);
	}
	return found;
}

/** Where a part of a file lies; a line may reach from one blob into the next. */
function piecesOf(file: FileRecord, offset: number, length: number) {
	const pieces: { readonly digest: string; readonly from: number; readonly to: number }[] = [];
	let blobStart = 0;
	for (const blob of file.blobs) {
		const from = Math.max(offset - blobStart, 0);
		const to = Math.min(offset + length - blobStart, blob.sizeBytes);
		if (from < to) pieces.push({ digest: blob.digest, from, to });
		blobStart += blob.sizeBytes;
	}
	return pieces;
}
