import { errorCode } from "../base/base.ts";

/** What the disk did to a write. */
export type WriteFault = "disk-full" | "disk-failed" | "closed";

/**
 * A change could not be made durable; nothing of it was applied. After `disk-failed` the ledger takes no more writes until it
 * is opened anew: what the operating system holds after a failed fsync cannot be trusted.
 */
export class LedgerWriteError extends Error {
	override readonly name = "LedgerWriteError";
	readonly fault: WriteFault;

	constructor(fault: WriteFault, message: string, options?: ErrorOptions) {
		super(message, options);
		this.fault = fault;
	}
}

/** Stored bytes are missing or are not what was stored. `nightshift ledger verify` names all such places. */
export class LedgerDamageError extends Error {
	override readonly name = "LedgerDamageError";
}

/**
 * Bytes of an input that another machine took in are not on this one yet. They can be fetched; `blobs` names those that are missing.
 */
export class LedgerInputElsewhereError extends Error {
	override readonly name = "LedgerInputElsewhereError";
	readonly blobs: readonly { readonly digest: string; readonly sizeBytes: number }[];

	constructor(blobs: LedgerInputElsewhereError["blobs"]) {
		super(
			`${blobs.length} parts of this file are on other machines, and none that has them could be asked. Try again once they are there.`,
		);
		this.blobs = blobs;
	}
}

/** A caller broke the interface's rules, e.g. named a batch that does not exist. A bug, not a condition to handle. */
export class LedgerMisuseError extends Error {
	override readonly name = "LedgerMisuseError";
}

/** Codes of Node and SQLite that mean: no room left. */
const FULL_CODES: ReadonlySet<string> = new Set(["ENOSPC", "EDQUOT", "SQLITE_FULL"]);

/** True: the disk or the quota is full. */
export function isDiskFull(error: unknown): boolean {
	return FULL_CODES.has(errorCode(error));
}

/** Turns an error of the disk or of SQLite into a `LedgerWriteError`; everything else is answered as it is. */
export function asWriteError(error: unknown): unknown {
	const code = errorCode(error);
	if (isDiskFull(error)) {
		return new LedgerWriteError(
			"disk-full",
			"The disk that holds the data folder is full. Free some space; nothing is lost.",
			{
				cause: error,
			},
		);
	}
	if (code === "EIO" || code === "EROFS" || code.startsWith("SQLITE_IOERR") || code === "SQLITE_READONLY") {
		return new LedgerWriteError(
			"disk-failed",
			`The disk that holds the data folder refused a write (${code}). Check the disk, then start Nightshift again.`,
			{ cause: error },
		);
	}
	return error;
}
