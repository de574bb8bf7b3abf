import type { RunOptions } from "./simulator.ts";

/** A rule taken away, or two, and the invariants of which at least one must then break (reference/mesh 7.3). */
export interface Mutant {
	readonly name: string;
	readonly without: RunOptions;
	readonly breaks: readonly string[];
	/** The kind of plan that is most likely to show it. */
	readonly shownBy: DirectedKind;
}

/** Plans that lead into one corner; see `directed.ts`. */
export type DirectedKind =
	| "anything"
	| "crashing-writers"
	| "dying-hosts"
	| "late-grants"
	| "lost-workers"
	| "returning-hosts"
	| "sleeping-hosts"
	| "far-hosts";

/** Rules whose absence breaks a promise: those of reference/mesh 7.3 by its names, and two more. */
export const MUTANTS: readonly Mutant[] = [
	mutant("sendBeforeFsync", { rules: { sendsOnlyDurable: false } }, ["I4"], "crashing-writers"),
	mutant("ackEarly", { rules: { countsCopies: false } }, ["I3"], "anything"),
	mutant("noTermPersist", { rules: { savesTermFirst: false } }, ["I1"], "dying-hosts"),
	mutant("noFence", { rules: { fencesGrants: false } }, ["I2"], "late-grants"),
	mutant("fileByBatch", { surroundings: { namesFilesByDigest: false } }, ["I6"], "anything"),
	mutant("discardLoser", { surroundings: { keepsLogs: false } }, ["I3", "I4"], "returning-hosts"),
	mutant("sealEarly", { rules: { waitsForAllLines: false } }, ["I5"], "anything"),
	mutant("noTail+leaseForever", { rules: { coversTail: false, reclaimsLeases: false } }, ["I9"], "lost-workers"),
	mutant("noGapRule", { rules: { mindsGaps: false } }, ["I8"], "sleeping-hosts"),
	mutant("noPreVote", { rules: { asksPeersFirst: false } }, ["I8"], "far-hosts"),
	mutant("noReadopt", { rules: { adoptsSeals: false } }, ["I9"], "dying-hosts"),
	mutant("noContact", { rules: { givesWay: false } }, ["I2", "I7"], "returning-hosts"),
	mutant("firstComeWins", { surroundings: { choosesWinners: false } }, ["I4"], "returning-hosts"),
	mutant("noReassert", { rules: { reasserts: false } }, ["I8"], "returning-hosts"),
	mutant("falseVouch", { rules: { vouchesHonestly: false } }, ["I8"], "returning-hosts"),
	mutant("gapOnTimerOnly", { rules: { mindsGapsFirst: false } }, ["I8"], "sleeping-hosts"),
];

/** Rules that stand in for each other: with one of them gone nothing may break. */
export const REDUNDANT: readonly Mutant[] = [
	mutant("noTail", { rules: { coversTail: false } }, [], "lost-workers"),
	mutant("leaseForever", { rules: { reclaimsLeases: false } }, [], "lost-workers"),
];

function mutant(name: string, without: RunOptions, breaks: readonly string[], shownBy: Mutant["shownBy"]): Mutant {
	return { name, without, breaks, shownBy };
}
