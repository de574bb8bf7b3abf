import fc from "fast-check";
import { beforeEach, expect, test } from "vitest";
import { silentLog } from "../../base/base.ts";
import { testLog } from "../../settings/testing.ts";
import { createConnections, dial } from "../door/door.ts";
import { LOOPBACK, openDoor } from "../door/testing.ts";
import { type DeviceIdentity, MEMBER_PROTOCOL } from "../identity/identity.ts";
import { forgetMachines, testMachine } from "../identity/testing.ts";
import {
	createMembership,
	type MembershipRecord,
	MOST_RECORDS,
	membershipRecordSchema,
	proveRecord,
	signAdmit,
	signRevoke,
} from "./membership.ts";
import { type TestMembership, testMembership, testStore } from "./testing.ts";

beforeEach(forgetMachines);

const called = (identity: DeviceIdentity, name: string) => ({ spki: identity.spki, name });

async function admitted({ membership }: TestMembership, identity: DeviceIdentity, name = "other"): Promise<void> {
	const member = await membership.admit(called(identity, name));
	if (!member.ok) throw new Error(member.error.message);
}

test("a machine that is admitted belongs, and still does after a restart", async () => {
	const [here, there] = [await testMachine(), await testMachine()];
	const first = testMembership(here, "desk");
	expect([first.membership.isMember(here.deviceId), first.membership.isMember(there.deviceId)]).toEqual([true, false]);
	expect(await first.membership.admit(called(there, "rig"))).toMatchObject({
		ok: true,
		value: { member: { deviceId: there.deviceId, spki: there.spki, name: "rig" }, record: first.store.kept[0] },
	});
	const second = testMembership(here, "desk", testStore(first.store.kept));
	expect(second.membership.view()).toEqual(first.membership.view());
	expect(second.membership.view().members.get(there.deviceId)?.name).toBe("rig");
});

test("a machine that is removed is told of once, and never comes back", async () => {
	const [here, there] = [await testMachine(), await testMachine()];
	const { membership, removed } = await (async () => {
		const made = testMembership(here, "desk");
		await admitted(made, there);
		return made;
	})();
	expect(await membership.revoke(there.deviceId)).toEqual({ ok: true, value: undefined });
	expect(removed).toEqual([there.deviceId]);
	expect(await membership.revoke(there.deviceId)).toMatchObject({ ok: false, error: { kind: "not-a-member" } });
	expect(await membership.admit(called(there, "again"))).toMatchObject({ ok: false, error: { kind: "removed" } });
	expect(removed).toEqual([there.deviceId]);
	expect(membership.isMember(there.deviceId)).toBe(false);
});

test("removing a machine closes its connections before it resolves, and its next call is refused", async () => {
	const [here, there] = [await testMachine(), await testMachine()];
	await using door = await openDoor(here);
	const store = testStore();
	const membership = createMembership({
		identity: here,
		name: "desk",
		store,
		log: silentLog,
		onRemoved(deviceId) {
			door.members.delete(deviceId);
			door.connections.drop(deviceId);
		},
	});
	await membership.admit(called(there, "rig"));
	for (const deviceId of membership.view().members.keys()) door.members.add(deviceId);
	const target = { host: LOOPBACK, port: door.port, protocol: MEMBER_PROTOCOL, deviceId: here.deviceId } as const;
	const call = await dial(there, target);
	if (!call.ok) throw new Error(call.error.message);
	await expect.poll(() => door.connections.count(there.deviceId)).toBe(1);
	await membership.revoke(there.deviceId);
	expect(door.arrived.map(({ socket }) => socket.destroyed)).toEqual([true]);
	const again = await dial(there, target);
	if (again.ok) await new Promise((resolve) => again.value.socket.resume().once("close", resolve));
	expect(door.arrived).toHaveLength(1);
});

test("the caller's side holds no connection to a machine that is no member", async () => {
	const [here, there] = [await testMachine(), await testMachine()];
	const { membership } = testMembership(there, "rig");
	const connections = createConnections((deviceId) => membership.isMember(deviceId));
	await using door = await openDoor(here);
	door.members.add(there.deviceId);
	const call = await dial(there, {
		host: LOOPBACK,
		port: door.port,
		protocol: MEMBER_PROTOCOL,
		deviceId: here.deviceId,
	});
	if (!call.ok) throw new Error(call.error.message);
	expect(connections.hold(call.value)).toBe(false);
	expect(call.value.socket.destroyed).toBe(true);
});

test("what is not on the disk does not count", async () => {
	const [here, there] = [await testMachine(), await testMachine()];
	const { membership, store, removed } = testMembership(here, "desk");
	store.failure = "The disk is full.";
	const fault = { ok: false, error: { kind: "not-stored", message: "The disk is full." } };
	expect(await membership.admit(called(there, "rig"))).toEqual(fault);
	expect(membership.isMember(there.deviceId)).toBe(false);
	store.failure = null;
	await membership.admit(called(there, "rig"));
	store.failure = "The disk is full.";
	expect(await membership.revoke(there.deviceId)).toEqual(fault);
	expect([membership.isMember(there.deviceId), removed]).toEqual([true, []]);
});

test("records of another machine come in whole lots, in parts and again, with the same end", async () => {
	const [a, b, c] = [await testMachine(), await testMachine(), await testMachine()];
	const [ofA, ofB] = [testMembership(a, "a"), testMembership(b, "b")];
	await admitted(ofA, b, "b");
	await admitted(ofB, a, "a");
	await admitted(ofB, c, "c");
	const theirs = ofB.membership.records();
	for (const part of [theirs.slice(1), theirs, theirs.slice(0, 1)]) await ofA.membership.add(part);
	expect([...ofA.membership.view().members.keys()].sort()).toEqual([a, b, c].map(({ deviceId }) => deviceId).sort());
	expect(ofA.store.kept).toHaveLength(3);
	expect(await ofA.membership.add(theirs)).toEqual({ ok: true, value: { added: 0, refused: 0 } });
});

test("removal that is heard from another closes connections as well", async () => {
	const [a, b, c] = [await testMachine(), await testMachine(), await testMachine()];
	const [ofA, ofB] = [testMembership(a, "a"), testMembership(b, "b")];
	await admitted(ofA, b);
	await admitted(ofA, c);
	await ofB.membership.add(ofA.membership.records());
	await admitted(ofB, a);
	await ofB.membership.revoke(c.deviceId);
	await ofA.membership.add(ofB.membership.records());
	expect(ofA.removed).toEqual([c.deviceId]);
	await ofB.membership.revoke(a.deviceId);
	await ofA.membership.add(ofB.membership.records());
	expect(ofA.removed.sort()).toEqual([a, b, c].map(({ deviceId }) => deviceId).sort());
	expect(ofA.membership.view().members.size).toBe(0);
	expect(await ofA.membership.admit(called(b, "b"))).toMatchObject({ ok: false, error: { kind: "removed" } });
});

test("nobody signs in another's name, or admits a machine under another's id", async () => {
	const [a, b, c] = [await testMachine(), await testMachine(), await testMachine()];
	// C signs what it likes, and says it was A.
	const asA: DeviceIdentity = { ...c, deviceId: a.deviceId };
	expect(proveRecord(signAdmit(asA, called(b, "b")).record)).toMatchObject({ ok: false, error: { kind: "wrong-key" } });
	expect(proveRecord(signRevoke(asA, b.deviceId, []).record)).toMatchObject({
		ok: false,
		error: { kind: "wrong-key" },
	});
	const asAWithItsKey: DeviceIdentity = { ...c, deviceId: a.deviceId, spki: a.spki };
	const forged = signAdmit(asAWithItsKey, called(b, "b")).record;
	expect(proveRecord(forged)).toMatchObject({ ok: false, error: { kind: "wrong-signature" } });
	const { membership } = testMembership(a, "desk");
	expect(await membership.add([forged])).toEqual({ ok: true, value: { added: 0, refused: 1 } });
	expect(membership.isMember(b.deviceId)).toBe(false);
	const record = signAdmit(a, called(b, "b")).record;
	expect(proveRecord({ ...record, id: c.deviceId })).toMatchObject({ ok: false, error: { kind: "wrong-key" } });
});

test("a set has one way of being written", async () => {
	const [a, b] = [await testMachine(), await testMachine()];
	const [low, high] = ["0".repeat(64), "1".repeat(64)];
	const { record } = signRevoke(a, b.deviceId, [high, low, high]);
	expect(record).toMatchObject({ keeps: [low, high] });
	expect(membershipRecordSchema.safeParse(record).success).toBe(true);
	for (const keeps of [
		[high, low],
		[low, low],
		[low, high, high],
	]) {
		expect(membershipRecordSchema.safeParse({ ...record, keeps }).success).toBe(false);
	}
});

test("removing a machine leaves those in that it let in as far as is known here, and asks about later ones", async () => {
	const [a, b, c, d] = [await testMachine(), await testMachine(), await testMachine(), await testMachine()];
	const [ofA, ofB] = [testMembership(a, "a"), testMembership(b, "b")];
	await admitted(ofA, b);
	await admitted(ofB, c, "c");
	await ofA.membership.add(ofB.membership.records());
	await ofA.membership.revoke(b.deviceId);
	await admitted(ofB, d, "d");
	await ofA.membership.add(ofB.membership.records());
	expect(ofA.removed).toEqual([b.deviceId]);
	expect(ofA.membership.isMember(c.deviceId)).toBe(true);
	expect([...ofA.membership.view().awaitingApproval.values()].map(({ name }) => name)).toEqual(["d"]);
	await admitted(ofA, d, "d");
	expect(ofA.membership.isMember(d.deviceId)).toBe(true);
	expect(ofA.membership.view().awaitingApproval.size).toBe(0);
});

test("no field of a record can be changed without the signature telling", async () => {
	const [a, b, c] = [await testMachine(), await testMachine(), await testMachine()];
	const kept = signAdmit(b, called(c, "c")).digest;
	const records: MembershipRecord[] = [
		signAdmit(a, called(b, "rig")).record,
		signRevoke(a, b.deviceId, []).record,
		signRevoke(a, b.deviceId, [kept]).record,
	];
	const other = signAdmit(c, called(a, "other")).record;
	const foreign: Record<string, unknown> = { ...other, keeps: ["0".repeat(64)] };
	for (const record of records) {
		expect(proveRecord(record).ok).toBe(true);
		expect(proveRecord({ ...record, more: 1 }).ok).toBe(true);
		for (const field of Object.keys(record)) {
			const { [field]: _gone, ...rest } = { ...record } as Record<string, unknown>;
			expect(proveRecord(rest).ok, `${record.kind} without ${field}`).toBe(false);
			if (field === "kind") continue;
			expect(proveRecord({ ...record, [field]: foreign[field] }).ok, `${record.kind} with another ${field}`).toBe(
				false,
			);
		}
	}
	expect(proveRecord({ ...records[1], kind: "admit" }).ok).toBe(false);
	expect(proveRecord({ ...records[2], keeps: [] }).ok).toBe(false);
	expect(proveRecord({ ...records[2], keeps: [kept, kept] }).ok).toBe(false);
	expect(proveRecord({ ...records[0], name: "rig\u0000" }).ok).toBe(false);
});

test("no changed character of a record passes as the same record of another content", async () => {
	const [a, b] = [await testMachine(), await testMachine()];
	const proven = signAdmit(a, called(b, "rig"));
	const text = JSON.stringify(proven.record);
	fc.assert(
		fc.property(fc.nat(text.length - 1), fc.constantFrom("A", "b", "7", "_", " "), (at, character) => {
			const changed = text.slice(0, at) + character + text.slice(at + 1);
			let value: unknown;
			try {
				value = JSON.parse(changed);
			} catch {
				return;
			}
			const found = proveRecord(value);
			if (found.ok) expect(found.value).toEqual(proven);
		}),
		{ numRuns: 500 },
	);
});

test("the other signature that every signature of this kind has makes no other record", async () => {
	const [a, b] = [await testMachine(), await testMachine()];
	const { record, digest } = signAdmit(a, called(b, "rig"));
	const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
	const sig = Buffer.from(record.sig, "base64url");
	const mirrored = order - BigInt(`0x${sig.subarray(32).toString("hex")}`);
	const twin = Buffer.concat([sig.subarray(0, 32), Buffer.from(mirrored.toString(16).padStart(64, "0"), "hex")]);
	const changed = { ...record, sig: twin.toString("base64url") };
	expect(changed.sig).not.toBe(record.sig);
	expect(proveRecord(changed)).toMatchObject({ ok: true, value: { digest } });
	const { membership } = testMembership(a, "desk");
	expect(await membership.add([record, changed, record])).toEqual({ ok: true, value: { added: 1, refused: 0 } });
});

test("damaged records in the store are left out and told of, and the others count", async () => {
	const [a, b, c] = [await testMachine(), await testMachine(), await testMachine()];
	const store = testStore([
		signAdmit(a, called(b, "b")).record,
		{ kind: "admit" },
		"no",
		null,
		signAdmit(a, called(c, "c")).record,
	]);
	const log = testLog();
	const membership = createMembership({ identity: a, name: "desk", store, log, onRemoved() {} });
	expect(membership.view().members.size).toBe(3);
	expect(log.told).toHaveLength(1);
});

test("a list that is full takes no more machines, and still lets one be removed", async () => {
	const [a, b] = [await testMachine(), await testMachine()];
	const records = Array.from({ length: MOST_RECORDS }, (_, number) => signAdmit(a, called(b, `b ${number}`)).record);
	const { membership, removed } = testMembership(a, "desk");
	expect(await membership.add(records)).toMatchObject({ ok: true, value: { added: MOST_RECORDS } });
	expect(await membership.admit(called(b, "one more"))).toMatchObject({ ok: false, error: { kind: "full" } });
	expect(await membership.revoke(b.deviceId)).toMatchObject({ ok: true });
	expect(removed).toEqual([b.deviceId]);
});

test("a machine whose name or key can't be used is not admitted", async () => {
	const [a, b] = [await testMachine(), await testMachine()];
	const { membership } = testMembership(a, "desk");
	for (const machine of [
		called(b, ""),
		called(b, "a\u202eb"),
		{ spki: b.spki.slice(1), name: "b" },
		{ spki: new Uint8Array(91), name: "b" },
	]) {
		expect(await membership.admit(machine)).toMatchObject({ ok: false, error: { kind: "unsuitable" } });
	}
});
