import { beforeEach, expect, test } from "vitest";
import type { DeviceIdentity } from "../identity/identity.ts";
import { forgetMachines, testMachine } from "../identity/testing.ts";
import { type MembershipRecord, signAdmit, signRevoke } from "./membership.ts";
import { type TestMembership, testMembership } from "./testing.ts";

beforeEach(forgetMachines);

const admit = (by: DeviceIdentity, whom: DeviceIdentity) => signAdmit(by, { spki: whom.spki, name: "machine" }).record;

async function deskWith(desk: DeviceIdentity, member: DeviceIdentity): Promise<TestMembership> {
	const made = testMembership(desk, "desk");
	await made.membership.add([admit(desk, member)]);
	return made;
}

test("a stranger is a member once it shows that a member admitted it, directly or along others", async () => {
	const [desk, rig, lap, attic] = [await testMachine(), await testMachine(), await testMachine(), await testMachine()];
	const { membership, store } = await deskWith(desk, rig);
	const chain = [admit(lap, attic), admit(rig, lap)];
	expect(await membership.introduce(attic.deviceId, chain)).toEqual({ ok: true, value: true });
	expect([membership.isMember(lap.deviceId), membership.isMember(attic.deviceId)]).toEqual([true, true]);
	expect(store.kept).toHaveLength(3);
});

test("a stranger that no member admitted leaves nothing behind, however much it shows", async () => {
	const [desk, rig, lap, attic] = [await testMachine(), await testMachine(), await testMachine(), await testMachine()];
	const { membership, store } = await deskWith(desk, rig);
	const forged: MembershipRecord = { ...admit(rig, attic), sig: admit(lap, attic).sig };
	const shown: unknown[][] = [
		[],
		["a record", null, { kind: "admit" }],
		[admit(lap, attic), admit(attic, lap)],
		[forged],
		// What it shows of others is true, and of no use to it.
		[admit(rig, lap)],
	];
	for (const records of shown) {
		expect(await membership.introduce(attic.deviceId, records)).toEqual({ ok: true, value: false });
	}
	expect(store.kept).toHaveLength(1);
});

test("a machine that was removed can't come back, nor can who it admits", async () => {
	const [desk, rig, lap] = [await testMachine(), await testMachine(), await testMachine()];
	const { membership, store } = await deskWith(desk, rig);
	await membership.add([signRevoke(desk, rig.deviceId, []).record]);
	expect(await membership.introduce(rig.deviceId, [admit(desk, rig)])).toEqual({ ok: true, value: false });
	expect(await membership.introduce(lap.deviceId, [admit(rig, lap)])).toEqual({ ok: true, value: false });
	expect(store.kept).toHaveLength(2);
});

test("more signatures than a stranger may have checked are not checked", async () => {
	const [desk, rig, lap] = [await testMachine(), await testMachine(), await testMachine()];
	const { membership, store } = await deskWith(desk, rig);
	const many = Array.from({ length: 256 }, (_, at) => signAdmit(rig, { spki: lap.spki, name: `lap ${at}` }).record);
	expect(await membership.introduce(lap.deviceId, [...many, admit(rig, lap)])).toEqual({ ok: true, value: false });
	expect(store.kept).toHaveLength(1);
	expect(await membership.introduce(lap.deviceId, many)).toEqual({ ok: true, value: true });
});
