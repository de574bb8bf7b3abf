import { setImmediate as nextTurn } from "node:timers/promises";
import type { Database } from "better-sqlite3";
import type { Batches } from "./batches.ts";
import type { Inputs } from "./inputs.ts";
import type { Ledger } from "./ledger.ts";
import type { LineRow, Lines } from "./lines.ts";
import type { BrowsedLine, LineResult, LineState } from "./records.ts";
import type { ResultPlace, Results } from "./results.ts";
import { lineKey } from "./schema.ts";

/** Lines of a portion: with what a caller does to each, some five milliseconds of work. */
const PORTION_LINES = 100;

/** Bytes of requests and answers in a portion, one line at least: parsing them takes some milliseconds. */
const PORTION_BYTES = 256 * 1024;

/** Bytes between two requests of a file that are cheaper read than skipped. */
const READ_GAP_BYTES = 4 * 1024;

/** A line that will be read, and where its result lies. */
interface Place {
	readonly row: LineRow;
	readonly result: ResultPlace | null;
}

/** Reads lines with what was asked and what came of it, wherever they stand. */
export function createBrowsing(deps: {
	database: Database;
	batches: Batches;
	inputs: Inputs;
	lines: Lines;
	results: Results;
}): Pick<Ledger, "linesInState" | "browseLines"> {
	const { database, batches, inputs, lines, results } = deps;
	const byState: Record<LineState, { all(start: number, from: number, end: number): readonly number[] }> = {
		answered: prepareResults(database, 0),
		failed: prepareResults(database, 1),
		open: database
			.prepare<[number, number, number], number>(
				`SELECT key - ? FROM line WHERE key >= ? AND key < ?
				 AND NOT EXISTS (SELECT 1 FROM result WHERE result.key = line.key) ORDER BY line.key`,
			)
			.pluck(),
	};

	/** Neighbours by one look at the tables each. Lines that are not in the index are left out. */
	function placesOf(batch: number, wanted: readonly number[]): Place[] {
		return runsOf(wanted).flatMap(([first, end]) => {
			const found = new Map(results.places(batch, first, end).map((place) => [place.line, place]));
			return lines.range(batch, first, end).map((row) => ({ row, result: found.get(row.line) ?? null }));
		});
	}

	return {
		linesInState(batchId, state, first, end) {
			const { number } = batches.facts(batchId);
			return byState[state].all(lineKey(number, 0), lineKey(number, first), lineKey(number, end));
		},
		async *browseLines(batchId, wanted) {
			const { number, inputFileId } = batches.facts(batchId);
			for (let from = 0; from < wanted.length; from += PORTION_LINES) {
				const places = placesOf(number, wanted.slice(from, from + PORTION_LINES));
				for (const portion of cutBySize(places)) {
					await inputs.bring(
						inputFileId,
						portion.map(({ row }) => row),
					);
					const requests = readRequests(inputs, inputFileId, portion);
					const answers = await readAnswers(results, portion);
					yield portion.map(({ row }, index) => ({
						line: row.line,
						customId: row.customId,
						key: row.key,
						bytes: requests[index] ?? null,
						result: answers.get(row.line) ?? null,
					}));
					await nextTurn();
				}
			}
		},
	};
}

function prepareResults(database: Database, isError: 0 | 1) {
	return database
		.prepare<[number, number, number], number>(
			`SELECT key - ? FROM result WHERE key >= ? AND key < ? AND is_error = ${isError} ORDER BY key`,
		)
		.pluck();
}

/** Numbers that follow each other, as first and end. */
function runsOf(numbers: readonly number[]): readonly (readonly [first: number, end: number])[] {
	const runs: [number, number][] = [];
	for (const number of numbers) {
		const last = runs.at(-1);
		if (last?.[1] === number) last[1] = number + 1;
		else runs.push([number, number + 1]);
	}
	return runs;
}

function* cutBySize(places: readonly Place[]): Generator<readonly Place[]> {
	let portion: Place[] = [];
	let sizeBytes = 0;
	for (const place of places) {
		const ownBytes = place.row.length + (place.result?.length ?? 0);
		if (portion.length > 0 && sizeBytes + ownBytes > PORTION_BYTES) {
			yield portion;
			portion = [];
			sizeBytes = 0;
		}
		portion.push(place);
		sizeBytes += ownBytes;
	}
	if (portion.length > 0) yield portion;
}

/** The requests in the order of `places`, neighbours in the file by one read; null: the input is gone. */
function readRequests(inputs: Inputs, fileId: string, places: readonly Place[]): readonly (Uint8Array | null)[] {
	const rows = places.map(({ row }) => row);
	const requests: (Uint8Array | null)[] = [];
	while (requests.length < rows.length) {
		const run = neighbours(rows, requests.length);
		const [first, last] = [run[0], run.at(-1)];
		if (first === undefined || last === undefined) break;
		const length = last.offset + last.length - first.offset;
		const isThere = inputs.isPartThere(fileId, first.offset, length);
		const bytes = isThere ? inputs.read(fileId, first.offset, length) : null;
		for (const { offset, length: ownBytes } of run) {
			const from = offset - first.offset;
			requests.push(bytes === null ? null : bytes.subarray(from, from + ownBytes));
		}
	}
	return requests;
}

/** The rows from `from` on that lie close behind each other in their file. */
function neighbours(rows: readonly LineRow[], from: number): readonly LineRow[] {
	let count = from + 1;
	for (; count < rows.length; count += 1) {
		const [last, next] = [rows[count - 1], rows[count]];
		if (last === undefined || next === undefined) break;
		const gapBytes = next.offset - (last.offset + last.length);
		if (gapBytes < 0 || gapBytes > READ_GAP_BYTES) break;
	}
	return rows.slice(from, count);
}

async function readAnswers(
	results: Results,
	places: readonly Place[],
): Promise<ReadonlyMap<number, NonNullable<BrowsedLine["result"]>>> {
	const answers = new Map<number, NonNullable<BrowsedLine["result"]>>();
	const found = results.read(places.flatMap(({ result }) => result ?? []));
	for await (const result of found) answers.set(result.line, withoutLine(result));
	return answers;
}

function withoutLine({ isError, payload, provenance }: LineResult): NonNullable<BrowsedLine["result"]> {
	return { isError, payload, provenance };
}
