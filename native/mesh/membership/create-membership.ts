/** The membership of this machine: records kept, folded, and added to. */
import { err, type Log, ok, type Result } from "../../base/base.ts";
import { type DeviceId, type DeviceIdentity, deviceNameSchema, readPublicKey } from "../identity/identity.ts";
import { foldMembership, type Member, type MembershipView } from "./fold.ts";
import { proveIntroduction } from "./introduction.ts";
import {
	type MembershipRecord,
	membershipRecordSchema,
	nameOf,
	type ProvenRecord,
	proveRecord,
	type RecordDigest,
	signAdmit,
	signRevoke,
} from "./records.ts";

/** Why nothing was changed. */
export interface MembershipFault {
	readonly kind: "not-stored" | "full" | "not-a-member" | "removed" | "unsuitable";
	readonly message: string;
}

/** Where records are kept; in the service, a file beside the ledger, for the thread of the mesh has no database. */
export interface MembershipStore {
	/** Everything ever kept, in any order. */
	load(): readonly unknown[];
	/** Keeps records, all or none; on the disk when it resolves. The failure is a sentence. */
	append(records: readonly MembershipRecord[]): Promise<Result<void, string>>;
}

/** What came of a lot of records. */
export interface AddedRecords {
	/** New to this machine, and right. Their signers may still be strangers: then they count once they are not. */
	readonly added: number;
	/** Not signed by whom they name, or no records at all. */
	readonly refused: number;
}

/** A machine that this one has admitted. */
export interface Admitted {
	/** As the mesh knows it: another member may have given it another name before. */
	readonly member: Member;
	/** What this machine signed. */
	readonly record: MembershipRecord;
}

/** Who belongs to the mesh. */
export interface Membership {
	view(): MembershipView;
	isMember(deviceId: DeviceId): boolean;
	/** All records, to be shown to another member. */
	records(): readonly MembershipRecord[];
	/** Signs that a machine belongs to the mesh; it does when this resolves. */
	admit(machine: { readonly spki: Uint8Array; readonly name: string }): Promise<Result<Admitted, MembershipFault>>;
	/** Signs that a machine, or this one, no longer does. Its connections are closed when this resolves. Final for that machine. */
	revoke(deviceId: DeviceId): Promise<Result<void, MembershipFault>>;
	/**
	 * Takes in what a stranger shows, if it shows by that that it is a member: admitted by one who is. Else nothing is kept, so that
	 * strangers can't fill the list. Answers whether it is a member now.
	 */
	introduce(deviceId: DeviceId, records: readonly unknown[]): Promise<Result<boolean, MembershipFault>>;
	/** Takes in what another machine has. */
	add(records: readonly unknown[]): Promise<Result<AddedRecords, MembershipFault>>;
}

/** What a membership is made of. */
export interface MembershipDeps {
	readonly identity: DeviceIdentity;
	/** What this machine is called. */
	readonly name: string;
	readonly store: MembershipStore;
	readonly log: Log;
	/** Called for each machine in the moment it stops being a member: close its connections, delete its leases. */
	onRemoved(deviceId: DeviceId): void;
}

/**
 * Records in all. A pairing makes two, so this is a mesh of thirty whose every machine was replaced fifteen times; and together they
 * stay below what one message may carry (1 MiB).
 */
export const MOST_RECORDS = 1_000;

/** Beyond them, for removals by the owner of this machine: nobody may keep a machine in by filling the list. */
const RESERVED_FOR_REMOVALS = 100;

/** Reads what is kept. A record of it that is not right is left out and told of: without it, its machine is a stranger. */
export function createMembership(deps: MembershipDeps): Membership {
	const { identity, log, store } = deps;
	const self: Member = { deviceId: identity.deviceId, spki: identity.spki, name: deps.name };
	const kept = new Map<RecordDigest, ProvenRecord>();
	const stored = prove(store.load(), kept);
	if (stored.refused > 0)
		log.error({ refused: stored.refused }, "records of the mesh's members are damaged; they are left out");
	for (const proven of stored.fresh) kept.set(proven.digest, proven);
	let view = foldMembership(self, kept.values());

	async function keep(fresh: readonly ProvenRecord[], most = MOST_RECORDS): Promise<Result<void, MembershipFault>> {
		if (fresh.length === 0) return ok(undefined);
		if (kept.size + fresh.length > most) {
			return err({
				kind: "full",
				message: `The mesh has had ${MOST_RECORDS} changes of its members, the most it can.`,
			});
		}
		const appended = await store.append(fresh.map(({ record }) => record));
		if (!appended.ok) return err({ kind: "not-stored", message: appended.error });
		for (const proven of fresh) kept.set(proven.digest, proven);
		const before = view;
		view = foldMembership(self, kept.values());
		for (const deviceId of before.members.keys()) if (!view.members.has(deviceId)) deps.onRemoved(deviceId);
		return ok(undefined);
	}

	return {
		view: () => view,
		isMember: (deviceId) => view.members.has(deviceId),
		records: () => [...kept.values()].map(({ record }) => record),
		async admit({ spki, name }) {
			if (!deviceNameSchema.safeParse(name).success || readPublicKey(spki) === null) {
				return err({ kind: "unsuitable", message: "The machine's name or its key can't be used." });
			}
			const proven = signAdmit(identity, { spki, name });
			const { id } = proven.record;
			if (view.revoked.has(id) || view.revoked.has(self.deviceId)) return err(removed);
			const done = await keep(kept.has(proven.digest) ? [] : [proven]);
			if (!done.ok) return done;
			const member = view.members.get(id);
			return member === undefined ? err(removed) : ok({ member, record: proven.record });
		},
		async revoke(deviceId) {
			if (!view.members.has(deviceId) && !view.awaitingApproval.has(deviceId)) return err(notAMember);
			const revoke = signRevoke(identity, deviceId, admitsBy(deviceId, kept.values()));
			return keep([revoke], MOST_RECORDS + RESERVED_FOR_REMOVALS);
		},
		async introduce(deviceId, records) {
			if (view.members.has(deviceId)) return ok(true);
			const shown = proveIntroduction(view, kept, records);
			if (shown === null || !foldMembership(self, [...kept.values(), ...shown]).members.has(deviceId)) return ok(false);
			const done = await keep(shown);
			return done.ok ? ok(view.members.has(deviceId)) : done;
		},
		async add(records) {
			const { fresh, refused } = prove(records, kept);
			if (refused > 0) log.warn({ refused }, "another machine sent records of the mesh's members that are not right");
			const done = await keep(fresh);
			return done.ok ? ok({ added: fresh.length, refused }) : done;
		},
	};
}

const removed: MembershipFault = {
	kind: "removed",
	message: "This machine was removed from the mesh. It can come back only as a new one, with a new identity.",
};
const notAMember: MembershipFault = { kind: "not-a-member", message: "There is no such machine in the mesh." };

/** Sorts what is new and right from what is not right. */
function prove(values: readonly unknown[], kept: ReadonlyMap<RecordDigest, ProvenRecord>) {
	const fresh = new Map<RecordDigest, ProvenRecord>();
	let refused = 0;
	for (const value of values) {
		// Known words need no proof again: machines show each other all they have whenever they meet.
		const parsed = membershipRecordSchema.safeParse(value);
		if (parsed.success && kept.has(nameOf(parsed.data))) continue;
		const proven = proveRecord(value);
		if (proven.ok) fresh.set(proven.value.digest, proven.value);
		else refused += 1;
	}
	return { fresh: [...fresh.values()], refused };
}

/** What a machine has admitted, as far as is known here: the rest was signed after its removal, or might have been. */
function admitsBy(deviceId: DeviceId, records: Iterable<ProvenRecord>): readonly RecordDigest[] {
	const admits = [...records].filter(({ record }) => record.kind === "admit" && record.by === deviceId);
	return admits.map(({ digest }) => digest);
}
