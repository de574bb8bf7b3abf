/** `GET /api/batches/{id}/lines`: what was asked beside what came of it, for browsing; any part of a million lines at once. */
import { z } from "zod";
import type { Wire } from "../openai/shared.ts";

/** Most lines of one answer: several screens. */
const MOST_LINES = 200;

/** The query. */
export const batchLinesQuerySchema = z.object({
	/** First line to look at, counted from 0. */
	from: z.coerce.number().int().min(0).default(0),
	limit: z.coerce.number().int().min(1).max(MOST_LINES).default(50),
	/** Only lines that failed, were answered, or are still open. */
	only: z.enum(["failed", "answered", "open"]).optional(),
	/** Only lines with this text in their id, request or answer, whatever the case. */
	search: z.string().min(1).max(200).optional(),
});
/** The query. */
export type BatchLinesQuery = Wire<typeof batchLinesQuerySchema>;

/** A line for browsing. */
export const batchLineSchema = z.strictObject({
	/** Counted from 0 in the file's requests. */
	line: z.int().min(0),
	custom_id: z.string(),
	state: z.enum(["open", "answered", "failed"]),
	/** The last thing said to the model, cut short; empty: nothing in text, or the file was removed. */
	asked: z.string(),
	/** The answer's text or the error's message, cut short; null: open. An answer without text is shown as JSON. */
	answered: z.string().nullable(),
	/** The error's code; null: none. */
	error_code: z.string().nullable(),
});
/** A line for browsing. */
export type BatchLine = Wire<typeof batchLineSchema>;

/** The answer. A search looks at so many lines as fit in a moment, finds what it finds, and says where to go on. */
export const batchLinesSchema = z.strictObject({
	total: z.int().min(0),
	data: z.array(batchLineSchema),
	/** The `from` to go on with; null: that was the end. */
	next_from: z.int().min(0).nullable(),
	/** What people should know of these lines, e.g. that the file was removed and only the answers are left; null: nothing. */
	notice: z.string().nullable(),
});
/** The answer. */
export type BatchLines = Wire<typeof batchLinesSchema>;

/** `GET /api/batches/{id}/lines/{line}`: one line as a whole. */
export const batchLineDetailsSchema = batchLineSchema.extend({
	/** As it stands in the file, or the row it was made of, by its columns; empty: the file was removed. */
	request: z.record(z.string(), z.unknown()),
	/** In the file's own dialect; null: open. */
	result: z.record(z.string(), z.unknown()).nullable(),
	model: z.string().nullable(),
	machine: z.string().nullable(),
	duration_seconds: z.number().nullable(),
	input_tokens: z.int().nullable(),
	output_tokens: z.int().nullable(),
	/** Unix seconds with fractions. */
	produced_at: z.number().nullable(),
});
/** One line as a whole. */
export type BatchLineDetails = Wire<typeof batchLineDetailsSchema>;
