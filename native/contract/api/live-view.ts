/**
 * What `GET /api/events` carries for screens, besides notices: the present state of things, each as a whole. Sent when the stream is
 * opened and again whenever it changes, so that who comes back is up to date at once; these events have no number.
 */
import { z } from "zod";
import type { Wire } from "../openai/shared.ts";
import { batchDetailsSchema } from "./batches.ts";
import { meshViewSchema } from "./mesh.ts";
import { downloadSchema } from "./models.ts";
import { settingsSchema } from "./settings.ts";
import { residentModelSchema, statusSchema } from "./status.ts";
import { machineStatusSchema } from "./verdict.ts";

/** The batches that have changed; `event: batches`. The first one after opening carries the newest hundred. */
export const batchesEventSchema = z.strictObject({
	changed: z.array(batchDetailsSchema),
	/** Ids of those that were deleted. */
	gone: z.array(z.string()),
});
/** The batches that have changed. */
export type BatchesEvent = Wire<typeof batchesEventSchema>;

/** How this machine does; `event: machine`. */
export const machineEventSchema = machineStatusSchema;

/** What is in memory and who is served; `event: engine`. */
export const engineEventSchema = z.strictObject({
	models: z.array(residentModelSchema),
	live: statusSchema.shape.live,
	/** Batch work is frozen for a live request now. */
	isAside: z.boolean(),
	/** Milliseconds that handing over took this time; null: it is not frozen, or there was nothing to hand over. */
	handBackMs: z.number().nullable(),
});
/** What is in memory and who is served. */
export type EngineEvent = Wire<typeof engineEventSchema>;

/** Downloads of models; `event: downloads`. */
export const downloadsEventSchema = z.strictObject({ downloads: z.array(downloadSchema) });
/** Downloads of models. */
export type DownloadsEvent = Wire<typeof downloadsEventSchema>;

/** What the owner chose, as `GET /api/settings` answers it; `event: settings`. Pages and the shell see each other's changes by it. */
export const settingsEventSchema = settingsSchema;

/** The machines, as `GET /api/mesh` answers them but for the code that is shown; `event: mesh`. */
export const meshEventSchema = meshViewSchema;
