/**
 * Tells people what the service has to say, as few notifications as will do. Owns what stands on the screen and that nothing is told
 * twice, also over restarts. A notification is a hint: whatever it leads to can be reached in the window as well. Must never show
 * progress; that is the taskbar's.
 */
import type { ActivationArguments, NotificationConstructorOptions } from "electron";
import type { NoticeObject } from "../../native/contract/contract.ts";
import type { Platform } from "../base/base.ts";
import type { ShellLog } from "../log.ts";
import type { Memory } from "../memory/memory.ts";
import { screens } from "../screens.ts";
import type { ServiceLink } from "../service/link.ts";
import { notificationWords } from "../words/notifications.ts";
import { hashOfActivation } from "./activation.ts";
import type { Card } from "./card.ts";
import { decide, isNews, nothingTold, type Told } from "./rules.ts";
import { createShown, type NotificationPort, type StandingPort } from "./shown.ts";

export { batchTag, type Card, ownCard } from "./card.ts";
export type { NotificationPort, StandingPort } from "./shown.ts";

/** What notifications are made from. */
export interface NotificationsDeps {
	readonly link: Pick<ServiceLink, "state" | "onNotice">;
	readonly memory: Pick<Memory, "current" | "remember">;
	readonly platform: Platform;
	/** `new Notification(options)`. */
	readonly create: (options: NotificationConstructorOptions) => NotificationPort;
	/** `Notification.isSupported`. */
	readonly isSupported: () => boolean;
	/** `Notification.handleActivation`, which there is on Windows. */
	readonly handleActivation: ((callback: (details: ActivationArguments) => void) => void) | null;
	/** `Notification.getHistory`, which there is on macOS. */
	readonly history: (() => Promise<readonly StandingPort[]>) | null;
	/** Hash of the page that a focused window of ours shows, e.g. `#/jobs/batch_1`; null: none has the focus. */
	readonly seenHash: () => string | null;
	/** Opens the main window at a hash. */
	readonly open: (hash: string) => void;
	readonly log: ShellLog;
}

/** Notifications, as the rest of the shell sees them. */
export interface Notifications {
	/** Tells something of the shell's own, e.g. that a file could not be opened. */
	tell(card: Card): void;
	/** Ends the listening. What stands stays. */
	stop(): void;
}

/** So long notices are gathered: those of one cause, and those missed while the computer slept, come within a moment. */
export const GATHER_MS = 1_500;
/** Notices gathered at once: a service tells ten thousand to who was away for a year; a summary of the newest says enough. */
const MOST_GATHERED = 1_000;
/** A click is told to the notification and to the program, in no certain order; so far apart at most. */
const SAME_CLICK_MS = 500;

/** Begins to listen. */
export function createNotifications(deps: NotificationsDeps): Notifications {
	const { link, memory, platform, log } = deps;
	const startedAtMs = Date.now();
	let told: Told = nothingTold(memory.current.lastNotice, startedAtMs);
	let gathered: NoticeObject[] = [];
	let deciding: ReturnType<typeof setTimeout> | null = null;
	let cantShow = false;
	let clickedAtMs = Number.NEGATIVE_INFINITY;

	/** Once a run: the next one would fail like this one. */
	function giveUp(message: string): void {
		if (cantShow) return;
		cantShow = true;
		log.warn({ message }, "notifications can't be shown");
	}

	const shown = createShown({
		platform,
		create: deps.create,
		onClick(hash) {
			clickedAtMs = Date.now();
			deps.open(hash);
		},
		onFailed: (reason) =>
			giveUp(notificationWords.failed[platform === "darwin" ? "darwin" : "other"](reason === "" ? "unknown" : reason)),
	});

	function tell(card: Card): void {
		if (deps.isSupported()) shown.show(card);
		else giveUp(notificationWords.unsupported);
	}

	function decideAll(): void {
		deciding = null;
		const decision = decide(told, gathered, {
			nowMs: Date.now(),
			startedAtMs,
			wanted: link.state.settings?.notifications ?? null,
			seenHash: deps.seenHash(),
		});
		gathered = [];
		told = decision.told;
		for (const effect of decision.effects) {
			if (effect.kind === "show") tell(effect.card);
			else shown.close(effect.tag);
		}
		// After showing: a notice told twice is better than one never told.
		if (told.lastNumber !== null) memory.remember({ lastNotice: told.lastNumber });
	}

	const stopListening = link.onNotice((notice) => {
		if (!isNews(notice, told)) return;
		gathered = [...gathered, notice].slice(-MOST_GATHERED);
		deciding ??= setTimeout(decideAll, GATHER_MS);
	});
	deps.history?.().then(
		(standing) => {
			for (const notification of standing) shown.adopt(notification);
		},
		// They stay where they are; only a click on them leads nowhere.
		(error: unknown) => log.warn({ error: String(error) }, "notifications of earlier runs are not known"),
	);
	deps.handleActivation?.((details) => {
		const hash = hashOfActivation(details);
		if (hash !== null) return deps.open(hash);
		// Of a notification of this run, or nothing says of which: its own event leads to the place, if it comes.
		setTimeout(() => {
			if (Date.now() - clickedAtMs > 2 * SAME_CLICK_MS) deps.open(screens.jobs);
		}, SAME_CLICK_MS);
	});
	return {
		tell,
		stop() {
			stopListening();
			if (deciding !== null) clearTimeout(deciding);
		},
	};
}
