/** What a stranger shows to be taken for a member, judged at a cost that it can't choose: anybody on the network may try. */
import type { DeviceId } from "../identity/identity.ts";
import type { MembershipView } from "./fold.ts";
import {
	type MembershipRecord,
	membershipRecordSchema,
	nameOf,
	type ProvenRecord,
	proveRecord,
	type RecordDigest,
} from "./records.ts";

/**
 * Signatures checked for one stranger: some 40 ms. Who lacks more than that many records hears them from a member that it knows,
 * and then knows the stranger.
 */
const MOST_PROVEN = 256;

/**
 * The records that lead on from machines known here, proven. Whatever else the stranger shows is not looked at: each signature
 * checked is one that a known machine is said to have made. Null: one of them is forged, or they are too many.
 */
export function proveIntroduction(
	view: MembershipView,
	kept: ReadonlyMap<RecordDigest, ProvenRecord>,
	values: readonly unknown[],
): readonly ProvenRecord[] | null {
	const known = new Set<DeviceId>([...view.members.keys(), ...view.awaitingApproval.keys(), ...view.revoked]);
	const bySigner = groupBySigner(values, kept);
	const proven: ProvenRecord[] = [];
	// A set is gone through in the order of adding, whatever is added meanwhile.
	for (const signer of known) {
		for (const record of bySigner.get(signer) ?? []) {
			if (proven.length >= MOST_PROVEN) return null;
			const right = proveRecord(record);
			if (!right.ok) return null;
			proven.push(right.value);
			if (record.kind === "admit") known.add(record.id);
		}
	}
	return proven;
}

function groupBySigner(values: readonly unknown[], kept: ReadonlyMap<RecordDigest, ProvenRecord>) {
	const bySigner = new Map<DeviceId, MembershipRecord[]>();
	const seen = new Set<RecordDigest>();
	for (const value of values) {
		const parsed = membershipRecordSchema.safeParse(value);
		if (!parsed.success) continue;
		const name = nameOf(parsed.data);
		if (kept.has(name) || seen.has(name)) continue;
		seen.add(name);
		const records = bySigner.get(parsed.data.by) ?? [];
		records.push(parsed.data);
		bySigner.set(parsed.data.by, records);
	}
	return bySigner;
}
