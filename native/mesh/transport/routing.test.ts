import { beforeEach, expect, test } from "vitest";
import { forgetMachines, testMachine } from "../identity/testing.ts";
import { signRevoke } from "../membership/membership.ts";
import { type RawLink, rawLink } from "./raw-testing.ts";
import { admit, befriend, openNode, type TestNode, tagged, tagsOf } from "./testing.ts";

beforeEach(forgetMachines);

/** Three members, of which the outer two don't know each other's address. */
async function inARow(): Promise<readonly [TestNode, TestNode, TestNode]> {
	const [left, middle, right] = [await openNode(), await openNode(), await openNode()];
	await befriend(left, middle, right);
	left.knows(middle);
	right.knows(middle);
	return [left, middle, right];
}

test("members without a link between them speak through one that has both, until they have one", async () => {
	const [left, middle, right] = await inARow();
	await using _ = left;
	await using __ = middle;
	await using ___ = right;
	await expect
		.poll(() => left.view().find(({ deviceId }) => deviceId === right.deviceId))
		.toEqual({
			deviceId: right.deviceId,
			name: null,
			version: null,
			address: null,
			relayedBy: middle.deviceId,
		});
	expect(left.transport.send(right.deviceId, tagged("there"))).toBe(true);
	await expect.poll(() => right.heard).toEqual([{ from: left.deviceId, by: middle.deviceId, frame: tagged("there") }]);
	await expect.poll(() => right.transport.send(left.deviceId, tagged("back"))).toBe(true);
	await expect.poll(() => left.heard).toEqual([{ from: right.deviceId, by: middle.deviceId, frame: tagged("back") }]);
	expect(middle.heard).toEqual([]);
	left.knows(right);
	await expect.poll(() => right.linked()).toContain(left.deviceId);
	expect(right.view().map(({ relayedBy }) => relayedBy)).toEqual([null, null]);
	right.transport.send(left.deviceId, tagged("straight"));
	await expect.poll(() => left.heard[1]).toEqual({ from: right.deviceId, by: null, frame: tagged("straight") });
});

test("without the one in between there is no way, and that is said", async () => {
	const [left, middle, right] = await inARow();
	await using _ = left;
	await using __ = right;
	await expect.poll(() => left.view().length).toBe(2);
	await middle[Symbol.asyncDispose]();
	await expect.poll(() => left.view()).toEqual([]);
	expect(left.transport.send(right.deviceId, tagged("lost"))).toBe(false);
});

/** A node with two members linked to it that say what they like. */
async function hub(): Promise<{ readonly node: TestNode; readonly left: RawLink; readonly right: RawLink }> {
	const node = await openNode();
	const [left, right] = [await testMachine(), await testMachine()];
	await node.membership.add([admit(node.identity, left), admit(node.identity, right)]);
	return { node, left: await rawLink(left, node.port), right: await rawLink(right, node.port) };
}

const relayed = (link: RawLink) => link.heard.filter((frame) => JSON.stringify(frame).includes('"relay"'));

test("what is in a relayed frame is not looked at on the way: later versions speak through earlier ones", async () => {
	const { node, left, right } = await hub();
	await using _ = node;
	const relay = {
		kind: "relay",
		to: right.deviceId,
		from: left.deviceId,
		frame: { kind: "of-a-later-version", deep: [{ x: 1 }], empty: null },
	};
	left.say(relay);
	await expect.poll(() => relayed(right)).toEqual([relay]);
});

test("a frame goes one hop only, and only in the name of who sent it", async () => {
	const { node, left, right } = await hub();
	await using _ = node;
	const [leftId, rightId] = [left.deviceId, right.deviceId];
	const frame = tagged("lease");
	// In another's name, back to oneself, to nobody, and within one another.
	left.say({ kind: "relay", to: rightId, from: rightId, frame });
	left.say({ kind: "relay", to: rightId, from: node.deviceId, frame });
	left.say({ kind: "relay", to: leftId, from: leftId, frame });
	left.say({ kind: "relay", to: (await testMachine()).deviceId, from: leftId, frame });
	left.say({
		kind: "relay",
		to: node.deviceId,
		from: rightId,
		frame: { kind: "relay", to: rightId, from: leftId, frame },
	});
	left.say({ kind: "relay", to: rightId, from: leftId, frame: tagged("right") });
	await expect.poll(() => relayed(right).length).toBe(1);
	expect(relayed(right)).toMatchObject([{ frame: tagged("right") }]);
	expect(relayed(left)).toEqual([]);
	expect(node.heard).toEqual([]);
});

test("a relayed frame counts only in the name of a member, and what is wrong with it is not the relayer's fault", async () => {
	const { node, left, right } = await hub();
	await using _ = node;
	const [stranger, removed] = [await testMachine(), await testMachine()];
	await node.membership.add([admit(node.identity, removed), signRevoke(node.identity, removed.deviceId, []).record]);
	const to = node.deviceId;
	for (const from of [stranger.deviceId, removed.deviceId, node.deviceId, left.deviceId]) {
		left.say({ kind: "relay", to, from, frame: tagged("false") });
	}
	const from = right.deviceId;
	for (const frame of [null, "text", { kind: "later" }, { kind: "kept", id: 5 }, { kind: "linked", devices: [from] }]) {
		left.say({ kind: "relay", to, from, frame });
	}
	left.say({ kind: "relay", to, from, frame: tagged("true") });
	await expect.poll(() => tagsOf(node.heard)).toEqual(["true"]);
	expect(node.heard).toMatchObject([{ from, by: left.deviceId }]);
	expect(node.linked()).toHaveLength(2);
});
