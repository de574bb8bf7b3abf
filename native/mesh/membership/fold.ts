/**
 * From records to members. Pure, and a function of the set alone: order and repetition change nothing.
 *
 * Trust begins with this machine itself and goes along `admit`s: who was admitted by one of us is one of us. `revoke` by anyone who
 * ever was one of us wins over every `admit`, before or after, and over a `revoke` the other way round: then both are out. Of a
 * removed machine's own `admit`s those stand that every `revoke` of it knew of; the others may have been signed with a stolen key,
 * and wait until another member admits the machine again.
 */
import { assertNever } from "../../base/base.ts";
import type { DeviceId } from "../identity/identity.ts";
import { fromBase64Url } from "../identity/octets.ts";
import type { AdmitRecord, ProvenRecord, RecordDigest, RevokeRecord } from "./records.ts";

/** One machine of the mesh. */
export interface Member {
	readonly deviceId: DeviceId;
	/** Its public key, DER. */
	readonly spki: Uint8Array;
	readonly name: string;
}

/** Who belongs to the mesh, as this machine sees it. */
export interface MembershipView {
	/** By id. This machine is one of them, unless it was removed: then nobody is. */
	readonly members: ReadonlyMap<DeviceId, Member>;
	/** Removed, for good. */
	readonly revoked: ReadonlySet<DeviceId>;
	/** Admitted by a machine that is removed since, which may have been after it: a member has to say whether they may come in. */
	readonly awaitingApproval: ReadonlyMap<DeviceId, Member>;
}

/** A record of one kind, and its digest. */
interface Named<T> {
	readonly record: T;
	readonly digest: RecordDigest;
}

/** Folds records, as `self` sees them. */
export function foldMembership(self: Member, records: Iterable<ProvenRecord>): MembershipView {
	const { admitsBy, revokes } = sort(records);
	const everyone = reach(self, admitsBy, () => true);
	const accepted = revokes.filter(({ by }) => everyone.has(by));
	const revoked = new Set(accepted.map(({ id }) => id));
	const standing = reach(self, admitsBy, standingAfter(accepted));
	const members = new Map<DeviceId, Member>();
	const awaitingApproval = new Map<DeviceId, Member>();
	for (const [deviceId, member] of everyone) {
		if (revoked.has(deviceId)) continue;
		const present = standing.get(deviceId);
		if (present !== undefined) members.set(deviceId, present);
		else awaitingApproval.set(deviceId, member);
	}
	// Who was removed has no say about the others, and nothing to do with them.
	if (revoked.has(self.deviceId)) return { members: new Map(), revoked, awaitingApproval: new Map() };
	return { members, revoked, awaitingApproval };
}

function sort(records: Iterable<ProvenRecord>) {
	const admitsBy = new Map<DeviceId, Named<AdmitRecord>[]>();
	const revokes: RevokeRecord[] = [];
	for (const { record, digest } of records) {
		switch (record.kind) {
			case "admit": {
				const admits = admitsBy.get(record.by) ?? [];
				admits.push({ record, digest });
				admitsBy.set(record.by, admits);
				break;
			}
			case "revoke":
				revokes.push(record);
				break;
			default:
				assertNever(record);
		}
	}
	return { admitsBy, revokes };
}

/** Whether an `admit` stands after these: every `revoke` of its signer must have known of it. */
function standingAfter(revokes: readonly RevokeRecord[]): (admit: Named<AdmitRecord>) => boolean {
	const kept = new Map<DeviceId, ReadonlySet<RecordDigest>>();
	for (const { id, keeps } of revokes) {
		const before = kept.get(id);
		kept.set(id, new Set(before === undefined ? keeps : keeps.filter((digest) => before.has(digest))));
	}
	return ({ record, digest }) => kept.get(record.by)?.has(digest) ?? true;
}

/**
 * Whom one gets to from `self` along the `admit`s that count. Of several of one machine the lowest digest gives the name, so that
 * all machines call it alike.
 */
function reach(
	self: Member,
	admitsBy: ReadonlyMap<DeviceId, readonly Named<AdmitRecord>[]>,
	counts: (admit: Named<AdmitRecord>) => boolean,
): ReadonlyMap<DeviceId, Member> {
	const lowest = new Map<DeviceId, Named<AdmitRecord>>();
	const reached = new Set([self.deviceId]);
	// A set is gone through in the order of adding, whatever is added meanwhile.
	for (const deviceId of reached) {
		for (const admit of admitsBy.get(deviceId) ?? []) {
			if (!counts(admit)) continue;
			reached.add(admit.record.id);
			const before = lowest.get(admit.record.id);
			if (before === undefined || admit.digest < before.digest) lowest.set(admit.record.id, admit);
		}
	}
	const others = [...lowest.values()].map(({ record }): [DeviceId, Member] => [
		record.id,
		{ deviceId: record.id, spki: fromBase64Url(record.spki), name: record.name },
	]);
	return new Map([...others, [self.deviceId, self]]);
}
