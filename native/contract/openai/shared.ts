/** Shapes that several OpenAI resources share. */
import { z } from "zod";

/** A type all of whose parts are read-only: wire values are facts, not state. */
export type DeepReadonly<T> = T extends readonly (infer Item)[]
	? readonly DeepReadonly<Item>[]
	: T extends object
		? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
		: T;

/** The type of values a schema describes. */
export type Wire<Schema extends z.ZodType> = DeepReadonly<z.infer<Schema>>;

/** Seconds since 1970, whole: how OpenAI writes times. */
export const unixSecondsSchema = z.int().min(0);

/** Most pairs, longest key and longest value of `metadata`, as OpenAI documents them. */
export const METADATA_LIMITS = { pairs: 16, keyLength: 64, valueLength: 512 } as const;

/** Free labels that come back with the object. */
export const metadataSchema = z
	.record(z.string().max(METADATA_LIMITS.keyLength), z.string().max(METADATA_LIMITS.valueLength))
	.refine((pairs) => Object.keys(pairs).length <= METADATA_LIMITS.pairs, {
		error: `Too many pairs: at most ${METADATA_LIMITS.pairs} are allowed.`,
	});
/** Free labels that come back with the object. */
export type Metadata = Wire<typeof metadataSchema>;

/** When a file goes, counted in seconds (an hour to 30 days) from its creation. */
export const expiresAfterSchema = z.object({
	anchor: z.literal("created_at"),
	seconds: z.int().min(3_600).max(2_592_000),
});
/** When a file goes, counted in seconds (an hour to 30 days) from its creation. */
export type ExpiresAfter = Wire<typeof expiresAfterSchema>;

/**
 * A page of rows: the list envelope. `has_more` must be there: without it the official SDK stops after the first page.
 * The ids are null when the page is empty.
 */
export function listSchema<Row extends z.ZodType>(row: Row) {
	return z.strictObject({
		object: z.literal("list"),
		data: z.array(row),
		first_id: z.string().nullable(),
		last_id: z.string().nullable(),
		has_more: z.boolean(),
	});
}
/** A page of rows: the list envelope. */
export interface ListEnvelope<Row> {
	readonly object: "list";
	readonly data: readonly Row[];
	readonly first_id: string | null;
	readonly last_id: string | null;
	readonly has_more: boolean;
}

/** Query of a list as it stands in the URL, all text: `?after=…&limit=…&order=…`. Limits differ by resource. */
export function listQuerySchema(limits: { readonly max: number; readonly default: number }) {
	return z.object({
		after: z.string().min(1).optional(),
		limit: z.coerce.number().int().min(1).max(limits.max).default(limits.default),
		order: z.enum(["asc", "desc"]).default("desc"),
	});
}
