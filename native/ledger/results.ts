import type { Database } from "better-sqlite3";
import { LedgerDamageError } from "./errors.ts";
import type { BlobHandles } from "./handles.ts";
import type { Digest, LineResult } from "./records.ts";
import { lineKey } from "./schema.ts";
import { parseSegmentLine } from "./segments.ts";
import type { Contender } from "./winner.ts";

/** Place of a result in a segment. */
export interface ResultPlace {
	readonly line: number;
	readonly segment: Digest;
	readonly offset: number;
	readonly length: number;
}

/** Results read at a time from the table. */
export const RESULT_PAGE = 2_000;

/** Bytes of results held at a time while many are read. */
const READ_BATCH_BYTES = 4 * 1024 * 1024;

/** Bytes between two results of a segment that are cheaper read than skipped. */
const READ_GAP_BYTES = 64 * 1024;

/** Finds results in the tables and reads them from their segments. */
export interface Results {
	has(batch: number, line: number): boolean;
	holder(batch: number, line: number): Contender | null;
	/** Places of the results of lines from `first` to before `end`, ascending. */
	places(batch: number, first: number, end: number): readonly ResultPlace[];
	crashes(batch: number, line: number): number;
	/** Reads results in the order of `places`, in bounded memory. */
	read(places: readonly ResultPlace[]): AsyncIterable<LineResult>;
	readOneSync(place: ResultPlace): LineResult;
}

/** Results in `database`, payloads by `handles`. */
export function createResults(database: Database, handles: BlobHandles): Results {
	const exists = database.prepare<[number], number>("SELECT 1 FROM result WHERE key = ?").pluck();
	const holder = database.prepare<[number], { is_error: number; round: number; hash: Uint8Array }>(
		"SELECT is_error, round, hash FROM result WHERE key = ?",
	);
	const places = database.prepare<[number, number, number], ResultPlace>(
		`SELECT result.key - ? AS line, segment.digest AS segment, offset, length
		 FROM result JOIN segment ON segment.number = result.segment WHERE key >= ? AND key < ? ORDER BY key`,
	);
	const crashes = database.prepare<[number], number>("SELECT count(*) FROM crash WHERE key = ?").pluck();

	return {
		has: (batch, line) => exists.get(lineKey(batch, line)) !== undefined,
		holder(batch, line) {
			const row = holder.get(lineKey(batch, line));
			return row === undefined ? null : { isError: row.is_error === 1, round: row.round, hash: row.hash };
		},
		places: (batch, first, end) => places.all(lineKey(batch, 0), lineKey(batch, first), lineKey(batch, end)),
		crashes: (batch, line) => crashes.get(lineKey(batch, line)) ?? 0,
		async *read(wanted) {
			for (const part of cutBySize(wanted)) yield* await readPart(handles, part);
		},
		readOneSync: (place) => parsePlace(place, handles.readSync(place.segment, place.offset, place.length)),
	};
}

function* cutBySize(places: readonly ResultPlace[]): Generator<readonly ResultPlace[]> {
	let part: ResultPlace[] = [];
	let sizeBytes = 0;
	for (const place of places) {
		if (part.length > 0 && sizeBytes + place.length > READ_BATCH_BYTES) {
			yield part;
			part = [];
			sizeBytes = 0;
		}
		part.push(place);
		sizeBytes += place.length;
	}
	if (part.length > 0) yield part;
}

/** Reads neighbours in a segment with one read each, and answers them in the order asked for. */
async function readPart(handles: BlobHandles, places: readonly ResultPlace[]): Promise<LineResult[]> {
	const order = [...places.keys()].sort((left, right) => compare(places[left], places[right]));
	const results = new Map<number, LineResult>();
	let run: number[] = [];
	const flush = async (): Promise<void> => {
		const first = places[run[0] ?? -1];
		const last = places[run.at(-1) ?? -1];
		if (first === undefined || last === undefined) return;
		const bytes = await handles.read(first.segment, first.offset, last.offset + last.length - first.offset);
		for (const index of run) {
			const place = places[index];
			if (place === undefined) continue;
			const from = place.offset - first.offset;
			results.set(index, parsePlace(place, bytes.subarray(from, from + place.length)));
		}
		run = [];
	};
	for (const index of order) {
		const last = places[run.at(-1) ?? -1];
		const place = places[index];
		if (last !== undefined && place !== undefined && !isNear(last, place)) await flush();
		run.push(index);
	}
	await flush();
	return [...places.keys()].flatMap((index) => results.get(index) ?? []);
}

function compare(left: ResultPlace | undefined, right: ResultPlace | undefined): number {
	if (left === undefined || right === undefined) return 0;
	if (left.segment !== right.segment) return left.segment < right.segment ? -1 : 1;
	return left.offset - right.offset;
}

function isNear(last: ResultPlace, next: ResultPlace): boolean {
	return last.segment === next.segment && next.offset - (last.offset + last.length) <= READ_GAP_BYTES;
}

function parsePlace(place: ResultPlace, bytes: Uint8Array): LineResult {
	try {
		const result = parseSegmentLine(bytes);
		if (result.line === place.line) return result;
	} catch (cause) {
		throw damaged(place, { cause });
	}
	throw damaged(place);
}

function damaged(place: ResultPlace, options?: ErrorOptions): LedgerDamageError {
	return new LedgerDamageError(
		`Segment ${place.segment} does not hold the result of line ${place.line}; run "nightshift ledger verify".`,
		options,
	);
}
