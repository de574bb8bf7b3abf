/**
 * What the ledger's tests share: a clock that stands still until moved, input files, batches and results. Must hold no
 * assertions.
 */
import { createHash } from "node:crypto";
import type { Clock } from "../../base/base.ts";
import type { Ledger } from "../ledger.ts";
import type {
	BatchManifest,
	FileRecord,
	IndexedLine,
	LedgerChange,
	LineResult,
	ModelIdentity,
	Retention,
	StoredBytes,
} from "../records.ts";
import { sampleManifest } from "./manifest.ts";

/** A clock that moves only when told to. */
export interface ManualClock extends Clock {
	advance(durationMs: number): void;
}

/** A clock that starts on 14 November 2023. */
export function manualClock(): ManualClock {
	let elapsedMs = 0;
	return {
		nowMs: () => 1_700_000_000_000 + elapsedMs,
		monotonicMs: () => elapsedMs,
		advance(durationMs) {
			elapsedMs += durationMs;
		},
	};
}

/** A ledger for one test, with the means to play time and restarts. */
export interface LedgerUnderTest {
	readonly clock: ManualClock;
	/** The ledger; another one after `reopen`. */
	readonly ledger: Ledger;
	/** Closes the ledger and opens what it left. */
	reopen(): Promise<Ledger>;
	/** Closes the ledger and removes all it wrote. */
	dispose(): Promise<void>;
}

/** Lines brought to the index in one call. */
const LINES_PER_CALL = 10_000;

/** Model of all batches that do not say otherwise. */
export const MODEL: ModelIdentity = { name: "demo", digest: digestOf("demo") };

/** SHA-256 of a text, in hex. */
export function digestOf(text: string | Uint8Array): string {
	return createHash("sha256").update(text).digest("hex");
}

/** A text as a stream of pieces of `pieceBytes`. */
export async function* streamOf(bytes: string | Uint8Array, pieceBytes = 7): AsyncGenerator<Uint8Array> {
	const whole = Buffer.from(bytes);
	for (let at = 0; at < whole.length; at += pieceBytes) yield whole.subarray(at, at + pieceBytes);
}

/** All bytes of a stream. */
export async function bytesOf(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
	return Buffer.concat(await collect(stream));
}

/** All items of a stream. */
export async function collect<Item>(stream: AsyncIterable<Item>): Promise<Item[]> {
	const items: Item[] = [];
	for await (const item of stream) items.push(item);
	return items;
}

/** Stores a text, which must fit. */
export async function storeText(ledger: Ledger, text: string): Promise<StoredBytes> {
	const stored = await ledger.storeBytes(streamOf(text, 4096), 2 ** 30);
	if (!stored.ok) throw new Error(stored.error.kind);
	return stored.value;
}

/** A file with this text. */
export async function makeFile(ledger: Ledger, text: string): Promise<FileRecord> {
	return ledger.createFile(
		{ filename: "input.jsonl", purpose: "batch", expiresAtMs: null },
		await storeText(ledger, text),
	);
}

/** Text of a line of the made input. */
export function lineText(line: number): string {
	return `{"custom_id":"request-${line}","body":${line}}`;
}

/** A manifest on a file: 24 hours, nothing special. */
export function manifestOf(inputFileId: string): BatchManifest {
	return sampleManifest({ inputFileId });
}

/** A sweep that drops nothing for its age. */
export const KEEP_ALL: Retention = {
	keepCollectedMs: Number.MAX_SAFE_INTEGER,
	keepUnusedMs: Number.MAX_SAFE_INTEGER,
};

/** How a made batch differs from the usual. */
export interface BatchWish {
	readonly texts?: readonly string[];
	readonly model?: ModelIdentity;
	readonly familyOf?: (line: number) => number;
	readonly manifest?: Partial<BatchManifest>;
}

/** Index entries of lines that lie one after the other. */
export function indexOf(texts: readonly string[], familyOf: (line: number) => number = () => 0): IndexedLine[] {
	let offset = 0;
	return texts.map((text, line) => {
		const length = Buffer.byteLength(text);
		const key = createHash("sha256").update(text).digest().subarray(0, 16);
		const entry = { line, customId: `request-${line}`, offset, length, key, family: familyOf(line) };
		offset += length + 1;
		return entry;
	});
}

/** A validated batch of `total` lines; answers its id. */
export async function makeBatch(ledger: Ledger, total: number, wish: BatchWish = {}): Promise<string> {
	const texts = wish.texts ?? Array.from({ length: total }, (_, line) => lineText(line));
	const file = await makeFile(ledger, texts.map((text) => `${text}\n`).join(""));
	const { batch } = await ledger.createBatch({ ...manifestOf(file.id), ...wish.manifest }, null);
	const entries = indexOf(texts, wish.familyOf);
	for (let first = 0; first < entries.length; first += LINES_PER_CALL) {
		ledger.indexLines(batch.id, entries.slice(first, first + LINES_PER_CALL));
	}
	await ledger.settleValidation(batch.id, {
		kind: "valid",
		total: texts.length,
		model: wish.model ?? MODEL,
		notices: [],
	});
	return batch.id;
}

/** A result of a line; its token counts follow from the payload, so that usage tells which result was counted. */
export function resultOf(line: number, text = "answer", isError = false): LineResult {
	const payload = JSON.stringify({
		response: isError ? null : { body: text },
		error: isError ? { message: text } : null,
	});
	const provenance = {
		modelDigest: MODEL.digest,
		engineVersion: "1",
		machine: "test",
		seed: null,
		promptTokens: payload.length,
		cachedTokens: isError ? 0 : 2,
		completionTokens: text.length,
		reasoningTokens: isError ? 0 : 1,
		producedAtMs: 1_700_000_000_000,
		durationMs: 5,
		attempts: 1,
	};
	return { line, isError, payload, provenance };
}

/** Remembers the changes a ledger tells of. */
export function recordChanges(ledger: Ledger): { readonly changes: LedgerChange[]; readonly stop: () => void } {
	const changes: LedgerChange[] = [];
	return { changes, stop: ledger.watch((change) => changes.push(change)) };
}
