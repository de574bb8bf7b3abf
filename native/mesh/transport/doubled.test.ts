import { createServer } from "node:http";
import { beforeEach, expect, test } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { LOOPBACK, openDoor, type TestDoor } from "../door/testing.ts";
import type { DeviceIdentity } from "../identity/identity.ts";
import { forgetMachines, testMachine } from "../identity/testing.ts";
import { answerTo, callNode, helloOf, sayFirst, upgradeRaw } from "./raw-testing.ts";
import { admit, inOrder, openNode, type TestNode, tagged, tagsOf } from "./testing.ts";

beforeEach(forgetMachines);

/**
 * A node with the lower id, and a machine that says what it likes, each of which has called the other. The one call waits for its
 * welcome, the other for its upgrade; both are of one process.
 */
async function bothCalled() {
	const [low, high] = inOrder(await testMachine(), await testMachine());
	const node = await openNode({ identity: low });
	const door = await openDoor(high);
	door.members.add(low.deviceId);
	await node.membership.add([admit(low, high)]);
	node.transport.know(high.deviceId, [{ host: LOOPBACK, port: door.port }]);
	await expect.poll(() => door.arrived.length).toBe(1);
	const { incarnation } = helloOf(high);
	const inward = await callNode(high, node.port);
	sayFirst(inward, { ...helloOf(high), incarnation });
	expect(await answerTo(inward)).toMatchObject({ kind: "welcome", deviceId: low.deviceId });
	return { node, door, high, incarnation, inward };
}

/** Takes the node's call. Resolves when its link is open at this end. */
async function takeCall(door: TestDoor, high: DeviceIdentity, incarnation: string): Promise<WebSocket> {
	const [call] = door.arrived;
	if (call === undefined) throw new Error("The node has not called");
	await answerTo(call);
	const http = createServer();
	const server = new WebSocketServer({ noServer: true });
	const opened = new Promise<WebSocket>((resolve) => {
		http.on("upgrade", (request, socket, head) => server.handleUpgrade(request, socket, head, resolve));
	});
	sayFirst(call, { ...helloOf(high), kind: "welcome", incarnation });
	http.emit("connection", call.socket);
	return opened;
}

async function sayAndSee(node: TestNode, loser: WebSocket, winner: WebSocket): Promise<void> {
	expect(node.linked()).toHaveLength(1);
	// It has not heard yet that its link is not wanted.
	loser.send(JSON.stringify(tagged("on-the-loser")));
	winner.send(JSON.stringify(tagged("on-the-winner")));
	await expect.poll(() => [...tagsOf(node.heard)].sort()).toEqual(["on-the-loser", "on-the-winner"]);
	const closed = new Promise((resolve) => loser.once("close", resolve));
	loser.resume();
	await closed;
	const heard: unknown[] = [];
	winner.on("message", (data) => heard.push(JSON.parse(String(data))));
	const [to = ""] = node.linked();
	expect(node.transport.send(to, tagged("answer"))).toBe(true);
	await expect.poll(() => heard).toContainEqual(tagged("answer"));
}

test("what was said on a link that is replaced still arrives", async () => {
	const { node, door, high, incarnation, inward } = await bothCalled();
	await using _ = node;
	await using __ = door;
	const loser = await upgradeRaw(inward, () => {}, true);
	await expect.poll(() => node.linked()).toEqual([high.deviceId]);
	const winner = await takeCall(door, high, incarnation);
	// The node's own end is open once it has said something.
	await new Promise((resolve) => winner.once("message", resolve));
	await sayAndSee(node, loser, winner);
});

test("what was said on a link that never counted still arrives", async () => {
	const { node, door, high, incarnation, inward } = await bothCalled();
	await using _ = node;
	await using __ = door;
	const winner = await takeCall(door, high, incarnation);
	await expect.poll(() => node.linked()).toEqual([high.deviceId]);
	const loser = await upgradeRaw(inward, () => {}, true);
	await sayAndSee(node, loser, winner);
});

test("a call of a machine to which there is a better link is told so", async () => {
	const { node, door, high, incarnation } = await bothCalled();
	await using _ = node;
	await using __ = door;
	const winner = await takeCall(door, high, incarnation);
	await expect.poll(() => node.linked()).toEqual([high.deviceId]);
	const again = await callNode(high, node.port);
	sayFirst(again, { ...helloOf(high), incarnation });
	expect(await answerTo(again)).toMatchObject({ kind: "refused", reason: "doubled" });
	winner.terminate();
});
