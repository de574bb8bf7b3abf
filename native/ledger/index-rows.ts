import { pipeline, Readable } from "node:stream";
import { createGunzip, createGzip } from "node:zlib";
import { LedgerDamageError } from "./errors.ts";
import type { IndexedLine } from "./records.ts";

/**
 * The index of a batch as bytes: one row of JSON a line of the batch, `[custom_id, offset, length, key, family]`, compressed. Where
 * lines lie is said of the input, so that equal inputs give equal rows on every machine.
 */

/** Bytes of a row at most: a custom_id has 512 characters, each of which may be written with six. */
const MAX_ROW_BYTES = 8 * 1024;

/** Rows handed on at a time: some ten milliseconds of work. */
export const PORTION_ROWS = 5_000;

/** Characters of a custom_id at most, as validation has it. */
const MAX_CUSTOM_ID_LENGTH = 512;

/** Least effort: half of the bytes are digests, which nothing makes smaller. */
const LEVEL = 1;

const KEY = /^[0-9a-f]{32}$/;

const LINE_FEED = 0x0a;

/** What an index must fit. */
export interface IndexBounds {
	/** Lines of the batch. */
	readonly total: number;
	/** Bytes of its input. */
	readonly inputBytes: number;
}

/** Writes lines as the bytes of an index, with flat memory. */
export function indexBytes(portions: AsyncIterable<readonly IndexedLine[]>): AsyncIterable<Uint8Array> {
	// The one who reads the last of the streams hears of a failure in any.
	return pipeline(Readable.from(rowTexts(portions)), createGzip({ level: LEVEL }), ignore);
}

/**
 * Reads the bytes of an index in portions, with flat memory. They come from another machine: throws `LedgerDamageError` as soon as
 * they are anything but the rows of `total` lines within the input.
 */
export async function* indexedLines(
	bytes: AsyncIterable<Uint8Array>,
	{ total, inputBytes }: IndexBounds,
): AsyncGenerator<readonly IndexedLine[]> {
	let lines: IndexedLine[] = [];
	let count = 0;
	for await (const row of rowsOf(bytes)) {
		if (count >= total) throw damaged(`has more than ${total} lines`);
		const line = parseRow(row, count);
		if (line === null || line.offset + line.length > inputBytes) throw damaged(`is wrong about line ${count}`);
		lines.push(line);
		count += 1;
		if (lines.length < PORTION_ROWS) continue;
		yield lines;
		lines = [];
	}
	if (count < total) throw damaged(`has ${count} lines of ${total}`);
	if (lines.length > 0) yield lines;
}

function ignore(): void {}

async function* rowTexts(portions: AsyncIterable<readonly IndexedLine[]>): AsyncGenerator<string> {
	for await (const lines of portions) {
		const rows = lines.map(({ customId, offset, length, key, family }) =>
			JSON.stringify([customId, offset, length, Buffer.from(key).toString("hex"), family]),
		);
		if (rows.length > 0) yield `${rows.join("\n")}\n`;
	}
}

/** Rows without their line ends, none of them longer than a row can be. */
async function* rowsOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
	let rest: Buffer = Buffer.alloc(0);
	try {
		for await (const piece of pipeline(Readable.from(bytes), createGunzip(), ignore)) {
			const filled: Buffer = Buffer.concat([rest, piece]);
			let from = 0;
			for (let end = filled.indexOf(LINE_FEED); end >= 0; end = filled.indexOf(LINE_FEED, from)) {
				yield filled.toString("utf8", from, end);
				from = end + 1;
			}
			rest = filled.subarray(from);
			if (rest.length > MAX_ROW_BYTES) throw damaged("has a row that is too long");
		}
	} catch (error) {
		if (error instanceof LedgerDamageError) throw error;
		throw damaged("can't be unpacked", { cause: error });
	}
	if (rest.length > 0) throw damaged("ends within a row");
}

function parseRow(row: string, line: number): IndexedLine | null {
	const fields = parseJson(row);
	if (!Array.isArray(fields) || fields.length !== 5) return null;
	const [customId, offset, length, key, family]: unknown[] = fields;
	if (typeof customId !== "string" || customId.length > MAX_CUSTOM_ID_LENGTH) return null;
	if (typeof key !== "string" || !KEY.test(key)) return null;
	if (!isNatural(offset) || !isNatural(length) || !Number.isSafeInteger(family)) return null;
	return { line, customId, offset, length, key: Buffer.from(key, "hex"), family: Number(family) };
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return null;
	}
}

function isNatural(value: unknown): value is number {
	return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function damaged(what: string, options?: ErrorOptions): LedgerDamageError {
	return new LedgerDamageError(
		`The shared index of a batch ${what}; it is validated anew where its input is.`,
		options,
	);
}
