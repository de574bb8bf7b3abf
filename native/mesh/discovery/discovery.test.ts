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
const networks = `machines on real networks${impossible === null ? "" : `: ${impossible}`}`;

describe.skipIf(impossible !== null)(networks, { timeout: MOST_MS }, () => {
	test("a machine on two networks finds and is found on each, at its address there", async () => {
		await using world = await createNetwork({
			networks: ["home", "lab"],
			nodes: { a: ["home", "lab"], b: ["home"], c: ["lab"] },
		});
		const [b, c, a] = await Promise.all([startMachine(world, "b"), startMachine(world, "c"), startMachine(world, "a")]);
		await expect.poll(() => a.sees(b), FOUND).toEqual(["10.1.0.2"]);
		await expect.poll(() => a.sees(c), FOUND).toEqual(["10.2.0.3"]);
		await expect.poll(() => b.sees(a), FOUND).toEqual(["10.1.0.1"]);
		await expect.poll(() => c.sees(a), FOUND).toEqual(["10.2.0.1"]);
		expect(await b.sees(c)).toEqual([]);
		expect((await a.look()).sightings.map(({ deviceId }) => deviceId)).not.toContain(a.deviceId);
	});

	test("multicast DNS alone finds on both networks too, and forgets the dead", async () => {
		await using world = await createNetwork({
			networks: ["home", "lab"],
			nodes: { a: ["home", "lab"], b: ["home"], c: ["lab"] },
		});
		// Each listens for beacons where no other sends any.
		const a = await startMachine(world, "a", { beaconPort: 5_001 });
		const b = await startMachine(world, "b", { beaconPort: 5_002 });
		const c = await startMachine(world, "c", { beaconPort: 5_003 });
		await expect.poll(() => a.sees(b), FOUND).toEqual(["10.1.0.2"]);
		await expect.poll(() => a.sees(c), FOUND).toEqual(["10.2.0.3"]);
		await expect.poll(() => b.sees(a), FOUND).toEqual(["10.1.0.1"]);
		await expect.poll(() => c.sees(a), FOUND).toEqual(["10.2.0.1"]);
		await kill(b);
		await expect.poll(() => a.sees(b), GONE).toEqual([]);
		expect(await a.sees(c)).toEqual(["10.2.0.3"]);
	});
});
