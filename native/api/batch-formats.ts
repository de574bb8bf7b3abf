/** The dialects of batches, opened once each: a table's header has to be read from its file. */
import { type LineFormat, openFormat, readHead } from "../jobs/formats/formats.ts";
import type { BatchManifest, BatchRecord, Ledger } from "../ledger/ledger.ts";

/** Knows how the lines of a batch are written. */
export interface BatchFormats {
	of(batch: BatchRecord): Promise<LineFormat>;
}

/** Formats kept open: people look at one batch at a time, programs at a few; each is a header and a template. */
const MOST_FORMATS = 32;

/** Opens formats at the first need, and forgets those that were not needed for longest. */
export function createBatchFormats(ledger: Pick<Ledger, "file" | "readFile">): BatchFormats {
	const opened = new Map<string, Promise<LineFormat>>();
	return {
		of({ id, manifest }) {
			const format = opened.get(id) ?? open(ledger, manifest);
			// Taken out and put in again, the newest is last.
			opened.delete(id);
			opened.set(id, format);
			format.catch(() => opened.delete(id));
			const [oldest] = opened.keys();
			if (opened.size > MOST_FORMATS && oldest !== undefined) opened.delete(oldest);
			return format;
		},
	};
}

async function open(ledger: Pick<Ledger, "file" | "readFile">, manifest: BatchManifest): Promise<LineFormat> {
	if (manifest.format !== "csv" && manifest.format !== "tsv") return bind(manifest, new Uint8Array());
	const file = ledger.file(manifest.inputFileId);
	if (file !== null) return bind(manifest, await readHead(ledger.readFile(file)));
	// The answers to rows are told as OpenAI's, so they outlive the table; what was asked does not.
	const answers = bind({ ...manifest, format: "openai", template: null }, new Uint8Array());
	return { ...answers, request: () => ({ url: manifest.endpoint, body: {} }) };
}

function bind(manifest: BatchManifest, head: Uint8Array): LineFormat {
	const format = openFormat(manifest, head);
	if (format.ok) return format.value;
	throw new Error(`The table ${manifest.inputFileId} was validated and can't be read now: ${format.error.message}`);
}
