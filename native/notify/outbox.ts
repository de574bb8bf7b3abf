/**
 * Sends webhooks until they arrive. What is due follows from the ledger (notices without a settled delivery), so that a kill at
 * any moment loses none; it may send one twice, with the same `webhook-id`.
 */
import type { Clock, Log } from "../base/base.ts";
import type { WebhookEvent } from "../contract/contract.ts";
import type { Ledger, Notice } from "../ledger/ledger.ts";
import type { Sent } from "./send.ts";
import { isAllowed, targetDigest, targetsOf, type WebhookSettings } from "./targets.ts";
import { webhookEvent } from "./words.ts";

/** What an outbox needs. */
export interface OutboxDeps {
	readonly ledger: Pick<Ledger, "notices" | "deliveries" | "settleDelivery" | "batch">;
	readonly settings: () => WebhookSettings;
	/** One attempt. Must not reject for what the receiver does. */
	readonly send: (url: string, event: WebhookEvent) => Promise<Sent>;
	readonly clock: Clock;
	readonly log: Log;
}

/** Sends what is due. */
export interface Outbox {
	/** Begins what is due now and answers in how many milliseconds to look again; null: nothing waits. Resolves without waiting for attempts. */
	look(): number | null;
	/** Attempts are under way; whether there is more to do shows when they have ended. */
	readonly isBusy: boolean;
	/** Resolves when no attempt is under way. */
	settled(): Promise<void>;
}

/** Pauses between attempts: the schedule Standard Webhooks proposes, a day and a bit in all. After the last the event is given up. */
const PAUSES_MS = [5_000, 60_000, 300_000, 1_800_000, 7_200_000, 18_000_000, 36_000_000, 36_000_000];
/** Older news is not sent after a restart: who was down for that long looks at the list of batches. */
const NEWS_AGE_MS = 72 * 3_600_000;
/** Notices looked through at a time. */
const NOTICE_PAGE = 500;
/** Attempts at once: a receiver that hangs must not keep the others waiting, and all of them at once would be a flood. */
const MOST_AT_ONCE = 4;

interface Pending {
	readonly notice: number;
	readonly url: string;
	readonly event: WebhookEvent;
	failures: number;
	dueAtMs: number;
	isUnderWay: boolean;
	isToldForbidden: boolean;
}

/** An outbox that has sent nothing yet. */
export function createOutbox({ ledger, settings, send, clock, log }: OutboxDeps): Outbox {
	const pending = new Map<string, Pending>();
	const underWay = new Set<Promise<void>>();
	let seen = 0;

	/** Takes in notices since the last look, but for what is settled or old. */
	function takeIn(): void {
		const oldestMs = clock.nowMs() - NEWS_AGE_MS;
		const settledBefore = new Set(ledger.deliveries(seen).map(({ notice, target }) => `${notice} ${target}`));
		for (;;) {
			const page = ledger.notices(seen, NOTICE_PAGE);
			for (const notice of page) {
				seen = notice.number;
				if (notice.atMs >= oldestMs) add(notice, settledBefore);
			}
			if (page.length < NOTICE_PAGE) return;
		}
	}

	function add(notice: Notice, settledBefore: ReadonlySet<string>): void {
		const event = webhookEvent(notice);
		if (event === null || notice.batchId === null) return;
		const batchUrl = ledger.batch(notice.batchId)?.manifest.webhookUrl ?? null;
		for (const url of targetsOf(event.type, batchUrl, settings())) {
			const key = `${notice.number} ${targetDigest(url)}`;
			if (settledBefore.has(key)) continue;
			const fresh = { failures: 0, dueAtMs: clock.monotonicMs(), isUnderWay: false, isToldForbidden: false };
			pending.set(key, { notice: notice.number, url, event, ...fresh });
		}
	}

	async function attempt(key: string, one: Pending): Promise<void> {
		const host = new URL(one.url).host;
		const sent = await send(one.url, one.event);
		one.isUnderWay = false;
		if (sent.kind === "failed") {
			const pauseMs = PAUSES_MS[one.failures];
			one.failures += 1;
			log.warn({ host, event: one.event.id, reason: sent.reason, failures: one.failures }, "a webhook did not arrive");
			if (pauseMs !== undefined) {
				one.dueAtMs = clock.monotonicMs() + pauseMs;
				return;
			}
		}
		const outcome = sent.kind === "delivered" ? "delivered" : "given-up";
		if (outcome === "given-up") log.error({ host, event: one.event.id }, "a webhook was given up");
		await ledger.settleDelivery({ notice: one.notice, target: targetDigest(one.url), outcome });
		pending.delete(key);
	}

	function begin(key: string, one: Pending): void {
		one.isUnderWay = true;
		const running = attempt(key, one)
			.catch((error: unknown) => {
				// The ledger can't take it down now (a full disk): it is sent once more later, with the same id.
				one.isUnderWay = false;
				one.dueAtMs = clock.monotonicMs() + (PAUSES_MS[1] ?? 0);
				log.error({ error: String(error), event: one.event.id }, "a webhook's end could not be recorded");
			})
			.finally(() => underWay.delete(running));
		underWay.add(running);
	}

	/** Forbidden ones wait for the owner to allow their host, as long as the service runs. */
	function mayGo(one: Pending): boolean {
		if (isAllowed(one.url, settings())) return true;
		if (!one.isToldForbidden) {
			one.isToldForbidden = true;
			const host = URL.parse(one.url)?.host ?? "?";
			log.warn({ host }, "a webhook is not sent: its host is not among webhooks.allowedHosts of the settings");
		}
		return false;
	}

	return {
		look() {
			takeIn();
			let nextMs: number | null = null;
			for (const [key, one] of pending) {
				if (one.isUnderWay || !mayGo(one)) continue;
				const waitMs = one.dueAtMs - clock.monotonicMs();
				if (waitMs <= 0 && underWay.size < MOST_AT_ONCE) begin(key, one);
				else nextMs = Math.min(nextMs ?? Number.POSITIVE_INFINITY, Math.max(waitMs, 0));
			}
			return nextMs;
		},
		get isBusy() {
			return underWay.size > 0;
		},
		async settled() {
			while (underWay.size > 0) await Promise.all(underWay);
		},
	};
}
