/** Fetches one file to its part file, over as many connections as it takes, and never mixes two versions of it. */
import { constants, type FileHandle, open } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import { err, errorCode, ok, type Result } from "../../base/base.ts";
import { GGUF_MAGIC } from "../gguf-files.ts";
import type { DownloadLimits } from "./downloads.ts";
import { askMachines, digestIn } from "./machine-files.ts";
import type { FileRecord } from "./record.ts";
import { type Answer, ask, isBrokenConnection, type WebDeps } from "./web.ts";

/** Why a file is not whole. */
export type TransferFault =
	| { readonly kind: "stopped" }
	/** In vain again: `message` says why and how to mend it. */
	| { readonly kind: "failed"; readonly message: string };

/** What is known of every file of a kind before it comes. */
export interface FileKind {
	/** Its first bytes, so that a web page in its place is noticed at once. */
	readonly beginning: Uint8Array;
	/** What to say of a file that begins in another way. */
	readonly otherwise: string;
	/**
	 * Its digest is known and compared at the end, so parts of two versions can't pass for one: it is gone on with also where the
	 * server gives its versions no names.
	 */
	readonly isDigestKnown: boolean;
}

/** Models are GGUF files; not every server knows their digests. */
export const ggufKind: FileKind = {
	beginning: GGUF_MAGIC,
	isDigestKnown: false,
	otherwise: "What the server sends is no GGUF file but something else, such as a web page. Check the address.",
};

/** What fetching a file needs. */
export interface TransferDeps extends WebDeps {
	readonly partPath: string;
	readonly fileKind: FileKind;
	readonly limits: DownloadLimits;
	/** Ends it at the next byte. */
	readonly signal: AbortSignal;
	/** Keeps what changed in the file's record. Answers why it could not; null: it did. */
	save(): Promise<string | null>;
	freeBytes(): Promise<number>;
	/** Hears where in the file it is. */
	onPosition(bytes: number): void;
}

/** How one connection ended: `again` may go better, `failed` won't. */
type Outcome =
	| "whole"
	| TransferFault
	| { readonly kind: "again"; readonly message: string; readonly waitMs: number | null };

/** Fetches until the file is whole, goes on where it stopped, and gives up after too many tries in vain. */
export async function fetchFile(file: FileRecord, deps: TransferDeps): Promise<Result<void, TransferFault>> {
	const { limits, signal } = deps;
	let furthest = file.syncedBytes;
	for (let vain = 0; ; ) {
		if (signal.aborted) return err({ kind: "stopped" });
		const outcome = await tryOnce(file, deps);
		if (outcome === "whole") return ok(undefined);
		if (outcome.kind !== "again") return err(outcome);
		// Only what never came before counts: a server that begins anew each time must not keep us for ever.
		vain = file.syncedBytes > furthest ? 0 : vain + 1;
		furthest = Math.max(furthest, file.syncedBytes);
		if (vain >= limits.vainTries) return err({ kind: "failed", message: `${outcome.message} Resume it later.` });
		const pause = outcome.waitMs ?? Math.min(limits.firstWaitMs * 2 ** Math.max(0, vain - 1), limits.longestWaitMs);
		if (!(await waited(pause, signal))) return err({ kind: "stopped" });
	}
}

async function tryOnce(file: FileRecord, deps: TransferDeps): Promise<Outcome> {
	let part: FileHandle;
	try {
		part = await open(deps.partPath, constants.O_RDWR | constants.O_CREAT, 0o600);
	} catch (error) {
		return diskFault(error);
	}
	try {
		return await receiveInto(part, file, deps);
	} catch (error) {
		return diskFault(error);
	} finally {
		await part.close();
	}
}

async function receiveInto(part: FileHandle, file: FileRecord, deps: TransferDeps): Promise<Outcome> {
	await settleStart(part, file, deps.fileKind);
	if (file.sizeBytes !== null && file.syncedBytes === file.sizeBytes) return "whole";
	const full = await fullDisk(deps, (file.sizeBytes ?? 0) - file.syncedBytes);
	if (full !== null) return full;
	const asked = await askRest(file, deps);
	if (!asked.ok) {
		if (deps.signal.aborted) return { kind: "stopped" };
		const { kind, message, retryAfterMs } = asked.error;
		return kind === "later" ? { kind: "again", message, waitMs: retryAfterMs } : { kind: "failed", message };
	}
	try {
		const problem = await judge(asked.value.response, part, file, deps.fileKind);
		if (problem !== null) return problem;
		return await drain(asked.value, part, file, deps);
	} finally {
		asked.value.end();
	}
}

/** Asks for what is not surely on the disk yet, whoever has it. */
function askRest({ url, syncedBytes: from, validator }: FileRecord, deps: TransferDeps) {
	const digest = digestIn(url);
	if (digest !== null) return askMachines(digest, from, deps.machines, deps.signal);
	const range: Record<string, string> = from === 0 ? {} : { range: `bytes=${from}-` };
	const condition: Record<string, string> = from === 0 || validator === null ? {} : { "if-range": validator };
	return ask(url, { ...range, ...condition }, deps, deps.signal);
}

/** What is surely on the disk is gone on with, if it can be told that the rest will be of the same version. */
async function settleStart(part: FileHandle, file: FileRecord, { isDigestKnown }: FileKind): Promise<void> {
	const { size } = await part.stat();
	const isTooMuch = file.sizeBytes !== null && file.syncedBytes > file.sizeBytes;
	const isOneVersion = isDigestKnown || file.validator !== null || file.sha256 !== null;
	const canGoOn = isOneVersion && size >= file.syncedBytes && !isTooMuch;
	await startAt(canGoOn ? file.syncedBytes : 0, part, file);
}

async function startAt(bytes: number, part: FileHandle, file: FileRecord): Promise<void> {
	await part.truncate(bytes);
	file.syncedBytes = bytes;
}

/** Settles where the body that comes belongs; null: go ahead. */
async function judge(
	response: Response,
	part: FileHandle,
	file: FileRecord,
	fileKind: FileKind,
): Promise<Outcome | null> {
	const validator = strongValidator(response.headers);
	const changed: Outcome = { kind: "again", message: "The file changes on its server all the time.", waitMs: null };
	if (response.status === 416) {
		await startAt(0, part, file);
		return changed;
	}
	if (/^text\/html\b/i.test(response.headers.get("content-type") ?? "")) return otherKind(fileKind);
	const encoding = response.headers.get("content-encoding") ?? "identity";
	if (encoding !== "identity") {
		return {
			kind: "failed",
			message: "The server compresses the file, so it can't be fetched in parts. Use another address.",
		};
	}
	const length = wholeNumber(response.headers.get("content-length"));
	if (response.status === 206) {
		const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get("content-range") ?? "");
		const total = wholeNumber(range?.[2] ?? null);
		const isSameVersion = file.validator === null || validator === null || validator === file.validator;
		const isSameSize = total === null || file.sizeBytes === null || total === file.sizeBytes;
		if (Number(range?.[1]) !== file.syncedBytes || !isSameVersion || !isSameSize) {
			await startAt(0, part, file);
			file.validator = null;
			if (!file.isSizeListed) file.sizeBytes = null;
			return changed;
		}
		file.sizeBytes ??= total;
		if (file.syncedBytes === 0) file.validator = validator;
		return null;
	}
	// The whole file comes: from the beginning, or because it is another one by now, or because the server knows no ranges.
	await startAt(0, part, file);
	file.validator = validator;
	if (!file.isSizeListed) file.sizeBytes = length;
	if (length !== null && length !== file.sizeBytes) {
		return {
			kind: "failed",
			message: "The server has a file of another size than is listed. Start the download again.",
		};
	}
	return null;
}

/** Writes the body down; what has come is safe on the disk whichever way this ends. */
async function drain(answer: Answer, part: FileHandle, file: FileRecord, deps: TransferDeps): Promise<Outcome> {
	let position = file.syncedBytes;
	const synced = async () => {
		await part.datasync();
		file.syncedBytes = position;
		return deps.save();
	};
	const ended = async (outcome: Outcome): Promise<Outcome> => {
		const problem = await synced();
		return problem === null ? outcome : { kind: "failed", message: problem };
	};
	try {
		for await (const chunk of answer.response.body ?? []) {
			answer.alive();
			if (!beginsRight(chunk, position, deps.fileKind)) return otherKind(deps.fileKind);
			if (file.sizeBytes !== null && position + chunk.byteLength > file.sizeBytes) {
				await startAt(0, part, file);
				return { kind: "again", message: "The server sends more than it says.", waitMs: null };
			}
			await part.write(chunk, 0, chunk.byteLength, position);
			position += chunk.byteLength;
			deps.onPosition(position);
			if (position - file.syncedBytes < deps.limits.syncBytes) continue;
			const problem = await synced();
			const full = problem === null ? await fullDisk(deps, 0) : { kind: "failed" as const, message: problem };
			if (full !== null) return full;
		}
	} catch (error) {
		if (!isBrokenConnection(error)) throw error;
		if (deps.signal.aborted) return ended({ kind: "stopped" });
		return ended({ kind: "again", message: "The connection breaks again and again.", waitMs: null });
	}
	// A body that says how long it is ends early only by a break; one that does not is whole when it ends in order.
	file.sizeBytes ??= position;
	if (position === file.sizeBytes) return ended("whole");
	return ended({ kind: "again", message: "The server ends before the file does.", waitMs: null });
}

function otherKind({ otherwise }: FileKind): TransferFault {
	return { kind: "failed", message: otherwise };
}

/** Whether a piece that begins at a position may belong to such a file. */
function beginsRight(chunk: Uint8Array, position: number, { beginning }: FileKind): boolean {
	const expected = beginning.subarray(position, position + chunk.byteLength);
	return expected.every((byte, index) => chunk[index] === byte);
}

/** Null: there is room for so many bytes more. */
async function fullDisk({ freeBytes, limits }: TransferDeps, moreBytes: number): Promise<TransferFault | null> {
	if ((await freeBytes()) - moreBytes >= limits.leastFreeBytes) return null;
	return { kind: "failed", message: "The disk is too full for it. Free some space, then resume." };
}

/** A weak one means `much the same`, which is not enough to put two halves together. */
function strongValidator(headers: Headers): string | null {
	const etag = headers.get("etag");
	return etag !== null && /^"[^"]{1,512}"$/.test(etag) ? etag : null;
}

function wholeNumber(text: string | null): number | null {
	return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null;
}

function diskFault(error: unknown): TransferFault {
	const code = errorCode(error);
	if (code === "") throw error;
	const isFull = ["ENOSPC", "EDQUOT", "EFBIG"].includes(code);
	const mend = isFull ? "The disk is full. Free some space, then resume." : `It could not be written (${code}).`;
	return { kind: "failed", message: mend };
}

async function waited(ms: number, signal: AbortSignal): Promise<boolean> {
	try {
		await wait(ms, undefined, { signal });
		return true;
	} catch (error) {
		if (signal.aborted) return false;
		throw error;
	}
}
