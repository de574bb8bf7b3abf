import type { Clock } from "../base/base.ts";
import type { Batches, BatchFacts } from "./batches.ts";
import { LedgerMisuseError } from "./errors.ts";
import type { Inputs } from "./inputs.ts";
import type { Journal } from "./journal.ts";
import type { Grant, Leases } from "./leases.ts";
import type { Ledger } from "./ledger.ts";
import type { LineRow, Lines } from "./lines.ts";
import type { FinishedLine, Lease, LeasedLine, LineResult } from "./records.ts";
import { RESULT_PAGE, type Results } from "./results.ts";

type Work = Pick<
	Ledger,
	| "claim"
	| "renew"
	| "openLines"
	| "lineBytes"
	| "inputHead"
	| "release"
	| "countCrash"
	| "finishedLines"
	| "finishedLine"
	| "lineByCustomId"
>;

/** Hands lines out with their bytes, and reads them back with their results. */
export function createWork(deps: {
	journal: Journal;
	batches: Batches;
	inputs: Inputs;
	lines: Lines;
	leases: Leases;
	results: Results;
	clock: Clock;
}): Work {
	const { journal, batches, inputs, lines, leases, results, clock } = deps;

	function leasedLine(facts: BatchFacts, line: number): LeasedLine {
		const row = lines.get(facts.number, line);
		if (row === null) throw new LedgerMisuseError(`Line ${line} is not in the index.`);
		const bytes = inputs.read(facts.inputFileId, row.offset, row.length);
		return { line, customId: row.customId, key: row.key, bytes, crashes: results.crashes(facts.number, line) };
	}

	function finishedRow(batch: number, row: LineRow): FinishedLine {
		const [place] = results.places(batch, row.line, row.line + 1);
		return finishedLine(row, place === undefined ? null : results.readOneSync(place));
	}

	/** Lines of it may run now. */
	function isRunnable(facts: BatchFacts): boolean {
		return facts.status === "in_progress" && !facts.isPaused && facts.expiresAtMs > clock.nowMs();
	}

	/** Lines of it may be leased now. */
	function isClaimable(facts: BatchFacts): boolean {
		if (!isRunnable(facts) || facts.isHeld) return false;
		return facts.notBeforeMs === null || facts.notBeforeMs <= clock.nowMs();
	}

	function leaseOf(batchId: string, facts: BatchFacts, grant: Grant, durationMs: number): Lease {
		try {
			const leased = grant.lines.map((line) => leasedLine(facts, line));
			return { token: grant.token, batchId, lines: leased, durationMs };
		} catch (error) {
			leases.release(grant.token);
			throw error;
		}
	}

	return {
		claim(batchId, max, durationMs) {
			const facts = batches.facts(batchId);
			if (!isClaimable(facts)) return null;
			const grant = leases.claim(facts.number, max, durationMs);
			return grant && leaseOf(batchId, facts, grant, durationMs);
		},
		renew(batchId, token, durationMs) {
			const facts = batches.facts(batchId);
			if (!isClaimable(facts)) return null;
			const grant = leases.renew(token, durationMs);
			return grant && leaseOf(batchId, facts, grant, durationMs);
		},
		openLines(batchId, wanted) {
			const facts = batches.facts(batchId);
			if (!isRunnable(facts)) return [];
			const known = wanted.filter((line) => lines.get(facts.number, line) !== null);
			const open = [...new Set(known)].filter((line) => !results.has(facts.number, line));
			return open.map((line) => leasedLine(facts, line));
		},
		lineBytes(batchId, line) {
			const { number, inputFileId } = batches.facts(batchId);
			const row = lines.get(number, line);
			if (row === null || !inputs.isPartThere(inputFileId, row.offset, row.length)) return null;
			return inputs.read(inputFileId, row.offset, row.length);
		},
		inputHead(batchId, sizeBytes) {
			const { inputFileId } = batches.facts(batchId);
			return inputs.isPartThere(inputFileId, 0, sizeBytes) ? inputs.read(inputFileId, 0, sizeBytes) : null;
		},
		release: (token) => leases.release(token),
		countCrash: (batchId, line) =>
			journal.record((append) => {
				const { number, round } = batches.facts(batchId);
				append({ kind: "crash", body: { batchId, line, round } });
				return results.crashes(number, line);
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
		finishedLine(batchId, line) {
			const { number } = batches.facts(batchId);
			const row = lines.get(number, line);
			return row === null ? null : finishedRow(number, row);
		},
		lineByCustomId(batchId, customId) {
			const { number } = batches.facts(batchId);
			const row = lines.byCustomId(number, customId);
			return row === null ? null : finishedRow(number, row);
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
