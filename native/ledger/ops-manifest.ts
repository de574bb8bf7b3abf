import { z } from "zod";

/**
 * Content of the operation that creates a batch. Written out here, not taken from the contract: what a released operation says
 * never changes, though the choices of a new batch may. What older operations do not name has a default, frozen like the rest.
 */

const natural = z.number().int().nonnegative();

const policy = z
	.object({
		most_crashes: natural,
		retry_backoff_ms: natural,
		give_up_percent: natural.nullable(),
		line_tokens: natural.nullable(),
		line_seconds: natural.nullable(),
		batch_tokens: natural.nullable(),
		batch_seconds: natural.nullable(),
		runaway_factor: z.number().nullable(),
	})
	.readonly();

const template = z
	.object({
		prompt: z.string(),
		system: z.string().nullable(),
		max_tokens: natural.nullable(),
		temperature: z.number(),
	})
	.readonly();

const rehearsal = z.object({ lines: natural, spread: z.boolean() }).readonly();

const machines = z
	.object({ only: z.array(z.string()).readonly().nullable(), never: z.array(z.string()).readonly() })
	.readonly();

/** What a batch without choices gets; the migration to schema 2 writes the same. */
const DEFAULT_POLICY = {
	most_crashes: 2,
	retry_backoff_ms: 1_000,
	give_up_percent: 50,
	line_tokens: null,
	line_seconds: null,
	batch_tokens: null,
	batch_seconds: null,
	runaway_factor: 10,
} as const;

/** Schema of a batch's manifest, in operations and in the column that holds it as JSON. */
export const manifestSchema = z
	.object({
		surface: z.enum(["openai", "anthropic"]).default("openai"),
		inputFileId: z.string(),
		format: z.enum(["openai", "anthropic", "gemini", "vertex", "messages", "csv", "tsv"]).default("openai"),
		template: template.nullable().default(null),
		badLines: z.enum(["refuse-file", "fail-line"]).default("refuse-file"),
		endpoint: z.string(),
		completionWindow: z.string(),
		windowMs: natural,
		metadata: z.record(z.string(), z.string()).readonly().nullable(),
		modelOverride: z.string().nullable(),
		outputExpiresAfterMs: natural.nullable(),
		priority: z.enum(["standard", "soon"]).default("standard"),
		notBeforeMs: z.number().nullable().default(null),
		effectiveUntilMs: z.number().nullable().default(null),
		policy: policy.default(DEFAULT_POLICY),
		rehearsal: rehearsal.nullable().default(null),
		webhookUrl: z.string().nullable().default(null),
		// Without a default: rows of batches from before it was named must stay as the log makes them anew.
		reuseAnswers: z.boolean().optional(),
		// Absent where every machine may, which is what batches from before it was named say.
		machines: z.exactOptional(machines),
	})
	.readonly();
