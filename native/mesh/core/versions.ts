/**
 * How much of each log somebody has: origin to the sequence number of its last operation there. Sequences count from 1, as the
 * ledger's do; an origin that is not named has none.
 */
export type VersionVector = Readonly<Record<string, number>>;

/** Nothing of any log. */
export const NOTHING: VersionVector = {};

/** How much of one log it is. */
export function lengthIn(versions: VersionVector, origin: string): number {
	return versions[origin] ?? 0;
}

/** Whether `left` has all that `right` has. */
export function covers(left: VersionVector, right: VersionVector): boolean {
	for (const origin in right) {
		if (lengthIn(left, origin) < lengthIn(right, origin)) return false;
	}
	return true;
}

/** The larger of each: frames overtake each other, and what somebody kept once it keeps. */
export function joinVersions(left: VersionVector, right: VersionVector): VersionVector {
	if (covers(left, right)) return left;
	if (covers(right, left)) return right;
	const joined: Record<string, number> = { ...left };
	for (const origin in right) joined[origin] = Math.max(lengthIn(left, origin), lengthIn(right, origin));
	return joined;
}
