/** What can be chosen about a batch beyond OpenAI's own fields. Names are OpenAI's style, since they stand beside its fields. */
import { z } from "zod";
import { unixSecondsSchema, type Wire } from "../openai/shared.ts";
import { batchMachinesSchema } from "./mesh.ts";

/**
 * How the lines of a file are written; their answers are written the same way. `messages`: bare `{"messages": …}` lines; `csv`
 * and `tsv`: tables, of which each row fills a prompt template.
 */
export const fileFormatSchema = z.enum(["openai", "anthropic", "gemini", "vertex", "messages", "csv", "tsv"]);
/** How the lines of a file are written. */
export type FileFormat = z.infer<typeof fileFormatSchema>;

/** How urgent the answers are to somebody. `soon` goes before `standard`, but never keeps one waiting for ever. */
export const batchPrioritySchema = z.enum(["standard", "soon"]);
/** How urgent the answers are to somebody. */
export type BatchPriority = z.infer<typeof batchPrioritySchema>;

/** Most characters of a prompt template: a long system prompt with examples; it stands in the batch's record. */
const MOST_TEMPLATE_LENGTH = 100_000;

/** What each row of a table asks. `{{column}}` is the row's value in that column. */
export const rowTemplateSchema = z.strictObject({
	/** The user message. */
	prompt: z.string().min(1).max(MOST_TEMPLATE_LENGTH),
	/** The system message; null: none. May have columns too. */
	system: z.string().min(1).max(MOST_TEMPLATE_LENGTH).nullable().default(null),
	/** Most tokens of an answer; null: as many as the model likes. */
	max_tokens: z.int().min(1).nullable().default(null),
	/** 0: the same row gets the same answer. */
	temperature: z.number().min(0).max(2).default(0),
});
/** What each row of a table asks. */
export type RowTemplate = Wire<typeof rowTemplateSchema>;

/** What is put up with, and for how long. Every limit is null where there is none. */
export const batchPolicySchema = z.strictObject({
	/** Crashes of the inference process a line may be in before it is failed: 2 tells a poison line from bad luck. */
	most_crashes: z.int().min(1).max(10).default(2),
	/** Pause before a line that was in a death of the inference process runs again, doubled each time, up to 5 minutes. */
	retry_backoff_ms: z.int().min(0).max(300_000).default(1_000),
	/** Gives the batch up when more than this share of its first 100 finished lines failed. */
	give_up_percent: z.int().min(1).max(100).nullable().default(50),
	/** Most tokens of one answer. A line that reaches it is failed, not cut short in silence. */
	line_tokens: z.int().min(1).nullable().default(null),
	/** Longest run of one line. */
	line_seconds: z.int().min(1).nullable().default(null),
	/** Most output tokens of the batch. It pauses itself there. */
	batch_tokens: z.int().min(1).nullable().default(null),
	/** Longest work on the batch, waiting not counted. It pauses itself there. */
	batch_seconds: z.int().min(1).nullable().default(null),
	/** Pauses itself when the mean answer is this many times as long as in its rehearsal. */
	runaway_factor: z.number().min(1.5).max(1_000).nullable().default(10),
});
/** What is put up with, and for how long. */
export type BatchPolicy = Wire<typeof batchPolicySchema>;

/** What a rehearsal runs. */
export const rehearsalOptionsSchema = z.strictObject({
	/** How many lines. */
	lines: z.int().min(1).max(100).default(5),
	/** Over the whole file instead of from its start. */
	spread: z.boolean().default(false),
});
/** What a rehearsal runs. */
export type RehearsalOptions = Wire<typeof rehearsalOptionsSchema>;

/** A time of day to come, in Unix seconds. */
const momentSchema = unixSecondsSchema;

/** Everything that can be chosen; `POST /api/batches` takes it beside `input_file_id`, and so does a rehearsal. */
export const batchOptionsSchema = z.strictObject({
	/** Null: found out from the file's first line, or its name. */
	format: fileFormatSchema.nullable().default(null),
	/** Of tables. */
	template: rowTemplateSchema.nullable().default(null),
	/** Name of the model that answers every line, whatever it names; null: what each names, by the owner's map. */
	model: z.string().min(1).max(512).nullable().default(null),
	priority: batchPrioritySchema.default("standard"),
	/** Not started before. */
	not_before: momentSchema.nullable().default(null),
	/** When the answers get stale: asking for them then says so. */
	effective_until: momentSchema.nullable().default(null),
	policy: batchPolicySchema.prefault({}),
	/** Told of this batch's end besides those of the settings. Its host must be among the allowed ones. */
	webhook_url: z
		.url({ protocol: /^https?$/ })
		.max(2_048)
		.nullable()
		.default(null),
	/** Takes answers over from equal lines of earlier batches; false: every line is run, also where the answer is known. */
	reuse_answers: z.boolean().default(true),
	/** Which of the paired machines may work on it. */
	machines: batchMachinesSchema.prefault({}),
});
/** Everything that can be chosen about a batch. */
export type BatchOptions = Wire<typeof batchOptionsSchema>;

/** What holds where nothing was chosen. */
export const defaultBatchOptions: BatchOptions = batchOptionsSchema.parse({});
