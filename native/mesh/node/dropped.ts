/**
 * Which bytes may be on no machine any more, by what the logs say: results and files that were dropped for their age or at a wish,
 * and what only mattered until a batch had ended. That nobody who can be asked has a blob proves nothing: who has it may be away.
 */
import { z } from "zod";
import { parseJson } from "../../base/base.ts";
import type { StoredOp } from "../../ledger/log.ts";
import { type CoreState, isEnded } from "../core/core.ts";

/** What was dropped, in plain data. */
export interface DroppedThings {
	readonly batches: readonly string[];
	readonly files: readonly string[];
}

/** Keeps account of what was dropped. */
export interface Dropped {
	/** Operations that are in the ledger or on their way into it. */
	note(operations: readonly StoredOp[]): void;
	/** Whether the bytes of an operation may be gone everywhere. */
	mayBeGone(operation: Pick<StoredOp, "kind" | "body">, core: Pick<CoreState, "batches">): boolean;
	readonly things: DroppedThings;
}

const batchSchema = z.object({ batchId: z.string() });
const fileSchema = z.object({ id: z.string() });
const publishedSchema = batchSchema.extend({ output: fileSchema.nullable(), errors: fileSchema.nullable() });

/** Knows of what was dropped before. */
export function createDropped(before: DroppedThings = { batches: [], files: [] }): Dropped {
	const batches = new Set(before.batches);
	const files = new Set(before.files);

	function isFileGone(file: { readonly id: string } | null): boolean {
		return file === null || files.has(file.id);
	}

	return {
		note(operations) {
			for (const { kind, body } of operations) {
				if (kind === "results-dropped") add(batches, batchSchema.safeParse(parseJson(body)).data?.batchId);
				else if (kind === "file-dropped") add(files, fileSchema.safeParse(parseJson(body)).data?.id);
			}
		},
		mayBeGone({ kind, body }, core) {
			const batchId = batchSchema.safeParse(parseJson(body)).data?.batchId;
			if (batchId === undefined) return false;
			if (batches.has(batchId)) return true;
			switch (kind) {
				case "seal":
				case "indexed": {
					const batch = core.batches.get(batchId);
					return batch !== undefined && isEnded(batch);
				}
				case "published": {
					const published = publishedSchema.safeParse(parseJson(body)).data;
					return published !== undefined && isFileGone(published.output) && isFileGone(published.errors);
				}
				default:
					return false;
			}
		},
		get things() {
			return { batches: [...batches], files: [...files] };
		},
	};
}

function add(set: Set<string>, name: string | undefined): void {
	if (name !== undefined) set.add(name);
}
