/** The results of a message batch as lines, made while they are read. No blank line: Anthropic's clients choke on one. */
import { createLineReader } from "../jobs/formats/line-reader.ts";
import type { BatchRecord, FileRecord, Ledger } from "../ledger/ledger.ts";
import { messageBatchLimits } from "./anthropic-batch-body.ts";
import { renderUnread } from "./anthropic-batch-render.ts";
import { skipReasonOf } from "./batch-details.ts";
import type { BatchFormats } from "./batch-formats.ts";

/** Where results come from. */
export interface MessageResultsDeps {
	readonly ledger: Pick<Ledger, "file" | "readFile" | "finishedLines">;
	readonly formats: BatchFormats;
}

/** Lines are gathered to pieces of this size: one write for a hundred small answers, and little in memory for large ones. */
const PIECE_CHARACTERS = 64 * 1024;

/** All results of an ended batch. */
export async function* messageResults(deps: MessageResultsDeps, batch: BatchRecord): AsyncGenerator<Uint8Array> {
	let text = "";
	for await (const line of batch.model === null ? unreadLines(deps, batch) : finishedLines(deps, batch)) {
		text += `${JSON.stringify(line)}\n`;
		if (text.length < PIECE_CHARACTERS) continue;
		yield Buffer.from(text);
		text = "";
	}
	if (text !== "") yield Buffer.from(text);
}

async function* finishedLines({ ledger, formats }: MessageResultsDeps, batch: BatchRecord): AsyncGenerator<object> {
	const format = await formats.of(batch);
	const skipped = skipReasonOf(batch.status);
	for await (const line of ledger.finishedLines(batch.id)) {
		yield format.result(line, line.result === null ? skipped : null);
	}
}

/** Of a batch that ended before its file was validated nothing is known of its lines but the file itself. */
async function* unreadLines({ ledger }: MessageResultsDeps, batch: BatchRecord): AsyncGenerator<object> {
	const file = ledger.file(batch.manifest.inputFileId);
	if (file === null) throw new Error(`The input of ${batch.id} is gone, yet its results were asked for`);
	let line = 0;
	for await (const customId of customIds(ledger, file)) {
		line += 1;
		yield renderUnread(batch, customId, line);
	}
}

/** Such files are of our own making, so that a line need not be parsed for its name. */
const customIdAtStart = /^\{"custom_id":"([a-zA-Z0-9_-]+)"/;

async function* customIds(ledger: Pick<Ledger, "readFile">, file: FileRecord): AsyncGenerator<string> {
	const reader = createLineReader(messageBatchLimits.requestBytes);
	for await (const chunk of ledger.readFile(file)) {
		for (const { number, text } of reader.push(chunk)) {
			const customId = customIdAtStart.exec(text ?? "")?.[1];
			if (customId === undefined) throw new Error(`Line ${number} of ${file.id} is not as it was written`);
			yield customId;
		}
	}
}
