/** Does what the machine of states says: looks, downloads, installs, and sees to the next look. */
import type { Quit } from "../quit/quit.ts";
import type { ServiceLink } from "../service/link.ts";
import { updatesWords } from "../words/updates.ts";
import { retryAfterMs, type UpdateEffect, type UpdateEvent } from "./states.ts";
import type { Timers } from "./timers.ts";
import { checkNow, failure, setChannel, type UpdaterPort, type UpdateWishes } from "./updater-port.ts";

/** What is waited for: the next look, work to be over for a while, the installer to end us. */
export type UpdateTimer = "check" | "calm" | "install";

/** What is needed. */
export interface EffectsDeps {
	readonly updater: UpdaterPort;
	readonly timers: Timers<UpdateTimer>;
	readonly link: Pick<ServiceLink, "state">;
	readonly quit: Pick<Quit, "makeWay">;
	readonly random: () => number;
	readonly happen: (event: UpdateEvent) => void;
}

/** The effects. */
export interface Effects {
	/** `failures`: in a row. */
	run(effect: UpdateEffect, failures: number): void;
	/** Looks after so long, and from then on every few hours. */
	checkIn(delayMs: number): void;
	/** The owner chose another channel than was looked at last. */
	isOtherChannel(): boolean;
}

/** Often enough for a mend on the same day. */
export const CHECK_EVERY_MS = 6 * 60 * 60_000;
/** Part of a pause that is left to chance, so that not all computers ask at the same moment. */
const JITTER = 0.2;
/** An installer that has not ended us after so long has not started. */
export const INSTALL_LIMIT_MS = 60_000;
/** While nobody knows what the owner chose. A service that does not start may need nothing more than an update. */
const unknownWishes: UpdateWishes = { channel: "latest", download: false };

/** Makes them; nothing is done yet. */
export function createEffects({ updater, timers, link, quit, random, happen }: EffectsDeps): Effects {
	let channel: UpdateWishes["channel"] | null = null;

	function checkIn(delayMs: number): void {
		timers.set("check", delayMs * (1 + JITTER * random()), () => {
			checkIn(CHECK_EVERY_MS);
			happen({ kind: "check" });
		});
	}

	function check(): void {
		const wishes = link.state.settings?.updates ?? unknownWishes;
		if (wishes.channel !== channel) setChannel(updater, wishes.channel);
		channel = wishes.channel;
		void checkNow(updater, wishes).then(happen);
	}

	async function install(): Promise<void> {
		await quit.makeWay();
		timers.set("install", INSTALL_LIMIT_MS, () => happen({ kind: "failed", message: updatesWords.notInstalled }));
		// Silently, for everything was asked already, and with a start afterwards.
		updater.quitAndInstall(true, true);
	}

	return {
		run(effect, failures) {
			switch (effect) {
				case "check":
					check();
					break;
				case "download":
					updater.downloadUpdate().catch((error: unknown) => happen(failure(error)));
					break;
				case "install":
					void install();
					break;
				case "retry-later":
					checkIn(retryAfterMs(failures));
					break;
				default:
					effect satisfies never;
			}
		},
		checkIn,
		isOtherChannel() {
			const chosen = link.state.settings?.updates.channel;
			return channel !== null && chosen !== undefined && chosen !== channel;
		},
	};
}
