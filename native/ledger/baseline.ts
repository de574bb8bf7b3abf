import { isDeepStrictEqual } from "node:util";
import type { Database } from "better-sqlite3";
import type { Batches } from "./batches.ts";
import type { Ledger } from "./ledger.ts";
import { rehearsedSchema } from "./ops-columns.ts";
import { manifestSchema } from "./ops-manifest.ts";

/** Rehearsals of the same bytes looked through, newest first: templates tell them apart. */
const MAX_CANDIDATES = 100;

/** Finds figures of a rehearsal to compare a batch with. */
export function createBaseline(deps: { database: Database; batches: Batches }): Pick<Ledger, "rehearsalBaseline"> {
	const { database, batches } = deps;
	const candidates = database.prepare<[number, number], { manifest: string; rehearsed: string }>(
		// Crossed in this order: a model has few rehearsals, and files are many.
		`SELECT other.manifest, other.rehearsed FROM batch
		 CROSS JOIN file ON file.id = batch.input_file_id
		 CROSS JOIN batch AS other ON other.model_digest = batch.model_digest AND other.rehearsed IS NOT NULL
		 CROSS JOIN file AS same ON same.id = other.input_file_id AND same.digest = file.digest
		 WHERE batch.number = ? AND other.number <> batch.number AND other.deleted_at_ms IS NULL
		 ORDER BY other.number DESC LIMIT ?`,
	);
	return {
		rehearsalBaseline(batchId) {
			const { rehearsed, manifest } = batches.record(batchId);
			if (rehearsed !== null) return rehearsed;
			for (const row of candidates.all(batches.facts(batchId).number, MAX_CANDIDATES)) {
				const other = manifestSchema.parse(JSON.parse(row.manifest));
				// The same rows with another template are other questions.
				if (other.format !== manifest.format || !isDeepStrictEqual(other.template, manifest.template)) continue;
				return rehearsedSchema.parse(JSON.parse(row.rehearsed));
			}
			return null;
		},
	};
}
