import { z } from "zod";
import type { Blobs } from "./blobs.ts";
import type { SegmentReader } from "./fold-results.ts";
import { parseSegment, type SegmentRow } from "./segments.ts";
import type { LedgerLog } from "./sqlite-ledger.ts";

/** Reads whole segments for the fold. One that is missing or damaged counts as empty: its lines are run again. */
export function createSegmentReader(blobs: Blobs, log: LedgerLog): SegmentReader {
	return ({ digest }) => {
		const rows = parsed(blobs.readWholeSync(digest));
		if (rows !== null) return rows;
		log.error({ segment: digest }, "a segment of results is missing or damaged; its lines will be run again");
		return [];
	};
}

/** Rows of a segment; null: there is none, or it is no segment. */
function parsed(bytes: Buffer | null): readonly SegmentRow[] | null {
	try {
		return bytes === null ? null : parseSegment(bytes);
	} catch (error) {
		if (error instanceof SyntaxError || error instanceof z.ZodError) return null;
		throw error;
	}
}
