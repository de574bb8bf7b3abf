/**
 * Reads tar archives as npm makes them (POSIX.1-1988 ustar headers, POSIX.1-2001 pax records for long names), and nothing else: what
 * such an archive never has, links and devices and paths that lead elsewhere, is a fault. Pure but for the bytes it is handed.
 */
import { err, ok, type Result } from "../../base/base.ts";

/** A file of an archive. */
export interface TarFile {
	/** Its folders and its name, none of them special; without the folder that all of a package lies in. */
	readonly path: readonly string[];
	readonly sizeBytes: number;
	/** Must be read to its end before the next file is asked for. */
	readonly pieces: AsyncIterable<Uint8Array>;
}

/** Why an archive is not unpacked, for people. */
export class TarFault extends Error {}

/** What an archive may hold at most. */
export interface TarLimits {
	readonly files: number;
	/** Of all files. */
	readonly bytes: number;
}

/** Headers and contents come in blocks of this (POSIX.1-1988). */
const BLOCK_BYTES = 512;
/** Extended headers hold a long name and some times: some hundred bytes. */
const MOST_PAX_BYTES = 16_384;
/** Entries that are no file, such as folders, for each that is one: npm writes none. */
const ENTRIES_PER_FILE = 4;
/** Windows opens longer paths only by special arrangement, and the data folder's own comes before this. */
const MOST_PATH_LENGTH = 160;

/** The files of an archive, in its order. Throws `TarFault`. */
export async function* readTar(archive: AsyncIterable<Uint8Array>, limits: TarLimits): AsyncGenerator<TarFile, void> {
	const bytes = createByteSource(archive);
	let longPath: string | null = null;
	let filesLeft = limits.files;
	let entriesLeft = limits.files * ENTRIES_PER_FILE;
	let bytesLeft = limits.bytes;
	const seen = new Set<string>();
	for (;;) {
		const header = await bytes.take(BLOCK_BYTES);
		// Two empty blocks end an archive; whatever follows is nobody's.
		if (header.every((byte) => byte === 0)) return;
		if (entriesLeft-- <= 0) throw new TarFault("it has more entries than a package has");
		const { kind, path, sizeBytes } = readHeader(header);
		if (kind === "x" || kind === "g") {
			if (sizeBytes > MOST_PAX_BYTES) throw new TarFault("an extended header of it is too long");
			const records = readPax(await bytes.take(sizeBytes));
			if (kind === "x") longPath = records.get("path") ?? null;
			await bytes.skipPadding(sizeBytes);
			continue;
		}
		const name = longPath ?? path;
		longPath = null;
		if (kind === "5" && sizeBytes === 0) continue;
		if (kind !== "0") throw new TarFault(`"${shown(name)}" in it is neither a file nor a folder`);
		const parts = partsOf(name);
		if (!parts.ok) throw new TarFault(parts.error);
		// Windows and macOS take these for the same file.
		const known = parts.value.join("/").toLowerCase();
		if (seen.has(known)) throw new TarFault(`"${shown(name)}" is in it twice`);
		seen.add(known);
		bytesLeft -= sizeBytes;
		if (filesLeft-- <= 0 || bytesLeft < 0) throw new TarFault("it holds more than a package holds");
		let isRead = false;
		yield {
			path: parts.value,
			sizeBytes,
			pieces: (async function* () {
				yield* bytes.pieces(sizeBytes);
				isRead = true;
			})(),
		};
		if (!isRead) throw new Error("A file of an archive has to be read before the next one.");
		await bytes.skipPadding(sizeBytes);
	}
}

interface Header {
	/** As POSIX numbers them: 0 a file, 5 a folder, x and g extended headers. */
	readonly kind: string;
	readonly path: string;
	readonly sizeBytes: number;
}

function readHeader(block: Uint8Array): Header {
	const field = (from: number, length: number) => textOf(block.subarray(from, from + length));
	// Added up as if the sum itself were blanks.
	const sum = block.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 0x20 : byte), 0);
	if (octal(field(148, 8)) !== sum) throw new TarFault("a header of it is damaged");
	const isUstar = field(257, 5) === "ustar";
	const prefix = isUstar ? field(345, 155) : "";
	const name = field(0, 100);
	const kind = String.fromCharCode(block[156] ?? 0);
	return {
		// Before POSIX an empty kind was a file.
		kind: kind === "\0" ? "0" : kind,
		path: prefix === "" ? name : `${prefix}/${name}`,
		sizeBytes: octal(field(124, 12)),
	};
}

/** A number in octal; the binary form for more than eight gigabytes is not read. */
function octal(text: string): number {
	const digits = text.trim();
	if (!/^[0-7]{1,12}$/.test(digits)) throw new TarFault("a header of it is damaged");
	return Number.parseInt(digits, 8);
}

/** Up to the first zero. */
function textOf(bytes: Uint8Array): string {
	const end = bytes.indexOf(0);
	return Buffer.from(end < 0 ? bytes : bytes.subarray(0, end)).toString("utf8");
}

/** Records of an extended header: `25 path=some/long/name\n`, the length counting itself. */
function readPax(bytes: Uint8Array): ReadonlyMap<string, string> {
	const records = new Map<string, string>();
	const buffer = Buffer.from(bytes);
	for (let from = 0; from < buffer.byteLength; ) {
		const space = buffer.indexOf(0x20, from);
		const length = Number(buffer.toString("latin1", from, space < 0 ? from : space));
		const record = buffer.toString("utf8", space + 1, from + length - 1);
		const equals = record.indexOf("=");
		if (!Number.isInteger(length) || length < 4 || from + length > buffer.byteLength || equals < 1) {
			throw new TarFault("an extended header of it is damaged");
		}
		// A size told here could differ from the one that is read; packages have no need of it.
		if (record.startsWith("size=") || record.startsWith("linkpath=")) {
			throw new TarFault("an extended header of it tells more than a name");
		}
		records.set(record.slice(0, equals), record.slice(equals + 1));
		from += length;
	}
	return records;
}

/** A path below the package's own folder, or why it is none: letters that no system takes for anything else, and no way up or out. */
function partsOf(path: string): Result<readonly string[], string> {
	const all = path.split("/");
	const parts = all.slice(1);
	const isPlain = all.every(
		(part) => /^[A-Za-z0-9_@][A-Za-z0-9._+@-]*$/.test(part) && !part.endsWith(".") && !isDevice(part),
	);
	if (isPlain && parts.length > 0 && path.length <= MOST_PATH_LENGTH) return ok(parts);
	return err(`"${shown(path)}" in it is a path that no package needs`);
}

/** Windows takes such names for devices, whatever ending they have. */
function isDevice(name: string): boolean {
	return /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i.test(name);
}

/** A name in a message: short, and without what a terminal would act on. */
function shown(name: string): string {
	return name.replace(/[^\x20-\x7e]/g, "?").slice(0, 80);
}

/** Takes from a stream of pieces as much as is asked for. */
function createByteSource(source: AsyncIterable<Uint8Array>) {
	const iterator = source[Symbol.asyncIterator]();
	let rest: Uint8Array = new Uint8Array(0);

	async function* pieces(count: number): AsyncGenerator<Uint8Array, void> {
		for (let left = count; left > 0; ) {
			if (rest.byteLength === 0) {
				const next = await iterator.next();
				if (next.done === true) throw new TarFault("it ends in the middle");
				rest = next.value;
			}
			const piece = rest.subarray(0, left);
			rest = rest.subarray(piece.byteLength);
			left -= piece.byteLength;
			if (piece.byteLength > 0) yield piece;
		}
	}

	async function take(count: number): Promise<Uint8Array> {
		const taken: Uint8Array[] = [];
		for await (const piece of pieces(count)) taken.push(piece);
		return Buffer.concat(taken);
	}

	return {
		pieces,
		take,
		/** What fills the last block of a content up. */
		async skipPadding(sizeBytes: number): Promise<void> {
			await take((BLOCK_BYTES - (sizeBytes % BLOCK_BYTES)) % BLOCK_BYTES);
		},
	};
}
