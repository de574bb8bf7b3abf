/**
 * `GET /api/events`: what happened to batches, as server-sent events. `id` is the event's number; a client that comes back with
 * `Last-Event-ID` (or `?after=`) gets all it missed. Webhooks carry the same events (see `webhookEventSchema`).
 */
import { z } from "zod";
import { unixSecondsSchema, type Wire } from "../openai/shared.ts";

/** What people are told of. */
export const noticeKindSchema = z.enum([
	"completed",
	"failed",
	"expired",
	"cancelled",
	/** Paused itself. */
	"needs-attention",
	/** By forecast it won't be done in time. */
	"deadline-at-risk",
	/** The rehearsal is over; the batch waits to be queued. */
	"rehearsed",
	/** The morning report is ready. */
	"report",
]);
/** What people are told of. */
export type NoticeKind = z.infer<typeof noticeKindSchema>;

/** Something to tell people; the shell shows it as a notification. */
export const noticeSchema = z.strictObject({
	/** Counts up on this machine, with gaps; never given twice. */
	number: z.int().min(1),
	at: unixSecondsSchema,
	kind: noticeKindSchema,
	batch_id: z.string().nullable(),
	title: z.string(),
	body: z.string(),
});
/** Something to tell people. */
export type NoticeObject = Wire<typeof noticeSchema>;

/**
 * Body of a webhook, in OpenAI's shape, so that `client.webhooks.unwrap` of the official package reads it. Signed by Standard
 * Webhooks: headers `webhook-id`, `webhook-timestamp`, `webhook-signature`.
 */
export const webhookEventSchema = z.strictObject({
	/** The same at every attempt: `evt_…`. */
	id: z.string(),
	object: z.literal("event"),
	created_at: unixSecondsSchema,
	type: z.enum(["batch.completed", "batch.failed", "batch.expired", "batch.cancelled", "batch.needs_attention"]),
	data: z.strictObject({ id: z.string(), message: z.string() }),
});
/** Body of a webhook. */
export type WebhookEvent = Wire<typeof webhookEventSchema>;
