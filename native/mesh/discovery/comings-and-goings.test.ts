import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { createNetwork, whyNoNetworks } from "../testing/netns.ts";
import { kill, startMachine } from "./testing.ts";

const impossible = whyNoNetworks();
/** What is promised of finding; a busy test machine is given four times as much. */
const FOUND = { timeout: 20_000, interval: 100 };
/** Promised are 15 seconds after a death. */
const GONE = { timeout: 30_000, interval: 250 };

const networks = `machines that come, go and move${impossible === null ? "" : `: ${impossible}`}`;

describe.skipIf(impossible !== null)(networks, () => {
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
});
