import { beforeEach, expect, test } from "vitest";
import { LOOPBACK, openDoor } from "../door/testing.ts";
import { openFrames } from "../frames/frames.ts";
import type { DeviceIdentity } from "../identity/identity.ts";
import { forgetMachines, testMachine } from "../identity/testing.ts";
import { signRevoke } from "../membership/membership.ts";
import { answerTo, callNode, heardUntilEnd, helloOf, sayFirst } from "./raw-testing.ts";
import { admit, befriend, openNode, type TestNode, tagged } from "./testing.ts";
import { PROTOCOL } from "./transport.ts";
import { MOST_WIRE_BYTES } from "./wire/limits.ts";

beforeEach(forgetMachines);

/** Makes a machine without a door a member. */
async function takeIn(node: TestNode, identity: DeviceIdentity): Promise<DeviceIdentity> {
	await node.membership.add([admit(node.identity, identity)]);
	return identity;
}

test("a machine that another member admitted comes in, and is known to all from then on", async () => {
	await using here = await openNode();
	await using between = await openNode();
	await using late = await openNode();
	await befriend(here, between);
	between.knows(here);
	await expect.poll(() => here.linked()).toEqual([between.deviceId]);
	// The two know of each other, and nobody has told the first.
	await late.membership.add([admit(late.identity, between.identity), ...between.membership.records()]);
	await late.membership.add([admit(between.identity, late.identity)]);
	expect(here.membership.isMember(late.deviceId)).toBe(false);
	late.knows(here);
	await expect.poll(() => [...here.linked()].sort()).toEqual([between.deviceId, late.deviceId].sort());
	expect(here.news.count).toBe(1);
	// What was new to one is told on.
	await expect.poll(() => between.membership.isMember(late.deviceId)).toBe(true);
	expect(here.transport.send(late.deviceId, tagged("lease"))).toBe(true);
	await expect.poll(() => late.heard.length).toBe(1);
});

test("a stranger that shows nothing of worth is closed on, hears nothing, and leaves nothing behind", async () => {
	await using here = await openNode({ limits: { openingMs: 300 } });
	const [member, removed, foreign, stranger] = [
		await takeIn(here, await testMachine()),
		await takeIn(here, await testMachine()),
		await testMachine(),
		await testMachine(),
	];
	await here.membership.add([signRevoke(here.identity, removed.deviceId, []).record]);
	const kept = here.membership.records().length;
	const shown: readonly [whose: DeviceIdentity, first: object][] = [
		[stranger, helloOf(stranger)],
		[stranger, helloOf(stranger, [admit(foreign, stranger), admit(stranger, foreign)])],
		[stranger, helloOf(stranger, [admit(removed, stranger)])],
		[removed, helloOf(removed, [admit(here.identity, removed), admit(member, removed)])],
		// What admits another does not admit who shows it.
		[stranger, helloOf(foreign, [admit(member, foreign)])],
		[stranger, { ...helloOf(stranger, [admit(member, stranger)]), protocol: { major: 2, minor: 0 } }],
		[stranger, { kind: "blobs", protocol: PROTOCOL }],
		[stranger, { kind: "of-a-later-version" }],
		[
			stranger,
			helloOf(
				stranger,
				Array.from({ length: 1_101 }, () => admit(member, stranger)),
			),
		],
	];
	for (const [whose, first] of shown) {
		const connection = await callNode(whose, here.port);
		sayFirst(connection, first);
		expect(await heardUntilEnd(connection)).toBe("");
		expect(here.connections.count(whose.deviceId)).toBe(0);
	}
	expect(here.membership.records()).toHaveLength(kept);
	expect(here.linked()).toEqual([]);
});

test("who sends no hello, too large a one, or half of one, is closed on, stranger or member", async () => {
	await using here = await openNode({ limits: { openingMs: 300 } });
	const member = await takeIn(here, await testMachine());
	const tooLarge = Buffer.alloc(8);
	tooLarge.writeUInt32BE(MOST_WIRE_BYTES + 1);
	const half = Buffer.concat([Buffer.from([0, 0, 1, 0]), Buffer.from('{"kind":"hello"')]);
	const request = Buffer.from(
		"GET /control HTTP/1.1\r\nHost: mesh\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
	);
	for (const whose of [member, await testMachine()]) {
		for (const said of [Buffer.alloc(0), tooLarge, half, request]) {
			const connection = await callNode(whose, here.port);
			connection.socket.write(said);
			expect(await heardUntilEnd(connection)).toBe("");
		}
		expect(here.connections.count(whose.deviceId)).toBe(0);
	}
});

test("a member of another major version is told which one is spoken here, before it is closed on", async () => {
	await using here = await openNode();
	const member = await takeIn(here, await testMachine());
	const later = { ...helloOf(member), protocol: { major: 2, minor: 7 }, name: 5 };
	const nonsense = { ...helloOf(member), deviceId: here.deviceId };
	for (const [first, reason] of [
		[later, "other-protocol"],
		[nonsense, "malformed"],
	] as const) {
		const connection = await callNode(member, here.port);
		sayFirst(connection, first);
		expect(await answerTo(connection)).toEqual({ kind: "refused", reason, protocol: PROTOCOL });
		expect(await heardUntilEnd(connection)).toBe("");
	}
	expect(here.otherProtocols).toEqual([later.protocol]);
	expect(here.linked()).toEqual([]);
});

test("a member that speaks another major version is told of, and not called again soon", async () => {
	const there = await testMachine();
	await using door = await openDoor(there);
	await using here = await openNode({ limits: { firstRetryMs: 20, lastRetryMs: 600_000 } });
	await takeIn(here, there);
	door.members.add(here.deviceId);
	here.transport.know(there.deviceId, [{ host: LOOPBACK, port: door.port }]);
	await expect.poll(() => door.arrived.length).toBe(1);
	const [connection] = door.arrived;
	if (connection === undefined) throw new Error("Nobody called");
	expect(await answerTo(connection)).toMatchObject({ kind: "hello", deviceId: here.deviceId, version: "1.2.3" });
	sayFirst(connection, { kind: "of-a-later-version", protocol: { major: 2, minor: 1 } });
	await expect.poll(() => here.otherProtocols).toEqual([{ major: 2, minor: 1 }]);
	// New addresses don't hasten it beyond the first pause; a nudge calls at once.
	here.transport.nudge();
	await expect.poll(() => door.arrived.length).toBe(2);
	expect(here.linked()).toEqual([]);
});

test("an answer that is no welcome opens no link, and the machine is called again", async () => {
	const there = await testMachine();
	await using door = await openDoor(there);
	await using here = await openNode();
	await takeIn(here, there);
	door.members.add(here.deviceId);
	here.transport.know(there.deviceId, [{ host: LOOPBACK, port: door.port }]);
	const answers = [
		{ kind: "core", protocol: PROTOCOL },
		{ ...helloOf(there), kind: "welcome", deviceId: here.deviceId },
		{ ...helloOf(there), kind: "welcome", incarnation: "no id at all" },
		{ kind: "refused", reason: "doubled", protocol: PROTOCOL },
	];
	for (const [at, answer] of answers.entries()) {
		await expect.poll(() => door.arrived.length).toBe(at + 1);
		const connection = door.arrived[at];
		if (connection === undefined) throw new Error("Nobody called");
		await answerTo(connection);
		openFrames(connection.socket).write(answer);
		expect(await heardUntilEnd(connection)).toBe("");
	}
	await expect.poll(() => door.arrived.length).toBe(answers.length + 1);
	expect(here.linked()).toEqual([]);
});
