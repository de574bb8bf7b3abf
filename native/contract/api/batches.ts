/**
 * `/api/batches`: batches with everything Nightshift knows of them. The object is OpenAI's batch with further keys, so that what
 * reads the one reads the other.
 */
import { z } from "zod";
import { batchErrorSchema, batchObjectSchema } from "../openai/batches.ts";
import { listSchema, metadataSchema, unixSecondsSchema, type Wire } from "../openai/shared.ts";
import {
	batchOptionsSchema,
	batchPolicySchema,
	batchPrioritySchema,
	fileFormatSchema,
	rehearsalOptionsSchema,
} from "./batch-options.ts";
import { forecastSchema } from "./forecast.ts";
import { batchPlaceSchema } from "./mesh.ts";

/** How long a batch may take: a whole number and s, m, h or d, e.g. `90m`, `24h`, `3d`; at most a year. */
export const completionWindowSchema = z.string().regex(/^[1-9]\d{0,8}[smhd]$/, {
	error: "Write it as a whole number and s, m, h or d, e.g. 90m, 24h or 3d.",
});

/** `POST /api/batches`. */
export const batchDraftSchema = batchOptionsSchema.extend({
	input_file_id: z.string().min(1),
	/** Of OpenAI lines; null: what the first line says. */
	endpoint: z.string().min(1).nullable().default(null),
	completion_window: completionWindowSchema.default("24h"),
	metadata: metadataSchema.nullable().default(null),
});
/** `POST /api/batches`. */
export type BatchDraft = Wire<typeof batchDraftSchema>;

/** `POST /api/batches/rehearse`: checks all lines and runs the first few; the rest waits for `POST /api/batches/{id}/queue`. */
export const rehearsalDraftSchema = batchDraftSchema.extend({ rehearsal: rehearsalOptionsSchema.prefault({}) });
/** `POST /api/batches/rehearse`. */
export type RehearsalDraft = Wire<typeof rehearsalDraftSchema>;

/** `POST /api/batches/{id}/queue`; the body may be left out. */
export const batchQueueSchema = z.strictObject({
	/** From now on; null: as long as the batch was given when it was made. */
	completion_window: completionWindowSchema.nullable().default(null),
});
/** `POST /api/batches/{id}/queue`. */
export type BatchQueue = Wire<typeof batchQueueSchema>;

/** `POST /api/batches/{id}/retry`. */
export const batchRetrySchema = z.strictObject({
	/** `may-pass` leaves out lines that were refused with a 4xx: they would be refused again. */
	lines: z.enum(["all", "may-pass"]).default("all"),
	/** From now on. */
	completion_window: completionWindowSchema.default("24h"),
});
/** `POST /api/batches/{id}/retry`. */
export type BatchRetry = Wire<typeof batchRetrySchema>;

/** Why a batch stands still until somebody says go on. */
export const pauseCauseSchema = z.enum(["user", "runaway", "budget"]);
/** Why a batch stands still. */
export type PauseCause = z.infer<typeof pauseCauseSchema>;

/**
 * How a batch does, told apart as people need it: `waiting` for its turn or time; `on-time`; `late` (by forecast); `stuck`
 * (in hand, but nothing gets done, or something has to be mended); `paused`; `rehearsed` (waits to be queued); `done`
 * and collected; `done-uncollected`; `partial` (ended with failed lines or lines never run); `failed` (nothing came of it).
 */
export const batchHealthSchema = z.strictObject({
	state: z.enum([
		"checking",
		"waiting",
		"on-time",
		"late",
		"stuck",
		"paused",
		"rehearsed",
		"done",
		"done-uncollected",
		"partial",
		"failed",
		"cancelled",
	]),
	/** The state and its reason in words. */
	words: z.string(),
});
/** How a batch does. */
export type BatchHealth = Wire<typeof batchHealthSchema>;

/** Work done on a batch in one minute by one machine. */
export const workMinuteSchema = z.strictObject({
	/** Start of the minute. */
	at: unixSecondsSchema,
	machine: z.string(),
	lines: z.int().min(0),
	failed: z.int().min(0),
	input_tokens: z.int().min(0),
	output_tokens: z.int().min(0),
});
/** Work done on a batch in one minute by one machine. */
export type WorkMinuteObject = Wire<typeof workMinuteSchema>;

/** What happened to a batch so far. */
export const batchStatisticsSchema = z.strictObject({
	/** Lines whose answers were there already, from equal lines of earlier batches. */
	adopted: z.int().min(0),
	/** Starts of lines beyond their first. */
	retries: z.int().min(0),
	/** Seconds this batch was worked on. */
	worked_seconds: z.number().min(0),
	/** Since the batch came, as long as it has lines that wait; null: none do. */
	queue_age_seconds: z.number().min(0).nullable(),
	/** How long its lines ran; null until one has. */
	line_seconds: z.strictObject({ p50: z.number(), p95: z.number() }).nullable(),
	/** Lines by machine. */
	machines: z.record(z.string(), z.int().min(0)),
	energy: z.strictObject({ watt_hours: z.number(), is_measured: z.boolean() }),
});
/** What happened to a batch so far. */
export type BatchStatistics = Wire<typeof batchStatisticsSchema>;

/** A batch with everything Nightshift knows of it, all but its history. */
export const batchDetailsSchema = batchObjectSchema.extend({
	format: fileFormatSchema,
	/** Name of the input file; null: it was removed, so that this batch can't be made again of it. */
	input_filename: z.string().nullable(),
	/** All that was chosen, as it would have to be said to make this batch again. */
	options: batchOptionsSchema,
	priority: batchPrioritySchema,
	policy: batchPolicySchema,
	not_before: unixSecondsSchema.nullable(),
	effective_until: unixSecondsSchema.nullable(),
	/** Its answers are past `effective_until`. */
	stale: z.boolean(),
	collected_at: unixSecondsSchema.nullable(),
	/** When its files were removed; null: they are there, or there never were any. */
	results_dropped_at: unixSecondsSchema.nullable(),
	pause: z.strictObject({ cause: pauseCauseSchema, message: z.string(), at: unixSecondsSchema }).nullable(),
	/** Runs its first lines and then waits to be queued. */
	is_rehearsal: z.boolean(),
	/** Counts up from 0 with each retry of its failed lines. */
	round: z.int().min(0),
	health: batchHealthSchema,
	statistics: batchStatisticsSchema,
	forecast: forecastSchema.nullable(),
	/** What was put up with at validation, in words; the first of it. */
	notices: z.array(batchErrorSchema),
	...batchPlaceSchema.shape,
});
/** A batch with everything Nightshift knows of it, all but its history. */
export type BatchDetails = Wire<typeof batchDetailsSchema>;

/** Reply of `GET /api/batches?after&limit&order`, which takes what `GET /v1/batches` does. */
export const batchDetailsListSchema = listSchema(batchDetailsSchema);
/** Reply of `GET /api/batches`. */
export type BatchDetailsList = Wire<typeof batchDetailsListSchema>;

/** Reply of `DELETE /api/batches/{id}`. */
export const batchDeletedSchema = z.strictObject({
	id: z.string(),
	object: z.literal("batch"),
	deleted: z.literal(true),
});
/** Reply of `DELETE /api/batches/{id}`. */
export type BatchDeleted = Wire<typeof batchDeletedSchema>;

/** `GET /api/batches/{id}/history`: the last week of work, minute by minute, oldest first. */
export const batchHistorySchema = z.strictObject({ minutes: z.array(workMinuteSchema) });
/** `GET /api/batches/{id}/history`. */
export type BatchHistory = Wire<typeof batchHistorySchema>;

/** `GET /api/batches/{id}/results?only`: lines that failed (or were never run), or those that were answered; else all. */
export const resultsQuerySchema = z.object({ only: z.enum(["failed", "answered"]).optional() });
/** `GET /api/batches/{id}/results?only`. */
export type ResultsQuery = Wire<typeof resultsQuerySchema>;

/** Where a line's answer came from and when; one line of `GET /api/batches/{id}/results`, or the one asked for by its id. */
export const lineResultSchema = z.strictObject({
	custom_id: z.string(),
	/** The answer in the file's own dialect; null: there is none yet. */
	result: z.record(z.string(), z.unknown()).nullable(),
	is_error: z.boolean(),
	/** Unix seconds with fractions. Null: there is none yet. */
	produced_at: z.number().nullable(),
	effective_until: unixSecondsSchema.nullable(),
	stale: z.boolean(),
	/** The local model that answered. */
	model: z.string().nullable(),
	model_digest: z.string().nullable(),
	engine: z.string().nullable(),
	machine: z.string().nullable(),
	seed: z.int().nullable(),
	duration_seconds: z.number().nullable(),
	input_tokens: z.int().nullable(),
	output_tokens: z.int().nullable(),
});
/** Where a line's answer came from and when. */
export type LineResultObject = Wire<typeof lineResultSchema>;

/** One rehearsed line: what was asked beside what came of it. */
export const rehearsedLineSchema = z.strictObject({
	/** 1-based, among the requests of the file. */
	line: z.int().min(1),
	custom_id: z.string(),
	/** The request as it stands in the file, or the prompt made of the row. */
	request: z.record(z.string(), z.unknown()),
	/** The answer in the file's own dialect. */
	result: z.record(z.string(), z.unknown()),
	/** What the answer says, without its wrapping; null where it is no text. */
	text: z.string().nullable(),
	is_error: z.boolean(),
	input_tokens: z.int().min(0),
	output_tokens: z.int().min(0),
	seconds: z.number(),
});
/** One rehearsed line. */
export type RehearsedLine = Wire<typeof rehearsedLineSchema>;

/** Longest `wait`: clients and proxies give up on silent connections not much later. */
const MOST_WAIT_SECONDS = 300;

/** `?wait=SECONDS` of both rehearsal routes: answers when the rehearsal is over, or the time is; without it at once. */
export const rehearsalQuerySchema = z.object({ wait: z.coerce.number().min(0).max(MOST_WAIT_SECONDS).default(0) });
/** `?wait=SECONDS` of both rehearsal routes. */
export type RehearsalQuery = Wire<typeof rehearsalQuerySchema>;

/** `GET /api/batches/{id}/rehearsal`, and the reply of `POST /api/batches/rehearse` once it has been played. */
export const rehearsalSchema = z.strictObject({
	batch: batchDetailsSchema,
	/** In order of lines; those that were run. */
	lines: z.array(rehearsedLineSchema),
	/** Null while lines still run. */
	forecast: forecastSchema.nullable(),
	is_finished: z.boolean(),
});
/** What a rehearsal showed. */
export type Rehearsal = Wire<typeof rehearsalSchema>;
