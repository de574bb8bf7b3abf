import { closeSync, openSync, read, readSync } from "node:fs";
import { LedgerDamageError } from "./errors.ts";
import type { Digest } from "./records.ts";

/** Blob files kept open: far below the 256 that macOS allows a process by default, enough for all blobs a slice touches. */
const MAX_OPEN_FILES = 48;

/** Reads parts of blobs through a small set of open files, least recently used closed first. */
export interface BlobHandles {
	/** The bytes from `offset`, exactly `length` of them. Throws `LedgerDamageError` if the blob is missing or shorter. */
	readSync(digest: Digest, offset: number, length: number): Buffer;
	/** As `readSync`, without blocking. */
	read(digest: Digest, offset: number, length: number): Promise<Buffer>;
	/** Closes the file of a blob that is about to be removed. */
	forget(digest: Digest): void;
	closeAll(): void;
}

interface Handle {
	readonly descriptor: number;
	/** Reads under way: such a file must not be closed, its number may name another file the next moment. */
	readers: number;
	forgotten: boolean;
}

/** Handles to the blobs at `pathOf`. */
export function createBlobHandles(pathOf: (digest: Digest) => string): BlobHandles {
	const open = new Map<Digest, Handle>();

	function close(digest: Digest, handle: Handle): void {
		open.delete(digest);
		handle.forgotten = true;
		if (handle.readers === 0) closeSync(handle.descriptor);
	}

	function acquire(digest: Digest): Handle {
		const known = open.get(digest);
		if (known !== undefined) {
			open.delete(digest);
			open.set(digest, known);
			return known;
		}
		const handle = { descriptor: openBlob(pathOf(digest), digest), readers: 0, forgotten: false };
		open.set(digest, handle);
		for (const [oldest, idle] of open) {
			if (open.size <= MAX_OPEN_FILES) break;
			if (idle.readers === 0 && oldest !== digest) close(oldest, idle);
		}
		return handle;
	}

	return {
		readSync(digest, offset, length) {
			const bytes = Buffer.allocUnsafe(length);
			const { descriptor } = acquire(digest);
			let filled = 0;
			while (filled < length) {
				const size = readSync(descriptor, bytes, filled, length - filled, offset + filled);
				if (size === 0) throw shorter(digest, offset + length);
				filled += size;
			}
			return bytes;
		},
		async read(digest, offset, length) {
			const bytes = Buffer.allocUnsafe(length);
			const handle = acquire(digest);
			handle.readers += 1;
			try {
				let filled = 0;
				while (filled < length) {
					const size = await readOnce(handle.descriptor, bytes, filled, offset + filled);
					if (size === 0) throw shorter(digest, offset + length);
					filled += size;
				}
				return bytes;
			} finally {
				handle.readers -= 1;
				if (handle.forgotten && handle.readers === 0) closeSync(handle.descriptor);
			}
		},
		forget(digest) {
			const handle = open.get(digest);
			if (handle !== undefined) close(digest, handle);
		},
		closeAll() {
			for (const [digest, handle] of open) close(digest, handle);
		},
	};
}

function openBlob(path: string, digest: Digest): number {
	try {
		return openSync(path, "r");
	} catch (cause) {
		throw new LedgerDamageError(
			`Blob ${digest} can't be opened; run "nightshift ledger verify" to see what is missing.`,
			{
				cause,
			},
		);
	}
}

function readOnce(descriptor: number, bytes: Buffer, at: number, position: number): Promise<number> {
	return new Promise((resolve, reject) => {
		read(descriptor, bytes, at, bytes.length - at, position, (error, size) => {
			if (error === null) resolve(size);
			else reject(error);
		});
	});
}

function shorter(digest: Digest, wantedBytes: number): LedgerDamageError {
	return new LedgerDamageError(
		`Blob ${digest} is shorter than the ${wantedBytes} bytes it must have; run "nightshift ledger verify".`,
	);
}
