import type { Socket } from "node:net";
import { beforeEach, expect, test } from "vitest";
import { systemClock } from "../../base/base.ts";
import { LOOPBACK } from "../door/testing.ts";
import { forgetMachines } from "../identity/testing.ts";
import { replaces } from "./links.ts";
import { befriend, inOrder, openNode, tagged, tagsOf } from "./testing.ts";

beforeEach(forgetMachines);

test("members that know an address are linked, and what one sends the other hears in order", async () => {
	await using here = await openNode();
	await using there = await openNode();
	await befriend(here, there);
	here.knows(there);
	await expect.poll(() => [here.linked(), there.linked()]).toEqual([[there.deviceId], [here.deviceId]]);
	expect(here.view()).toEqual([
		{
			deviceId: there.deviceId,
			name: "machine",
			version: "1.2.3",
			address: `${LOOPBACK}:${there.port}`,
			relayedBy: null,
		},
	]);
	// Also of one that called it knows where it listens.
	expect(there.view()).toMatchObject([{ address: `${LOOPBACK}:${here.port}` }]);
	const tags = Array.from({ length: 200 }, (_, at) => `lease-${at}`);
	for (const tag of tags) expect(here.transport.send(there.deviceId, tagged(tag))).toBe(true);
	expect(there.transport.send(here.deviceId, tagged("back"))).toBe(true);
	await expect.poll(() => tagsOf(there.heard)).toEqual(tags);
	await expect.poll(() => here.heard).toEqual([{ from: there.deviceId, by: null, frame: tagged("back") }]);
});

test("two that call each other at once keep one link, and every frame sent on the way arrives", async () => {
	for (let round = 0; round < 25; round += 1) {
		forgetMachines();
		await using left = await openNode();
		await using right = await openNode();
		const [low, high] = inOrder(left, right);
		await befriend(low, high);
		const sent: string[] = [];
		const say = (): void => {
			const tag = `lease-${sent.length}`;
			if (high.transport.send(low.deviceId, tagged(tag))) sent.push(tag);
		};
		// As soon as there is a way, and while links are replaced.
		const talking = setInterval(say, 1);
		low.knows(high);
		high.knows(low);
		low.transport.nudge();
		high.transport.nudge();
		await expect.poll(() => [low.linked(), high.linked()]).toEqual([[high.deviceId], [low.deviceId]]);
		await expect
			.poll(() => [low.connections.count(high.deviceId), high.connections.count(low.deviceId)])
			.toEqual([1, 1]);
		await expect.poll(() => sent.length).toBeGreaterThan(5);
		clearInterval(talking);
		await expect.poll(() => [...tagsOf(low.heard)].sort()).toEqual([...sent].sort());
	}
});

test("of two links both ends keep the same one", () => {
	const link = (isOutward: boolean, incarnation = "one") => ({ deviceId: "B", incarnation, isOutward });
	// A called, then B did: that of A stays, whichever came first.
	expect(replaces("A", link(true), link(false))).toBe(false);
	expect(replaces("A", link(false), link(true))).toBe(true);
	const fromB = (isOutward: boolean) => ({ ...link(isOutward), deviceId: "A" });
	expect(replaces("B", fromB(false), link(true))).toBe(false);
	expect(replaces("B", fromB(true), link(false))).toBe(true);
	// Who calls again has missed its first link; who was started anew has none.
	expect([replaces("A", link(false), link(false)), replaces("A", link(true), link(true))]).toEqual([true, true]);
	expect(replaces("A", link(true, "one"), link(false, "two"))).toBe(true);
});

test("a machine that was started anew takes the place of the one before", async () => {
	await using here = await openNode();
	await using before = await openNode();
	await befriend(here, before);
	before.knows(here);
	await expect.poll(() => here.linked()).toEqual([before.deviceId]);
	await using after = await openNode({ identity: before.identity });
	await befriend(here, after);
	// It forgets the address, so that the old one does not fight for its place.
	before.transport.know(here.deviceId, []);
	after.knows(here);
	await expect.poll(() => [after.linked(), before.linked()]).toEqual([[here.deviceId], []]);
	expect(here.transport.send(after.deviceId, tagged("lease"))).toBe(true);
	await expect.poll(() => tagsOf(after.heard)).toEqual(["lease"]);
	expect(before.heard).toEqual([]);
});

test("a machine whose address was known before it was a member is called once it is one", async () => {
	await using here = await openNode();
	await using there = await openNode();
	here.knows(there);
	expect(here.linked()).toEqual([]);
	await befriend(here, there);
	here.transport.announceMembers();
	await expect.poll(() => here.linked()).toEqual([there.deviceId]);
});

test("a link that breaks comes back by itself", async () => {
	await using here = await openNode();
	await using there = await openNode();
	await befriend(here, there);
	here.knows(there);
	const downs = () => here.counts.filter((count) => count === 0).length;
	for (let times = 0; times < 3; times += 1) {
		await expect.poll(() => [here.linked(), there.linked()]).toEqual([[there.deviceId], [here.deviceId]]);
		there.connections.dropAll();
		await expect.poll(downs).toBe(times + 1);
	}
	await expect.poll(() => here.linked()).toEqual([there.deviceId]);
});

test("after a nudge a machine is called at once at an address that is new, however long the pause was to be", async () => {
	await using here = await openNode({ limits: { firstRetryMs: 600_000, lastRetryMs: 600_000 } });
	const gone = await openNode();
	await befriend(here, gone);
	await gone[Symbol.asyncDispose]();
	here.knows(gone);
	await using back = await openNode({ identity: gone.identity });
	await befriend(here, back);
	here.transport.know(back.deviceId, [
		{ host: LOOPBACK, port: gone.port },
		{ host: LOOPBACK, port: back.port },
	]);
	await expect
		.poll(() => {
			here.transport.nudge();
			return here.linked();
		})
		.toEqual([back.deviceId]);
});

test("a link on which nothing is heard is taken for dead, and the machine is called anew", async () => {
	const limits = { silenceMs: 600, lookMs: 100 };
	await using here = await openNode({ limits });
	await using there = await openNode();
	await befriend(here, there);
	here.knows(there);
	await expect.poll(() => there.linked()).toEqual([here.deviceId]);
	// Both say nothing; only this side minds.
	await expect.poll(() => here.counts.join("")).toMatch(/10+1/);
});

test("a computer that slept takes nobody for silent", async () => {
	const [sleep, looks] = [{ ms: 0 }, { count: 0 }];
	const clock = {
		nowMs: () => Date.now(),
		monotonicMs() {
			looks.count += 1;
			return systemClock.monotonicMs() + sleep.ms;
		},
	};
	await using here = await openNode({ clock, limits: { silenceMs: 30_000, lookMs: 100 } });
	await using there = await openNode();
	await befriend(here, there);
	here.knows(there);
	await expect.poll(() => here.linked()).toEqual([there.deviceId]);
	sleep.ms = 3_600_000;
	const before = looks.count;
	await expect.poll(() => looks.count).toBeGreaterThan(before + 10);
	expect(here.counts).not.toContain(0);
	expect(here.linked()).toEqual([there.deviceId]);
});

test("everything is closed soon after a stop, also where the other side does not answer", async () => {
	await using here = await openNode();
	const sockets: Socket[] = [];
	await using there = await openNode({ onMember: ({ socket }) => void sockets.push(socket) });
	await befriend(here, there);
	here.knows(there);
	await expect.poll(() => there.linked()).toEqual([here.deviceId]);
	for (const socket of sockets) socket.pause();
	await here.transport.stop();
	expect(here.linked()).toEqual([]);
	await expect.poll(() => here.connections.count(there.deviceId)).toBe(0);
	expect(here.transport.send(there.deviceId, tagged("lease"))).toBe(false);
});
