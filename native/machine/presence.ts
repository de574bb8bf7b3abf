/** What the shell says of the user: it sees input, the lock and the power supply better than any service can. */
import { type Clock, err, ok } from "../base/base.ts";
import type { PresenceReport } from "../contract/contract.ts";
import type { Source } from "./source.ts";

/** A shell reports at least every ten seconds; one that has not three times over is gone. */
export const PRESENCE_VALID_MS = 30_000;

const MILLISECONDS_PER_SECOND = 1_000;

/** The shell's word. */
export interface Presence {
	readonly source: Source;
	/** Takes a report; the next one replaces it. */
	report(report: PresenceReport): void;
}

/** Makes the source that tells what the shell said last, while that counts. */
export function createPresence(clock: Clock): Presence {
	let last: { readonly report: PresenceReport; readonly atMs: number } | null = null;
	let hear = (): void => {};

	function valid(): PresenceReport | null {
		return last !== null && clock.monotonicMs() - last.atMs < PRESENCE_VALID_MS ? last.report : null;
	}

	return {
		source: {
			name: "the desktop program",
			tells: "when the user last did something, and whether the screen is locked",
			async look() {
				const report = valid();
				if (report === null) return err({ kind: "absent", message: "it does not run, or has not reported lately" });
				const { idleSeconds, isLocked, supply, heat } = report;
				// As it was told: whether the user did something since, nobody knows.
				const idleMs = idleSeconds === null ? null : idleSeconds * MILLISECONDS_PER_SECOND;
				return ok({ hasDesktop: true, idleMs, isLocked, supply, heat });
			},
			watch(onNews) {
				hear = onNews;
			},
			async stop() {
				last = null;
			},
		},
		report(report) {
			const before = valid();
			last = { report, atMs: clock.monotonicMs() };
			if (before === null || isNews(before, report)) hear();
		},
	};
}

/** That time goes on while nobody is there is none. */
function isNews(before: PresenceReport, now: PresenceReport): boolean {
	if (before.isLocked !== now.isLocked || before.supply !== now.supply || before.heat !== now.heat) return true;
	if (before.idleSeconds === null || now.idleSeconds === null) return before.idleSeconds !== now.idleSeconds;
	return now.idleSeconds < before.idleSeconds;
}
