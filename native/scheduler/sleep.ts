/** Whether the computer may fall asleep, and when it is to wake, for the sake of batch work; and telling it so. */
import type { Log } from "../base/base.ts";
import type { Cause, MachineSnapshot, SettingsValues, Verdict } from "../contract/contract.ts";
import type { WakeAnswer, Wakefulness } from "../machine/machine.ts";
import { nextNight } from "./rules/hours.ts";

/** What the computer is asked for. */
export interface SleepWishes {
	readonly isKeptAwake: boolean;
	/** Unix milliseconds; null: nobody has to wake it. */
	readonly wakeAtMs: number | null;
}

/** Nothing is held and nothing is set: the computer sleeps as its owner likes. */
export const noWishes: SleepWishes = { isKeptAwake: false, wakeAtMs: null };

/** What wishes follow from. */
export interface SleepFacts {
	readonly nowMs: number;
	readonly settings: Pick<SettingsValues, "sleep" | "schedule" | "night">;
	readonly verdict: Pick<Verdict, "rung" | "causes">;
	readonly hasWork: boolean;
	readonly supply: MachineSnapshot["power"]["supply"];
}

/** A computer takes some seconds to wake and to look around. */
const WAKE_EARLIER_MS = 60_000;

/** What the computer is to be asked for; pure. */
export function sleepWishes({ nowMs, settings, verdict, hasWork, supply }: SleepFacts): SleepWishes {
	if (!hasWork) return noWishes;
	const { keepAwake, wakeForNight } = settings.sleep;
	// A game or a request ends sooner than an evening: work comes back by itself if only the computer stays awake.
	const isKeptAwake = keepAwake && supply !== "battery" && verdict.rung !== "leave";
	const opensAtMs = wakeForNight && waitsForNight(verdict.causes, settings) ? nextNight(nowMs, settings.night) : null;
	const wakeAtMs = opensAtMs === null ? null : opensAtMs - WAKE_EARLIER_MS;
	return { isKeptAwake, wakeAtMs: wakeAtMs !== null && wakeAtMs > nowMs ? wakeAtMs : null };
}

/** Whether nothing but the hour, or somebody who sits there by day, keeps work from running: the night window ends both. */
function waitsForNight(causes: readonly Cause[], { schedule }: Pick<SettingsValues, "schedule">): boolean {
	const lasting = causes.filter(({ rung }) => rung === "leave");
	if (lasting.length === 0) return false;
	return lasting.every(
		({ kind }) => kind === "outside-hours" || (kind === "user-present" && schedule.mode === "when-idle"),
	);
}

/** Tells the computer. */
export interface Sleeper {
	/** Asks the computer for what has changed since the last wishes, one after the other. */
	wish(wishes: SleepWishes): void;
	/** How the last wish that wanted something was answered; null: none was. */
	readonly answer: WakeAnswer | null;
	/** Lets go of everything. */
	stop(): Promise<void>;
}

/** Builds it; nothing is wished for. */
export function createSleeper({ wakefulness, log }: { wakefulness: Wakefulness; log: Log }): Sleeper {
	let wished = noWishes;
	let answer: WakeAnswer | null = null;
	let asking = Promise.resolve();
	/** What was said already: a computer that can't is no news each evening. */
	const told = new Set<string>();

	function ask(isWanted: boolean, call: () => Promise<WakeAnswer>): void {
		asking = asking.then(async () => {
			try {
				const answered = await call();
				if (isWanted) answer = answered;
				if (answered.kind === "done" || told.has(answered.message)) return;
				told.add(answered.message);
				log.warn({}, `the computer does not do as asked about its sleep: ${answered.message}`);
			} catch (error) {
				log.error({ error }, "asking the computer to stay awake or to wake failed");
			}
		});
	}

	return {
		wish(wishes) {
			const { isKeptAwake, wakeAtMs } = wishes;
			if (isKeptAwake !== wished.isKeptAwake) ask(isKeptAwake, () => wakefulness.keepAwake(isKeptAwake));
			if (wakeAtMs !== wished.wakeAtMs) ask(wakeAtMs !== null, () => wakefulness.wakeAt(wakeAtMs));
			wished = wishes;
		},
		get answer() {
			return answer;
		},
		async stop() {
			await asking;
			await wakefulness.stop();
		},
	};
}
