import { beforeEach, expect, test } from "vitest";
import type { WebSocket } from "ws";
import { forgetMachines, testMachine } from "../identity/testing.ts";
import { rawLink } from "./raw-testing.ts";
import { admit, befriend, openNode, type TestNode, tagged, tagsOf } from "./testing.ts";
import type { TransportLimits } from "./transport.ts";
import { MOST_WIRE_BYTES } from "./wire/limits.ts";

beforeEach(forgetMachines);

/** A node, and a member linked to it that says what it likes. */
async function linkedNode(limits: Partial<TransportLimits> = {}) {
	const node = await openNode({ limits });
	const identity = await testMachine();
	await node.membership.add([admit(node.identity, identity)]);
	return { node, link: await rawLink(identity, node.port), identity };
}

const wanting = {
	kind: "want",
	models: Array(256).fill("m".repeat(300)),
	linesPerSecond: 1,
	holding: [],
	finished: [],
};

test("a frame that is none ends the link at once", async () => {
	const wrong: readonly ((webSocket: WebSocket) => void)[] = [
		(webSocket) => webSocket.send("{"),
		(webSocket) => webSocket.send(""),
		(webSocket) => webSocket.send("null"),
		(webSocket) => webSocket.send('{"kind":5}'),
		(webSocket) => webSocket.send(Buffer.from('{"kind":"linked","devices":[]}')),
		(webSocket) => webSocket.send('{"kind":"linked","devices":["somebody"]}'),
		(webSocket) => webSocket.send('{"kind":"core","message":{"kind":"hello"}}'),
		(webSocket) => webSocket.send(JSON.stringify({ kind: "of-a-later-version", x: "x".repeat(MOST_WIRE_BYTES) })),
		(webSocket) => webSocket.send(Buffer.from([0x7b, 0xff, 0x7d]), { binary: false }),
	];
	const { node, link, identity } = await linkedNode();
	await using _ = node;
	link.webSocket.terminate();
	for (const send of wrong) {
		using one = await rawLink(identity, node.port);
		const closed = new Promise((resolve) => one.webSocket.once("close", resolve));
		send(one.webSocket);
		await closed;
		await expect.poll(() => node.connections.count(identity.deviceId)).toBe(0);
	}
	expect(node.heard).toEqual([]);
});

test("kinds of a later version are passed over, and so are fields", async () => {
	const { node, link } = await linkedNode();
	await using _ = node;
	link.say({ kind: "of-a-later-version", devices: 5 });
	link.say({ kind: "constructor" });
	link.say({ kind: "core", message: { kind: "of-a-later-version" } });
	link.say({ ...tagged("lease"), later: true });
	await expect.poll(() => node.heard).toEqual([{ from: link.deviceId, by: null, frame: tagged("lease") }]);
	expect(node.linked()).toEqual([link.deviceId]);
});

test("for one that takes nothing in, no more than the limit waits: first what comes again is left out, then the link ends", async () => {
	const unsentBytes = 1_024 * 1_024;
	const { node, link } = await linkedNode({ unsentBytes });
	await using _ = node;
	link.connection.socket.pause();
	const want = { kind: "core", message: { ...wanting, kind: "want" } } as const;
	// The system's own buffers take some megabytes first.
	await expect.poll(() => node.transport.send(link.deviceId, want), { interval: 1 }).toBe(false);
	expect(node.linked()).toEqual([link.deviceId]);
	const operation = {
		origin: "o",
		sequence: 1,
		previous: "0".repeat(64),
		hash: "1".repeat(64),
		kind: "file",
		version: 1,
	};
	const body = "x".repeat(500_000);
	const operations = [{ ...operation, body, atMs: 1 }];
	let sent = 0;
	while (node.transport.send(link.deviceId, { kind: "core", message: { kind: "operations", operations } })) sent += 1;
	expect(sent * body.length).toBeLessThan(unsentBytes);
	await expect.poll(() => [node.linked(), node.connections.count(link.deviceId)]).toEqual([[], 0]);
});

test("a frame too large to be sent is not sent, and the link stays", async () => {
	const { node, link } = await linkedNode();
	await using _ = node;
	const addresses = Array.from({ length: 20_000 }, () => ({ deviceId: link.deviceId, host: "host", port: 1 }));
	expect(node.transport.send(link.deviceId, { kind: "addresses", addresses })).toBe(false);
	expect(node.transport.send(link.deviceId, tagged("lease"))).toBe(true);
	await expect.poll(() => link.heard).toContainEqual(tagged("lease"));
});

async function linkedPair(): Promise<readonly [TestNode, TestNode]> {
	const [here, there] = [await openNode(), await openNode()];
	await befriend(here, there);
	there.knows(here);
	await expect.poll(() => here.linked()).toEqual([there.deviceId]);
	return [here, there];
}

test("a machine that is removed has no link from that moment, is not heard, and does not come back", async () => {
	const [here, there] = await linkedPair();
	await using _ = here;
	await using __ = there;
	for (let at = 0; at < 100; at += 1) there.transport.send(here.deviceId, tagged(`lease-${at}`));
	const heardBefore = here.heard.length;
	const revoked = here.membership.revoke(there.deviceId);
	await revoked;
	expect(here.connections.count(there.deviceId)).toBe(0);
	expect(here.transport.send(there.deviceId, tagged("gone"))).toBe(false);
	await expect.poll(() => [here.linked(), there.linked()]).toEqual([[], []]);
	expect(here.heard.length).toBe(heardBefore);
	// It calls again: once the door has judged it, it is as it was.
	there.transport.nudge();
	there.transport.announceMembers();
	await expect.poll(() => here.connections.count(there.deviceId)).toBe(0);
	expect(tagsOf(there.heard)).toEqual([]);
});

test("that a machine was removed is told to the others, which close on it too", async () => {
	const [here, there] = await linkedPair();
	await using _ = here;
	await using __ = there;
	await using other = await openNode();
	await befriend(here, there, other);
	other.knows(there);
	other.knows(here);
	await expect.poll(() => other.linked().length).toBe(2);
	await here.membership.revoke(there.deviceId);
	here.transport.announceMembers();
	await expect.poll(() => other.linked()).toEqual([here.deviceId]);
	expect(other.membership.isMember(there.deviceId)).toBe(false);
	expect(other.news.count).toBe(1);
});
