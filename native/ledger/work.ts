import type { Clock } from "../base/base.ts";
import type { Batches } from "./batches.ts";
import { LedgerMisuseError } from "./errors.ts";
import type { Files } from "./files.ts";
import type { BlobHandles } from "./handles.ts";
import type { Journal } from "./journal.ts";
import type { Leases } from "./leases.ts";
import type { Ledger } from "./ledger.ts";
import type { LineRow, Lines } from "./lines.ts";
import type { FileRecord, FinishedLine, LeasedLine, LineResult } from "./records.ts";
import { RESULT_PAGE, type Results } from "./results.ts";

type Work = Pick<Ledger, "claim" | "release" | "countCrash" | "finishedLines" | "lineByCustomId">;

/** Input files whose blobs are remembered between claims: more than batches run at a time. */
const MAX_KNOWN_INPUTS = 32;

/** Hands lines out with their bytes, and reads them back with their results. */
export function createWork(deps: {
	journal: Journal;
	batches: Batches;
	files: Files;
	lines: Lines;
	leases: Leases;
	results: Results;
	handles: BlobHandles;
	clock: Clock;
}): Work {
	const { journal, batches, files, lines, leases, results, handles, clock } = deps;
	const inputs = new Map<string, FileRecord>();

	function input(fileId: string): FileRecord {
		const known = inputs.get(fileId) ?? files.evenIfDropped(fileId);
		if (known === null) throw new LedgerMisuseError(`There is no file ${fileId}.`);
		for (const oldest of inputs.keys()) {
			if (inputs.size < MAX_KNOWN_INPUTS) break;
			inputs.delete(oldest);
		}
		inputs.set(fileId, known);
		return known;
	}

	function leasedLine(batch: number, file: FileRecord, line: number): LeasedLine {
		const row = lines.get(batch, line);
		if (row === null) throw new LedgerMisuseError(`Line ${line} is not in the index.`);
		const bytes = readRange(handles, file, row.offset, row.length);
		return { line, customId: row.customId, key: row.key, bytes, crashes: results.crashes(batch, line) };
	}

	return {
		claim(batchId, max, durationMs) {
			const facts = batches.facts(batchId);
			if (facts.status !== "in_progress" || facts.expiresAtMs <= clock.nowMs()) return null;
			const grant = leases.claim(facts.number, max, durationMs);
			if (grant === null) return null;
			try {
				const file = input(facts.inputFileId);
				const leased = grant.lines.map((line) => leasedLine(facts.number, file, line));
				return { token: grant.token, batchId, lines: leased, durationMs };
			} catch (error) {
				leases.release(grant.token);
				throw error;
			}
		},
		release: (token) => leases.release(token),
		countCrash: (batchId, line) =>
			journal.record((append) => {
				append({ kind: "crash", body: { batchId, line } });
				return results.crashes(batches.facts(batchId).number, line);
			}),
		async *finishedLines(batchId) {
			const { number, total } = batches.facts(batchId);
			for (let first = 0; first < total; first += RESULT_PAGE) {
				const end = Math.min(first + RESULT_PAGE, total);
				const rows = lines.range(number, first, end);
				const found = results.read(results.places(number, first, end));
				yield* joined(rows, found);
			}
		},
		lineByCustomId(batchId, customId) {
			const { number } = batches.facts(batchId);
			const row = lines.byCustomId(number, customId);
			if (row === null) return null;
			const [place] = results.places(number, row.line, row.line + 1);
			return finishedLine(row, place === undefined ? null : results.readOneSync(place));
		},
	};
}

/** Pairs rows with their results; both ascend by line. */
async function* joined(rows: readonly LineRow[], results: AsyncIterable<LineResult>): AsyncGenerator<FinishedLine> {
	const found = results[Symbol.asyncIterator]();
	let next = await found.next();
	for (const row of rows) {
		const hasResult = next.done !== true && next.value.line === row.line;
		yield finishedLine(row, hasResult ? next.value : null);
		if (hasResult) next = await found.next();
	}
}

function finishedLine(row: LineRow, result: LineResult | null): FinishedLine {
	const { line, customId, key } = row;
	if (result === null) return { line, customId, key, result };
	const { isError, payload, provenance } = result;
	return { line, customId, key, result: { isError, payload, provenance } };
}

/** Bytes of a file from its blobs; a line may reach from one into the next. */
function readRange(handles: BlobHandles, file: FileRecord, offset: number, length: number): Uint8Array {
	const parts: Buffer[] = [];
	let blobStart = 0;
	for (const blob of file.blobs) {
		const from = Math.max(offset - blobStart, 0);
		const to = Math.min(offset + length - blobStart, blob.sizeBytes);
		if (from < to) parts.push(handles.readSync(blob.digest, from, to - from));
		blobStart += blob.sizeBytes;
	}
	return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
}
