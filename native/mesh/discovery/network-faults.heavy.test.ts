import { once } from "node:events";
import { setTimeout } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { testFolder } from "../../settings/testing.ts";
import { createNetwork, whyNoNetworks } from "../testing/netns.ts";
import { startMachine } from "./testing.ts";

const impossible = whyNoNetworks();
/** What is promised of finding is five seconds; a busy test machine is given some times as much. */
const FOUND = { timeout: 30_000, interval: 100 };
/** Promised are 15 seconds. */
const GONE = { timeout: 40_000, interval: 250 };

/** All of a test's deadlines together: what fails is then said by the one that was missed. */
const MOST_MS = 180_000;
const networks = `networks that break${impossible === null ? "" : `: ${impossible}`}`;

describe.skipIf(impossible !== null)(networks, { timeout: MOST_MS }, () => {
	test("routes that vanish or refuse end nobody, are told in words, and do not keep the other network from working", async () => {
		await using world = await createNetwork({
			networks: ["home", "lab"],
			nodes: { a: ["home", "lab"], b: ["home"], c: ["lab"] },
		});
		const a = await startMachine(world, "a");
		const b = await startMachine(world, "b");
		const c = await startMachine(world, "c");
		const codes = async () => (await a.look()).trouble.map(({ code }) => code);
		await world.dropRoutes("a", "home");
		await expect.poll(codes, FOUND).toContain("ENETUNREACH");
		await expect.poll(() => a.sees(c), FOUND).toEqual(["10.2.0.3"]);
		await world.addRoute("a", "10.1.0.0/24", "unreachable");
		await expect.poll(codes, FOUND).toContain("EHOSTUNREACH");
		await world.addRoute("a", "10.1.0.255", "prohibit");
		await expect.poll(codes, FOUND).toContain("EACCES");
		// The network is taken down and up: its routes are back, the refusing ones go with the address that they are in the way of.
		await world.readdress("a", "home", "10.1.0.1");
		await world.readdress("a", "home", "10.1.0.50");
		await expect.poll(() => b.sees(a), GONE).toContain("10.1.0.50");
		expect(await a.sees(c)).toEqual(["10.2.0.3"]);
		expect(a.child.exitCode).toBeNull();
	});

	test("an adapter that comes back with the same address between two looks hears again, by multicast alone", async () => {
		await using world = await createNetwork({ networks: ["home"], nodes: { a: ["home"], b: ["home"] } });
		const a = await startMachine(world, "a", { beaconPort: 5_001 });
		const b = await startMachine(world, "b", { beaconPort: 5_002 });
		await expect.poll(() => a.sees(b), FOUND).toEqual(["10.1.0.2"]);
		await world.unplug("a", "home");
		await world.plug("a", "home");
		// Long enough for all that was heard before to be forgotten.
		await setTimeout(20_000);
		await expect.poll(() => a.sees(b), FOUND).toEqual(["10.1.0.2"]);
		await expect.poll(() => b.sees(a), FOUND).toEqual(["10.1.0.1"]);
	});

	test("a machine beyond the subnet is found by its typed address, finds back, and both stay found", async () => {
		await using world = await createNetwork({ networks: ["home"], nodes: { a: ["home"], b: ["home"] } });
		await world.readdress("a", "home", "10.1.0.1", 25);
		await world.readdress("b", "home", "10.1.0.200", 25);
		await world.addRoute("a", "10.1.0.200", { network: "home" });
		await world.addRoute("b", "10.1.0.1", { network: "home" });
		const a = await startMachine(world, "a");
		const b = await startMachine(world, "b");
		// Nothing would be heard without it, and waiting for nothing takes a while.
		a.order({ order: "typed", host: "10.1.0.200", port: 4_000 });
		await expect.poll(() => a.sees(b), FOUND).toEqual(["10.1.0.200"]);
		await expect.poll(() => b.sees(a), FOUND).toEqual(["10.1.0.1"]);
		const foundAtMs = performance.now();
		// Longer than a sighting lives.
		while (performance.now() - foundAtMs < 25_000) {
			expect(await a.sees(b)).toEqual(["10.1.0.200"]);
			expect(await b.sees(a)).toEqual(["10.1.0.1"]);
			await setTimeout(500);
		}
		expect((await a.look()).sightings.map(({ source }) => source)).toEqual(["beacon"]);
	});

	test("where a machine was reached before, it is asked after a restart, also beyond the subnet", async () => {
		using folder = testFolder();
		await using world = await createNetwork({ networks: ["home"], nodes: { a: ["home"], b: ["home"] } });
		await world.readdress("a", "home", "10.1.0.1", 25);
		await world.readdress("b", "home", "10.1.0.200", 25);
		await world.addRoute("a", "10.1.0.200", { network: "home" });
		await world.addRoute("b", "10.1.0.1", { network: "home" });
		const b = await startMachine(world, "b");
		const path = folder.path("addresses.json");
		const before = await startMachine(world, "a", { path });
		before.order({ order: "reached", deviceId: b.deviceId, host: "10.1.0.200", port: 4_000 });
		before.order({ order: "stop" });
		await once(before.child, "exit");
		const a = await startMachine(world, "a", { path });
		await expect.poll(() => a.sees(b), FOUND).toEqual(["10.1.0.200"]);
		await expect.poll(() => b.sees(a), FOUND).toEqual(["10.1.0.1"]);
	});

	test("a machine that slept believes nothing it heard before, and finds anew", async () => {
		await using world = await createNetwork({ networks: ["home"], nodes: { a: ["home"], b: ["home"] } });
		const a = await startMachine(world, "a");
		const b = await startMachine(world, "b");
		await expect.poll(() => a.sees(b), FOUND).toEqual(["10.1.0.2"]);
		a.child.kill("SIGSTOP");
		// The sleep itself: longer than the gap by which it is noticed.
		await setTimeout(13_000);
		expect(await b.sees(a)).toEqual([]);
		a.child.kill("SIGCONT");
		await expect.poll(() => a.count("gone", "10.1.0.2"), FOUND).toBe(1);
		await expect.poll(() => a.sees(b), FOUND).toEqual(["10.1.0.2"]);
		await expect.poll(() => b.sees(a), FOUND).toEqual(["10.1.0.1"]);
	});
});
