/** What the owner said with one click. */
import { timeInWords } from "../../base/base.ts";
import type { Facts, Finding } from "./rules.ts";

/** Whether the owner paused or snoozed batch work. */
export function findRest({ rest, nowMs }: Facts): readonly Finding[] {
	const found: Finding[] = [];
	if (rest.isPaused) {
		const [words, pastWords] = ["paused by you", "batch work was paused by you"];
		found.push({ kind: "paused", rung: "leave", words, pastWords, untilMs: null, sustainMs: 0 });
	}
	const untilMs = rest.snoozedUntilMs;
	if (untilMs !== null && untilMs > nowMs) {
		const words = `snoozed until ${timeInWords(untilMs / 1_000, nowMs)}`;
		const pastWords = "batch work was snoozed";
		found.push({ kind: "snoozed", rung: "leave", words, pastWords, untilMs, sustainMs: 0 });
	}
	return found;
}
