import type { BatchRecord, FinishedLine, Ledger, Seal, StoredBytes } from "../ledger/ledger.ts";
import { outputLine, type SkipReason } from "./payload.ts";

const skipReasons: Readonly<Record<Seal["status"], SkipReason | null>> = {
	completed: null,
	cancelled: "batch_cancelled",
	expired: "batch_expired",
};

/**
 * Builds the output and error file of a batch, both in input order, and publishes its end. Safe to repeat after a kill at any
 * point: the files are content-addressed and the first seal stands. Rejects when the disk is full.
 */
export async function finishBatch(ledger: Ledger, batchId: string, status: Seal["status"]): Promise<BatchRecord> {
	const skipped = skipReasons[status];
	const output = await storeLines(ledger, batchId, skipped, (line) => line.result !== null && !line.result.isError);
	const errors = await storeLines(ledger, batchId, skipped, (line) => line.result === null || line.result.isError);
	return ledger.seal(batchId, { status, output, errors });
}

/** Null when no line belongs into the file: OpenAI's `output_file_id` is null then. */
async function storeLines(
	ledger: Ledger,
	batchId: string,
	skipped: SkipReason | null,
	belongs: (line: FinishedLine) => boolean,
): Promise<StoredBytes | null> {
	const stored = await ledger.storeWhole(encode(ledger.finishedLines(batchId), skipped, belongs));
	if (!stored.ok) throw new Error(`The results of ${batchId} can't be written: ${describeFailure(stored.error)}`);
	return stored.value.sizeBytes === 0 ? null : stored.value;
}

/** Lines are joined up to about this size before they go to the disk. */
const WRITE_BYTES = 1 << 18;

async function* encode(
	lines: AsyncIterable<FinishedLine>,
	skipped: SkipReason | null,
	belongs: (line: FinishedLine) => boolean,
): AsyncIterable<Uint8Array> {
	let text = "";
	for await (const line of lines) {
		if (!belongs(line)) continue;
		text += outputLine(line, skipped);
		if (text.length < WRITE_BYTES) continue;
		yield Buffer.from(text);
		text = "";
	}
	if (text !== "") yield Buffer.from(text);
}

function describeFailure(failure: { readonly kind: string; readonly message?: string }): string {
	return failure.message ?? failure.kind;
}
