/** One attempt to deliver a webhook. */
import { Webhook } from "standardwebhooks";
import type { WebhookEvent } from "../contract/contract.ts";

/** What came of an attempt. `gone`: the receiver wants no more (410). */
export type Sent =
	| { readonly kind: "delivered" }
	| { readonly kind: "gone" }
	| { readonly kind: "failed"; readonly reason: string };

/** Standard Webhooks: 15 to 30 seconds; who answers later is taken for down. */
const ANSWER_LIMIT_MS = 15_000;

/**
 * Posts an event, signed (Standard Webhooks 1.0: `webhook-id`, `webhook-timestamp`, `webhook-signature`). A redirection is a
 * failure: it would lead to a host that nobody allowed. The answer's body is not read.
 */
export async function sendWebhook(
	url: string,
	event: WebhookEvent,
	signing: { readonly secret: string; readonly atMs: number; readonly version: string },
	signal: AbortSignal,
): Promise<Sent> {
	const at = new Date(signing.atMs);
	const body = JSON.stringify(event);
	try {
		const answer = await fetch(url, {
			method: "POST",
			headers: {
				"content-type": "application/json",
				"user-agent": `Nightshift/${signing.version}`,
				"webhook-id": event.id,
				"webhook-timestamp": String(Math.floor(signing.atMs / 1_000)),
				"webhook-signature": new Webhook(signing.secret).sign(event.id, at, body),
			},
			body,
			redirect: "manual",
			signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_LIMIT_MS)]),
		});
		await answer.body?.cancel();
		if (answer.ok) return { kind: "delivered" };
		if (answer.status === 410) return { kind: "gone" };
		return { kind: "failed", reason: `it answered ${answer.status}` };
	} catch (error) {
		// Nobody there, a name that is none, a broken connection, no answer in time: all of them may pass.
		if (error instanceof TypeError || error instanceof DOMException) return { kind: "failed", reason: reasonOf(error) };
		throw error;
	}
}

function reasonOf(error: Error): string {
	const { cause } = error;
	return cause instanceof Error ? cause.message : error.message;
}
