import type { Database } from "better-sqlite3";
import { type OpBody, opContentSchema } from "./ops.ts";
import type { Digest } from "./records.ts";

/** Reads seals. */
export interface Seals {
	/** The digest is published in this round. */
	isPublished(batch: number, round: number, digest: Digest): boolean;
	/** A seal of this round with this digest that can be published: the first in the order of places; null: there is none. */
	proposed(batch: number, round: number, digest: Digest): OpBody<"seal"> | null;
}

/** Seals in `database`. */
export function createSeals(database: Database): Seals {
	const published = database
		.prepare<[number, number, string], number>(
			"SELECT 1 FROM seal WHERE batch = ? AND round = ? AND digest = ? AND is_published = 1 LIMIT 1",
		)
		.pluck();
	const proposed = database
		.prepare<[number, number, string], string>(
			"SELECT content FROM seal WHERE batch = ? AND round = ? AND digest = ? AND is_published = 0 ORDER BY place",
		)
		.pluck();
	return {
		isPublished: (batch, round, digest) => published.get(batch, round, digest) !== undefined,
		proposed(batch, round, digest) {
			for (const json of proposed.all(batch, round, digest)) {
				const content = opContentSchema.parse(JSON.parse(json));
				// One from before named its files in `published` only.
				if (content.kind === "seal" && content.body.usage !== null) return content.body;
			}
			return null;
		},
	};
}
