import type { Blobs } from "./blobs.ts";
import { LedgerMisuseError } from "./errors.ts";
import type { Files } from "./files.ts";
import type { FileRecord } from "./records.ts";

/** Input files whose blobs are remembered between claims: more than batches run at a time. */
const MAX_KNOWN_INPUTS = 32;

/** Reads lines of input files, dropped ones too as long as their blobs are there. */
export interface Inputs {
	/** Throws `LedgerDamageError` if the bytes are gone. */
	read(fileId: string, offset: number, length: number): Uint8Array;
	/** Its bytes can be read no more: this machine took the file in, and they are not there. Those of others are fetched. */
	isGone(fileId: string): boolean;
	/** The blobs of a part of a file are there. */
	isPartThere(fileId: string, offset: number, length: number): boolean;
}

/** Inputs among `files`. */
export function createInputs({ files, blobs }: { readonly files: Files; readonly blobs: Blobs }): Inputs {
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

	return {
		read(fileId, offset, length) {
			const pieces = piecesOf(input(fileId), offset, length);
			const parts = pieces.map(({ digest, from, to }) => blobs.handles.readSync(digest, from, to - from));
			return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
		},
		isGone: (fileId) => files.isOwn(fileId) && !input(fileId).blobs.every((blob) => blobs.has(blob.digest)),
		isPartThere: (fileId, offset, length) =>
			piecesOf(input(fileId), offset, length).every((piece) => blobs.has(piece.digest)),
	};
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
