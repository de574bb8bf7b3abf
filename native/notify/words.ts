/** Notices in words for people, and as the bodies of webhooks. Pure. */
import { createHash } from "node:crypto";
import { assertNever } from "../base/base.ts";
import type { NoticeKind, NoticeObject, WebhookEvent } from "../contract/contract.ts";
import type { Notice } from "../ledger/ledger.ts";

/** Words for a notification. `label` is what people call the batch: its file's name, else its id; null: it is about none. */
export function describeNotice(notice: Notice, label: string | null): NoticeObject {
	const { number, atMs, kind, batchId } = notice;
	const title = titleOf(kind, label ?? "A batch");
	const body = notice.message === "" ? usualBody(kind) : notice.message;
	return { number, at: Math.floor(atMs / 1_000), kind, batch_id: batchId, title, body };
}

function titleOf(kind: NoticeKind, label: string): string {
	switch (kind) {
		case "completed":
			return `${label} is done`;
		case "failed":
			return `${label} failed`;
		case "expired":
			return `${label} ran out of time`;
		case "cancelled":
			return `${label} was cancelled`;
		case "needs-attention":
			return `${label} needs you`;
		case "deadline-at-risk":
			return `${label} may not be done in time`;
		case "rehearsed":
			return `The rehearsal of ${label} is over`;
		case "report":
			return "The report of the night is ready";
		default:
			return assertNever(kind);
	}
}

function usualBody(kind: NoticeKind): string {
	return kind === "rehearsed" ? "Look at the answers, then queue the rest." : "";
}

/** Type of the webhook for a kind of notice; null: webhooks are not sent for it. */
export function webhookType(kind: NoticeKind): WebhookEvent["type"] | null {
	switch (kind) {
		case "completed":
			return "batch.completed";
		case "failed":
			return "batch.failed";
		case "expired":
			return "batch.expired";
		case "cancelled":
			return "batch.cancelled";
		case "needs-attention":
		case "deadline-at-risk":
			return "batch.needs_attention";
		case "rehearsed":
		case "report":
			return null;
		default:
			return assertNever(kind);
	}
}

/** The body of a webhook, the same at every attempt; null: none is sent for this notice. */
export function webhookEvent({ number, atMs, kind, batchId, message }: Notice): WebhookEvent | null {
	const type = webhookType(kind);
	if (type === null || batchId === null) return null;
	const id = createHash("sha256").update(`${batchId}\n${kind}\n${number}`).digest("hex").slice(0, 32);
	return {
		id: `evt_${id}`,
		object: "event",
		created_at: Math.floor(atMs / 1_000),
		type,
		data: { id: batchId, message },
	};
}
