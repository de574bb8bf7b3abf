/** Helpers for tests of who belongs to the mesh. Must never be imported by the product. */
import { ok, silentLog } from "../../base/base.ts";
import type { DeviceId, DeviceIdentity } from "../identity/identity.ts";
import { createMembership, type Membership, type MembershipRecord, type MembershipStore } from "./membership.ts";

/** Records in memory; as durable as the test. */
export interface TestStore extends MembershipStore {
	readonly kept: unknown[];
	/** What the next `append` fails with; null: it does not. */
	failure: string | null;
}

/** An empty store, or one with something in it. */
export function testStore(kept: unknown[] = []): TestStore {
	const store: TestStore = {
		kept,
		failure: null,
		load: () => [...kept],
		async append(records: readonly MembershipRecord[]) {
			if (store.failure !== null) return { ok: false, error: store.failure };
			kept.push(...records.map((record) => JSON.parse(JSON.stringify(record))));
			return ok(undefined);
		},
	};
	return store;
}

/** A membership and whom it saw removed. */
export interface TestMembership {
	readonly membership: Membership;
	readonly store: TestStore;
	readonly removed: DeviceId[];
}

/** The membership of a machine. */
export function testMembership(identity: DeviceIdentity, name: string, store = testStore()): TestMembership {
	const removed: DeviceId[] = [];
	const onRemoved = (deviceId: DeviceId) => void removed.push(deviceId);
	return { membership: createMembership({ identity, name, store, log: silentLog, onRemoved }), store, removed };
}
