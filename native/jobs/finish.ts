import { assertNever } from "../base/base.ts";
import type { FinishedLine, Ledger, Seal, StoredBytes } from "../ledger/ledger.ts";
import { openBatchFormat } from "./batch-format.ts";
import type { SkipReason } from "./formats/formats.ts";

/** Why lines without a result have none in a batch that ends like this. */
function skipReason(status: Seal["status"]): SkipReason | null {
	switch (status) {
		case "completed":
			return null;
		case "cancelled":
			return "batch_cancelled";
		case "expired":
			return "batch_expired";
		case "failed":
			return "batch_failed";
		default:
			return assertNever(status);
	}
}

/**
 * Builds the output and error file of a batch, both in input order: what it is to be sealed with. Safe to repeat after a kill at any
 * point: the files are content-addressed. Rejects when the disk is full, and where results of other machines that arrived meanwhile
 * would leave a line out of both files: then it is to be done again.
 */
export async function buildSeal(ledger: Ledger, batchId: string, status: Seal["status"]): Promise<Seal> {
	const batch = ledger.batch(batchId);
	if (batch === null) throw new Error(`There is no batch ${batchId} to be finished.`);
	// It was never validated, or by a machine that is gone with what it knew of the lines: it has none, nor a format that can be read.
	const isUnknown = batch.model === null || (batch.status === "validating" && status !== "completed");
	if (isUnknown) return { status, output: null, errors: null, extension: "jsonl" };
	const format = openBatchFormat(ledger, batch);
	const skipped = skipReason(status);
	const request = (line: FinishedLine) => () => requestBytes(ledger, batchId, line);
	// A byte a line: a megabyte for the largest file.
	const wasAnswered = new Uint8Array(batch.total);
	let lines = 0;
	const output = await storeRecords(ledger, batchId, format.heads.output, (line) => {
		if (line.result === null && skipped === null) throw changed(batchId, line);
		lines += 1;
		wasAnswered[line.line] = isAnswered(line) ? 1 : 0;
		return format.outputHas === "all" || isAnswered(line) ? format.outputRecord(line, request(line), skipped) : null;
	});
	// A file that lacks lines must never be published, whatever made them be missed.
	if (lines !== batch.total) {
		throw new Error(`The results of ${batchId} can't be written: of its ${batch.total} lines ${lines} are known here.`);
	}
	const errors = await storeRecords(ledger, batchId, format.heads.errors, (line) => {
		if (isAnswered(line) !== (wasAnswered[line.line] === 1)) throw changed(batchId, line);
		return isAnswered(line) ? null : format.errorRecord(line, request(line), skipped);
	});
	return { status, output, errors, extension: format.extension };
}

function isAnswered(line: FinishedLine): boolean {
	return line.result !== null && !line.result.isError;
}

function changed(batchId: string, { line }: FinishedLine): Error {
	return new Error(`The results of ${batchId} can't be written yet: that of line ${line + 1} is only now arriving.`);
}

function requestBytes(ledger: Pick<Ledger, "lineBytes">, batchId: string, { line }: FinishedLine): Uint8Array {
	const bytes = ledger.lineBytes(batchId, line);
	if (bytes !== null) return bytes;
	throw new Error(`The results of ${batchId} can't be written: the request of line ${line + 1} is gone from the disk.`);
}

/** Null when no line belongs into the file: OpenAI's `output_file_id` is null then. */
async function storeRecords(
	ledger: Ledger,
	batchId: string,
	head: string,
	recordOf: (line: FinishedLine) => string | null,
): Promise<StoredBytes | null> {
	const stored = await ledger.storeWhole(encode(ledger.finishedLines(batchId), head, recordOf));
	if (!stored.ok) throw new Error(`The results of ${batchId} can't be written: ${describeFailure(stored.error)}`);
	return stored.value.sizeBytes === 0 ? null : stored.value;
}

/** Records are joined up to about this size before they go to the disk. */
const WRITE_BYTES = 1 << 18;

/** The head stands before the first record and not by itself: a file of nothing else would say nothing. */
async function* encode(
	lines: AsyncIterable<FinishedLine>,
	head: string,
	recordOf: (line: FinishedLine) => string | null,
): AsyncIterable<Uint8Array> {
	let text = "";
	let before = head;
	for await (const line of lines) {
		const record = recordOf(line);
		if (record === null) continue;
		text += before + record;
		before = "";
		if (text.length < WRITE_BYTES) continue;
		yield Buffer.from(text);
		text = "";
	}
	if (text !== "") yield Buffer.from(text);
}

function describeFailure(failure: { readonly kind: string; readonly message?: string }): string {
	return failure.message ?? failure.kind;
}
