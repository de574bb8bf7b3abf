/** Puts the rules of all subjects together. */
import { findHardware } from "./hardware.ts";
import { findLoad } from "./load.ts";
import { findPresence } from "./presence.ts";
import { findRest } from "./rest.ts";
import type { Facts, Finding } from "./rules.ts";
import { findScreen } from "./screen.ts";

/** What keeps batch work from running by these facts, at most one finding of a kind; none: it may run. */
export function judge(facts: Facts): readonly Finding[] {
	return [
		...findLive(facts),
		...findScreen(facts),
		...findLoad(facts),
		...findRest(facts),
		...findHardware(facts),
		...findPresence(facts),
	];
}

function findLive({ live }: Facts): readonly Finding[] {
	if (live === null) return [];
	return [
		{
			kind: "live-request",
			rung: "freeze",
			words: live.words,
			pastWords: "a request was answered",
			untilMs: null,
			sustainMs: 0,
		},
	];
}
