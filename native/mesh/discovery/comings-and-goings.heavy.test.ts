import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { createNetwork, whyNoNetworks } from "../testing/netns.ts";
import { kill, startMachine } from "./testing.ts";

const impossible = whyNoNetworks();
/** What is promised of finding; a busy test machine is given four times as much. */
const FOUND = { timeout: 20_000, interval: 100 };
/** Promised are 15 seconds after a death. */
const GONE = { timeout: 30_000, interval: 250 };

/** All of a test's deadlines together: what fails is then said by the one that was missed. */
const MOST_MS = 180_000;
const networks = `machines that come, go and move${impossible === null ? "" : `: ${impossible}`}`;

describe.skipIf(impossible !== null)(networks, { timeout: MOST_MS }, () => {
	test("a machine that dies is gone, one that goes says goodbye, and both are found when they are back", async () => {
		await using world = await createNetwork({ networks: ["home"], nodes: { a: ["home"], b: ["home"] } });
		const a = await startMachine(world, "a");
		const b = await startMachine(world, "b");
		await expect.poll(() => a.sees(b), FOUND).toEqual(["10.1.0.2"]);
		await kill(b);
		await expect.poll(() => a.sees(b), GONE).toEqual([]);
		const again = await startMachine(world, "b", { deviceId: b.deviceId });
		await expect.poll(() => a.sees(b), FOUND).toEqual(["10.1.0.2"]);
		const isGone = once(again.child, "exit");
		again.order({ order: "stop" });
		await isGone;
		// Long before it would be given up.
		await expect.poll(() => a.sees(b), { timeout: 5_000, interval: 50 }).toEqual([]);
	});

	test("an adapter that is pulled and comes back with another address does no harm, and is found there", async () => {
		await using world = await createNetwork({ networks: ["home"], nodes: { a: ["home"], b: ["home"] } });
		const a = await startMachine(world, "a");
		const b = await startMachine(world, "b");
		await expect.poll(() => a.sees(b), FOUND).toEqual(["10.1.0.2"]);
		await world.unplug("b", "home");
		await expect.poll(async () => (await b.look()).trouble.map(({ code }) => code), FOUND).toEqual(["NO_NETWORK"]);
		await world.plug("b", "home", "10.1.0.77");
		await expect.poll(() => a.sees(b), GONE).toEqual(["10.1.0.77"]);
		await expect.poll(() => b.sees(a), FOUND).toEqual(["10.1.0.1"]);
		await expect.poll(async () => (await b.look()).trouble, FOUND).toEqual([]);
		// A new lease, with the link up all the time.
		await world.readdress("b", "home", "10.1.0.78");
		await expect.poll(() => a.sees(b), FOUND).toContain("10.1.0.78");
		await expect.poll(() => b.sees(a), FOUND).toEqual(["10.1.0.1"]);
	});

	test("an interface that goes up and down all the time ends nobody, and works when it stays", async () => {
		await using world = await createNetwork({ networks: ["home"], nodes: { a: ["home"], b: ["home"] } });
		const a = await startMachine(world, "a");
		const b = await startMachine(world, "b");
		await expect.poll(() => a.sees(b), FOUND).toEqual(["10.1.0.2"]);
		const isOff = async () => (await a.look()).trouble.some(({ code }) => code === "NO_NETWORK");
		const refusals = () => a.said.filter(({ message }) => message.startsWith("multicast DNS does not work")).length;
		// It asks right after an interface is back, and is to find it gone again: until that has happened, and some times more.
		for (let flip = 0; flip < 30 && (flip < 3 || refusals() === 0); flip += 1) {
			await world.setLink("a", "home", "down");
			await expect.poll(isOff, { timeout: 20_000, interval: 20 }).toBe(true);
			await world.setLink("a", "home", "up");
			await expect.poll(isOff, { timeout: 20_000, interval: 20 }).toBe(false);
		}
		await world.setLink("a", "home", "down");
		// Sockets are opened while there is no network under them.
		a.order({ order: "refresh" });
		await world.setLink("a", "home", "up");
		expect(refusals()).toBeGreaterThan(0);
		await expect.poll(() => a.sees(b), FOUND).toEqual(["10.1.0.2"]);
		await expect.poll(() => b.sees(a), FOUND).toEqual(["10.1.0.1"]);
		await expect.poll(async () => (await a.look()).trouble, GONE).toEqual([]);
		expect(a.child.exitCode).toBeNull();
		// A goodbye that nobody takes keeps nobody from going.
		await world.setLink("a", "home", "down");
		a.order({ order: "stop" });
		await once(a.child, "exit");
		expect(a.child.exitCode).toBe(0);
	});
});
