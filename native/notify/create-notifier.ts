/** Builds the notifier: notices in words for whoever listens, and webhooks for whom the owner named. */
import type { Clock, Log } from "../base/base.ts";
import type { NoticeObject, WebhookEvent } from "../contract/contract.ts";
import type { Ledger, Notice } from "../ledger/ledger.ts";
import type { Reports } from "../reports/reports.ts";
import type { Settings } from "../settings/settings.ts";
import { createMorning } from "./morning.ts";
import type { Notifier } from "./notify.ts";
import { createOutbox } from "./outbox.ts";
import { createSecret } from "./secret.ts";
import { type Sent, sendWebhook } from "./send.ts";
import { describeNotice } from "./words.ts";

/** What a notifier needs. */
export interface NotifierDeps {
	readonly ledger: Pick<Ledger, "notices" | "notify" | "deliveries" | "settleDelivery" | "batch" | "file" | "watch">;
	readonly reports: Pick<Reports, "lastNight">;
	readonly settings: Pick<Settings, "current" | "watch">;
	readonly secretPath: string;
	readonly clock: Clock;
	readonly log: Log;
	/** Of the product, for `User-Agent`. */
	readonly version: string;
}

/** Longest pause between two looks: a host may have been allowed, or the clock have stood still in a suspend. */
const LOOK_AT_LEAST_MS = 60_000;

/** Shortest pause: what waits for room is looked at when an attempt ends, not in a circle. */
const LEAST_LOOK_MS = 100;

/** How long attempts under way may hold up the end of the service. */
const STOP_LIMIT_MS = 3_000;

/** Builds it. It tells listeners at once, and sends webhooks from `start` on. */
export function createNotifier(deps: NotifierDeps): Notifier {
	const { ledger, settings, secretPath, clock, log, version } = deps;
	const secret = createSecret(secretPath);
	const stopping = new AbortController();
	const morning = createMorning(deps);
	const listeners = new Set<(notice: NoticeObject) => void>();
	let timer: NodeJS.Timeout | undefined;
	let isFollowing = false;
	let isStopping = false;
	let stopWatching = () => {};

	async function send(url: string, event: WebhookEvent): Promise<Sent> {
		const signing = await secret();
		if (!signing.ok) return { kind: "failed", reason: signing.error };
		return sendWebhook(url, event, { secret: signing.value, atMs: clock.nowMs(), version }, stopping.signal);
	}

	const outbox = createOutbox({
		ledger,
		settings: () => settings.current.webhooks,
		send,
		clock,
		log,
	});

	function look(): void {
		clearTimeout(timer);
		if (isStopping) return;
		morning.look(clock.nowMs()).catch((error: unknown) => {
			log.warn({ error: String(error) }, "the morning report's notice could not be recorded; it is tried again");
		});
		const waitMs = outbox.look();
		timer = setTimeout(look, Math.max(LEAST_LOOK_MS, Math.min(waitMs ?? LOOK_AT_LEAST_MS, LOOK_AT_LEAST_MS)));
		if (outbox.isBusy) follow();
	}

	/** Looks again when what is under way has ended: it may leave room, or a pause to be kept. */
	function follow(): void {
		if (isFollowing) return;
		isFollowing = true;
		outbox
			.settled()
			.then(() => {
				isFollowing = false;
				look();
			})
			.catch(reportDefect);
	}

	function reportDefect(error: unknown): void {
		log.error({ error: String(error) }, "sending webhooks stopped by a defect");
	}

	function inWords(notice: Notice): NoticeObject {
		const batch = notice.batchId === null ? null : ledger.batch(notice.batchId);
		const file = batch === null ? null : ledger.file(batch.manifest.inputFileId);
		return describeNotice(notice, file?.filename ?? notice.batchId);
	}

	return {
		notices: (after, limit) => ledger.notices(after, limit).map(inWords),
		watch(listener) {
			const own = (notice: NoticeObject): void => listener(notice);
			listeners.add(own);
			return () => void listeners.delete(own);
		},
		secret,
		start() {
			const stopLedger = ledger.watch((change) => {
				if (change.kind !== "notice") return;
				const [notice] = ledger.notices(change.number - 1, 1);
				if (notice !== undefined) for (const listener of listeners) listener(inWords(notice));
				look();
			});
			const stopSettings = settings.watch(look);
			stopWatching = () => {
				stopLedger();
				stopSettings();
			};
			look();
		},
		async stop() {
			stopWatching();
			isStopping = true;
			clearTimeout(timer);
			// An attempt cut off is made again after the next start, though it may have arrived: so they get a moment to end.
			const limit = setTimeout(() => stopping.abort(), STOP_LIMIT_MS);
			await outbox.settled();
			clearTimeout(limit);
		},
	};
}
