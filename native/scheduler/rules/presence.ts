/** Who sits before the computer, and whether this is the time for batch work. */
import { assertNever, timeInWords } from "../../base/base.ts";
import type { MachineSnapshot } from "../../contract/contract.ts";
import { isNight, nextNight } from "./hours.ts";
import type { Facts, Finding } from "./rules.ts";

const MINUTE_MS = 60_000;

/** Who locks the screen leaves; so long, because some lock it and come straight back. */
const LOCKED_AWAY_MS = MINUTE_MS;

/** What the hours and the user's presence say, by the mode of the schedule. */
export function findPresence(facts: Facts): readonly Finding[] {
	const { nowMs, settings } = facts;
	switch (settings.schedule.mode) {
		case "always":
			return [];
		case "when-idle":
			return isNight(nowMs, settings.night) ? [] : findUser(facts, nextNight(nowMs, settings.night));
		case "away":
			return findUser(facts, null);
		case "night":
			return isNight(nowMs, settings.night) ? [] : [outsideHours(facts)];
		default:
			return assertNever(settings.schedule.mode);
	}
}

function findUser({ snapshot: { user }, settings }: Facts, untilMs: number | null): readonly Finding[] {
	const { awayMinutes } = settings.schedule;
	if (isAway(user, awayMinutes * MINUTE_MS)) return [];
	const words =
		user.idleMs === null
			? "somebody may be at the computer: it does not tell how long it was left alone"
			: `somebody used the computer within the last ${spanInWords(user, awayMinutes)}`;
	const pastWords = "the computer was in use";
	return [{ kind: "user-present", rung: "leave", words, pastWords, untilMs, sustainMs: 0 }];
}

/** Unknown idle time counts as present under a desktop, which should have told it, and as away without one. */
function isAway({ idleMs, isLocked, hasDesktop }: MachineSnapshot["user"], awayMs: number): boolean {
	if (idleMs === null) return isLocked === true || !hasDesktop;
	return idleMs >= (isLocked === true ? Math.min(LOCKED_AWAY_MS, awayMs) : awayMs);
}

function spanInWords({ isLocked }: MachineSnapshot["user"], awayMinutes: number): string {
	return isLocked === true || awayMinutes === 1 ? "minute" : `${awayMinutes} min`;
}

function outsideHours({ nowMs, settings }: Facts): Finding {
	const untilMs = nextNight(nowMs, settings.night);
	const words =
		untilMs === null
			? "no night window is set for the days to come"
			: `the night window begins at ${timeInWords(untilMs / 1_000, nowMs)}`;
	const pastWords = "it was outside the night window";
	return { kind: "outside-hours", rung: "leave", words, pastWords, untilMs, sustainMs: 0 };
}
