/** What a batch will take: time, tokens, energy, money. */
import { z } from "zod";
import { unixSecondsSchema, type Wire } from "../openai/shared.ts";

/** A guess with its honest width: `low` to `high` is where nine of ten such guesses end. */
export const rangeSchema = z.strictObject({ low: z.number(), expected: z.number(), high: z.number() });
/** A guess with its honest width. */
export type Range = Wire<typeof rangeSchema>;

/** What the same work costs at a hosted batch API. */
export const hostedCostSchema = z.strictObject({
	provider: z.string(),
	model: z.string(),
	/** Money in US dollars. */
	usd: rangeSchema,
});
/** What the same work costs at a hosted batch API. */
export type HostedCost = Wire<typeof hostedCostSchema>;

/** What is left of a batch will take this. */
export const forecastSchema = z.strictObject({
	lines_left: z.int().min(0),
	/** Lines whose answers are there already and are not run again. */
	lines_done: z.int().min(0),
	input_tokens_per_line: rangeSchema,
	output_tokens_per_line: rangeSchema,
	/** Of the lines left. */
	input_tokens: rangeSchema,
	output_tokens: rangeSchema,
	tokens_per_second: rangeSchema,
	/** Where the speed comes from: this batch at work, earlier work of the same model here, or the rehearsal alone. */
	speed_from: z.enum(["running", "history", "rehearsal"]),
	seconds: rangeSchema,
	/** Unix seconds, if it begins now or when it may. */
	finish_at: rangeSchema,
	/** End of its completion window; null: not queued yet. */
	deadline_at: unixSecondsSchema.nullable(),
	misses_deadline: z.boolean(),
	/** Null until power was looked at. */
	energy: z
		.strictObject({
			kilowatt_hours: rangeSchema,
			is_measured: z.boolean(),
			/** How the power was found, in words. */
			basis: z.string(),
			/** By the owner's price; null: none is set. */
			cost: rangeSchema.nullable(),
			currency: z.string(),
		})
		.nullable(),
	hosted: z.array(hostedCostSchema),
	/** Day the price table was made, e.g. `2026-11-20`. */
	prices_as_of: z.string(),
});
/** What is left of a batch will take this. */
export type ForecastObject = Wire<typeof forecastSchema>;
