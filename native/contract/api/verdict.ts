/** Whether batch work may run on this machine now, and why not; `POST /api/rest`: the owner's own word. */
import { z } from "zod";
import type { Wire } from "../openai/shared.ts";
import { machineSnapshotSchema } from "./machine.ts";

/** How far batch work steps back (design 6). */
export const rungSchema = z.enum([
	/** It may run. */
	"run",
	/** Lanes are frozen where they stand; a live request is answered. */
	"freeze",
	/** The inference process is stopped; lines stay reserved for a while, for it may be over soon. */
	"yield",
	/** The inference process is stopped and lines are given back. */
	"leave",
]);
/** How far batch work steps back. */
export type Rung = z.infer<typeof rungSchema>;

/** What keeps batch work from running. */
export const causeKindSchema = z.enum([
	"live-request",
	"game",
	"full-screen",
	"presentation",
	"program",
	"gpu-memory",
	"gpu-busy",
	"cpu-busy",
	"memory",
	"paused",
	"snoozed",
	"battery",
	"hot",
	"outside-hours",
	"user-present",
]);
/** What keeps batch work from running. */
export type CauseKind = z.infer<typeof causeKindSchema>;

/** One thing that keeps batch work from running. */
export const causeSchema = z.strictObject({
	kind: causeKindSchema,
	rung: rungSchema.exclude(["run"]),
	/** e.g. `Blender uses 6.1 GB of GPU memory`. */
	words: z.string(),
	/** Unix milliseconds. */
	sinceMs: z.number(),
	/** It is gone already; what is left is the time until work comes back. */
	isGone: z.boolean(),
	/** When it ends by what is known now, Unix milliseconds; null: nobody knows. */
	untilMs: z.number().nullable(),
});
/** One thing that keeps batch work from running. */
export type Cause = Wire<typeof causeSchema>;

/** Whether batch work may run now. */
export const verdictSchema = z.strictObject({
	rung: rungSchema,
	/** In words, e.g. `waiting: Blender uses 6.1 GB of GPU memory`; `may run` where nothing keeps it. */
	reason: z.string(),
	/** The gravest first; empty where it may run. */
	causes: z.array(causeSchema),
	/** Since when it is this rung, Unix milliseconds. */
	sinceMs: z.number(),
	/** When work may come back by what is known now, Unix milliseconds; null: it may run, or nobody knows. */
	untilMs: z.number().nullable(),
	/** Lines that were reserved stay so. */
	keepsLeases: z.boolean(),
	/** Part of the GPU's time that batch work takes at most, above 0 to 1. */
	shareFraction: z.number().gt(0).max(1),
});
/** Whether batch work may run now. */
export type Verdict = Wire<typeof verdictSchema>;

/** What the owner said with one click; survives restarts. */
export const restSchema = z.strictObject({
	isPaused: z.boolean(),
	/** Unix milliseconds; null: not snoozed. */
	snoozedUntilMs: z.number().nullable(),
});
/** What the owner said with one click. */
export type Rest = Wire<typeof restSchema>;

/** `POST /api/rest`. */
export const restRequestSchema = z.discriminatedUnion("action", [
	/** No batch work until `resume`. */
	z.strictObject({ action: z.literal("pause") }),
	/** No batch work for so long; `tomorrow` is the beginning of the next night window after midnight, or noon without one. */
	z.strictObject({ action: z.literal("snooze"), for: z.enum(["1h", "3h", "12h", "tomorrow"]) }),
	/** Ends both, and waits for no cool-down. */
	z.strictObject({ action: z.literal("resume") }),
]);
/** `POST /api/rest`. */
export type RestRequest = Wire<typeof restRequestSchema>;

/** `GET /api/machine`, and the answer of `POST /api/rest`. */
export const machineStatusSchema = z.strictObject({
	/** What the computer is called, e.g. `workstation`. */
	name: z.string(),
	snapshot: machineSnapshotSchema,
	verdict: verdictSchema,
	rest: restSchema,
});
/** `GET /api/machine`. */
export type MachineStatus = Wire<typeof machineStatusSchema>;
