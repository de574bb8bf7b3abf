import type { BatchRecord, Ledger } from "../ledger/ledger.ts";
import { HEAD_BYTES, type LineFormat, openFormat } from "./formats/formats.ts";

/**
 * How the lines of a validated batch are written. Throws with a sentence for people where its input can't be read any more, which
 * for all but tables makes no difference.
 */
export function openBatchFormat(
	ledger: Pick<Ledger, "inputHead">,
	{ id, manifest }: Pick<BatchRecord, "id" | "manifest">,
): LineFormat {
	const head = manifest.template === null ? new Uint8Array() : ledger.inputHead(id, HEAD_BYTES);
	if (head === null)
		throw new Error(`The input file of the batch ${id} is gone, and with it the names of its columns.`);
	const format = openFormat(manifest, head);
	if (!format.ok) throw new Error(format.error.message);
	return format.value;
}
