/** Programs that keep the screen awake, which those do that show something: a film, a talk, a call. Pure. */

/** By this name Nightshift itself asks a computer to stay awake. */
export const OWN_INHIBITOR_NAME = "Nightshift";

/** A row of logind's list. */
export interface Inhibitor {
	readonly what: readonly string[];
	readonly who: string;
	readonly why: string;
	readonly isBlock: boolean;
	readonly pid: number;
}

/** Who keeps the screen awake; null: it can't be told by name. */
export interface Blocker {
	readonly name: string | null;
}

/** Their wish is to keep the computer awake, not to show something. */
const MERELY_AWAKE = /caffeine|nightshift/i;

/** What GNOME's session says to logind for all its programs together; it tells itself which they are. */
const GNOME_MIRROR = "user session inhibited";

/** Reads a row of `ListInhibitors`: what, who, why, mode, user id, process id. */
export function readInhibitor(row: readonly unknown[]): Inhibitor | null {
	const [what, who, why, mode, , pid] = row;
	if (typeof what !== "string" || typeof who !== "string" || typeof why !== "string") return null;
	const isBlock = mode === "block" || mode === "block-weak";
	return { what: what.split(":"), who, why, isBlock, pid: typeof pid === "number" ? pid : 0 };
}

/** Finds one that blocks idleness and is neither ours nor a mere wish to stay awake. */
export function findBlocker(inhibitors: readonly Inhibitor[], ownProcessIds: readonly number[]): Blocker | null {
	const found = inhibitors.find(
		({ what, who, why, isBlock, pid }) =>
			isBlock && what.includes("idle") && why !== GNOME_MIRROR && isShowing(who) && !ownProcessIds.includes(pid),
	);
	return found === undefined ? null : { name: found.who === "" ? null : found.who };
}

/** Whether a program of this name shows something when it keeps the screen awake. */
export function isShowing(name: string): boolean {
	return !MERELY_AWAKE.test(name);
}
