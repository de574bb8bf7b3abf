/** Which records of the mesh's members go into one message: they may be more than one can carry. */
import type { DeviceId } from "../identity/identity.ts";
import type { MembershipRecord } from "../membership/membership.ts";
import { MOST_FRAME_BYTES, MOST_RECORDS_TOLD } from "./wire/limits.ts";

/** What a message of records has besides them: the rest of a hello is some 600 bytes. */
const ROOM_BYTES = MOST_FRAME_BYTES - 4 * 1_024;

/**
 * Records for a hello: first what makes this machine a member, from it up to whoever admitted whom, then removals, then the rest. For
 * what finds no room the other side need not wait long: all is told again once the link is up.
 */
export function recordsForHello(self: DeviceId, records: readonly MembershipRecord[]): readonly MembershipRecord[] {
	const chain = chainOf(self, records);
	const rest = records.filter((record) => !chain.has(record));
	const removals = rest.filter(({ kind }) => kind === "revoke");
	const admits = rest.filter(({ kind }) => kind === "admit");
	return recordsInFrames([...chain, ...removals, ...admits])[0] ?? [];
}

/** All records, in as many lots as it takes. */
export function recordsInFrames(records: readonly MembershipRecord[]): readonly (readonly MembershipRecord[])[] {
	const lots: MembershipRecord[][] = [];
	let roomBytes = 0;
	for (const record of records) {
		const sizeBytes = Buffer.byteLength(JSON.stringify(record)) + 1;
		let lot = lots.at(-1);
		if (lot === undefined || sizeBytes > roomBytes || lot.length >= MOST_RECORDS_TOLD) {
			lot = [];
			lots.push(lot);
			roomBytes = ROOM_BYTES;
		}
		lot.push(record);
		roomBytes -= sizeBytes;
	}
	return lots;
}

function chainOf(self: DeviceId, records: readonly MembershipRecord[]): ReadonlySet<MembershipRecord> {
	const chain = new Set<MembershipRecord>();
	const admitted = new Set([self]);
	// A set is gone through in the order of adding, whatever is added meanwhile.
	for (const id of admitted) {
		for (const record of records) {
			if (record.kind !== "admit" || record.id !== id) continue;
			chain.add(record);
			admitted.add(record.by);
		}
	}
	return chain;
}
