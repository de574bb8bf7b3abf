/** `GET /api/status`: how this machine does, in one answer. */
import { z } from "zod";
import type { Wire } from "../openai/shared.ts";
import { durabilitySchema } from "./mesh.ts";
import { causeKindSchema, verdictSchema } from "./verdict.ts";

/** Why batch work stepped aside. */
export const yieldCauseSchema = z.discriminatedUnion("kind", [
	z.strictObject({
		kind: z.literal("request"),
		/** Path of the request, e.g. `/v1/chat/completions`. */
		endpoint: z.string(),
		/** Who sent it, from its User-Agent, shortened; null where it named nobody. */
		client: z.string().nullable(),
	}),
	z.strictObject({
		/** The inference process was stopped. */
		kind: z.literal("stop"),
		cause: causeKindSchema,
		/** e.g. `Blender uses 6.1 GB of GPU memory`. */
		words: z.string(),
	}),
]);
/** Why batch work stepped aside. */
export type YieldCause = Wire<typeof yieldCauseSchema>;

/** One time that batch work stepped aside, from the first arrival to going on. */
export const yieldSchema = z.strictObject({
	/** Counts up from 1 on this machine. */
	number: z.int().min(1),
	/** Of the first request. */
	cause: yieldCauseSchema,
	/** Requests served meanwhile; 0 where the cause is none. */
	requests: z.int().min(0),
	/** Arrival of the first request, or when the cause showed, Unix milliseconds. */
	arrivedAtMs: z.number(),
	/**
	 * From that arrival to the end of the last batch step, 0 when none was in flight; of a stop: from the look or event that showed
	 * the cause until the processes had ended and all they held was free.
	 */
	handBackMs: z.number(),
	/** GPU memory that came free by a stop, as the GPU tells; null: nothing was stopped, or it can't be told. */
	freedBytes: z.number().nullable().default(null),
	/** Batch steps that ended after that arrival. The promise is: at most 1, the one in flight. */
	batchSteps: z.int().min(0),
	/** Tokens those steps evaluated. */
	batchTokens: z.int().min(0),
	/** Batch lanes that held work. */
	frozenLanes: z.int().min(0),
	/** From the arrival to going on. */
	frozenMs: z.number(),
	/** Tokens of batch lines computed again because of it. 0 unless the model had to leave the memory. */
	recomputedTokens: z.int().min(0),
});
/** One time that batch work stepped aside. */
export type Yield = Wire<typeof yieldSchema>;

/** A model in memory or on its way there. */
export const residentModelSchema = z.strictObject({
	name: z.string(),
	state: z.enum(["loading", "ready", "restarting", "failed", "leaving"]),
	/** 0 to 1 while loading. */
	progress: z.number().nullable(),
	/** Why it failed, in words. */
	problem: z.string().nullable(),
	batchLanes: z.int().nullable(),
	batchContextTokens: z.int().nullable(),
	interactiveLanes: z.int().nullable(),
	interactiveContextTokens: z.int().nullable(),
	gpu: z.enum(["cuda", "vulkan", "metal", "none"]).nullable(),
	/** What was chosen at loading and why, in words. */
	notes: z.array(z.string()),
	usedByBatch: z.boolean(),
	liveRequests: z.int().min(0),
});
/** A model in memory or on its way there. */
export type ResidentModelStatus = Wire<typeof residentModelSchema>;

/** A batch that is not ended, and how it does. */
export const batchStatusLineSchema = z.strictObject({
	id: z.string(),
	status: z.string(),
	total: z.int().min(0),
	completed: z.int().min(0),
	failed: z.int().min(0),
	linesPerSecond: z.number(),
	secondsLeft: z.number().nullable(),
	/** What it does or waits for, in words. */
	activity: z.string(),
	/** What somebody has to mend; null: nothing. */
	trouble: z.string().nullable(),
	durability: durabilitySchema,
	/** Lines of it in the hands of machines now; empty: nobody has any. */
	machines: z.array(z.strictObject({ name: z.string(), lines: z.int().min(0) })),
});

/** `GET /api/status`. */
export const statusSchema = z.strictObject({
	version: z.string(),
	/** Folder of everything this machine keeps: the ledger, models, settings, logs. */
	dataDir: z.string(),
	pid: z.int(),
	uptimeSeconds: z.number(),
	models: z.array(residentModelSchema),
	live: z.strictObject({
		running: z.int().min(0),
		waiting: z.int().min(0),
		limit: z.int().min(1),
	}),
	stepAside: z.strictObject({
		/** Batch work is frozen now. */
		isAside: z.boolean(),
		totals: z.strictObject({ count: z.int().min(0), frozenMs: z.number(), recomputedTokens: z.int().min(0) }),
		/** The last yields, oldest first. */
		yields: z.array(yieldSchema),
	}),
	/** Whether batch work may run now. */
	verdict: verdictSchema,
	batches: z.array(batchStatusLineSchema),
	mesh: z.strictObject({
		isOn: z.boolean(),
		/** Why it is not as it should be, and how to mend it; null: all is well. */
		trouble: z.string().nullable(),
		/** Machines that belong together, this one among them; 0: it was never paired. */
		machines: z.int().min(0),
		/** Of those, heard within the last seconds. */
		online: z.int().min(0),
		/** Of those, at work on lines. */
		working: z.int().min(0),
		/** Name of the host; null: nobody is known to be. */
		host: z.string().nullable(),
	}),
});
/** `GET /api/status`. */
export type Status = Wire<typeof statusSchema>;
