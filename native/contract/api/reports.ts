/** `GET /api/reports/last-night`: what was done while nobody looked. */
import { z } from "zod";
import { unixSecondsSchema, type Wire } from "../openai/shared.ts";
import { batchHealthSchema } from "./batches.ts";
import { yieldCauseSchema } from "./status.ts";

/** A batch as far as it came in that night. */
export const reportedBatchSchema = z.strictObject({
	id: z.string(),
	filename: z.string().nullable(),
	status: z.string(),
	health: batchHealthSchema,
	model: z.string().nullable(),
	/** In that night. */
	lines: z.int().min(0),
	failed: z.int().min(0),
	/** Over all its life. */
	total: z.int().min(0),
	completed: z.int().min(0),
});

/** What was done in a night. */
export const nightReportSchema = z.strictObject({
	/** From noon to noon in local time, or until now. */
	from: unixSecondsSchema,
	to: unixSecondsSchema,
	/** Lines finished, those that failed among them. */
	lines: z.int().min(0),
	failed: z.int().min(0),
	retries: z.int().min(0),
	input_tokens: z.int().min(0),
	output_tokens: z.int().min(0),
	worked_seconds: z.number().min(0),
	energy: z.strictObject({
		kilowatt_hours: z.number(),
		is_measured: z.boolean(),
		/** How it was found, in words. */
		basis: z.string(),
		cost: z.number().nullable(),
		currency: z.string(),
	}),
	/** Dearest first; `usd` is what the same tokens cost there, energy not taken off. */
	hosted: z.array(z.strictObject({ provider: z.string(), model: z.string(), usd: z.number() })),
	prices_as_of: z.string(),
	yields: z.strictObject({
		count: z.int().min(0),
		frozen_seconds: z.number(),
		recomputed_tokens: z.int().min(0),
		/** By what asked, most often first. */
		causes: z.array(z.strictObject({ cause: yieldCauseSchema, count: z.int().min(1), frozen_seconds: z.number() })),
	}),
	batches: z.array(reportedBatchSchema),
	/** Ended, with results nobody fetched yet, whenever that was. */
	uncollected: z.array(
		z.strictObject({ id: z.string(), filename: z.string().nullable(), ended_at: unixSecondsSchema }),
	),
	/** What somebody has to look at, in words. */
	attention: z.array(z.strictObject({ batch_id: z.string(), message: z.string() })),
});
/** What was done in a night. */
export type NightReport = Wire<typeof nightReportSchema>;
