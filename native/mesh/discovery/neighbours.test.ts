import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { createNetwork, type NetworkWorld, whyNoNetworks } from "../testing/netns.ts";
import { BEACON_PORT } from "./beacon.ts";
import { startMachine, testDeviceId } from "./testing.ts";

const impossible = whyNoNetworks();
/** What is promised of finding is five seconds; a busy test machine is given four times as much. */
const FOUND = { timeout: 20_000, interval: 100 };

/** All of a test's deadlines together: what fails is then said by the one that was missed. */
const MOST_MS = 180_000;
const networks = `machines side by side${impossible === null ? "" : `: ${impossible}`}`;

/**
 * Floods a machine: questions by multicast DNS, a hundred a packet, made-up machines, probes, packets that are nothing; and counts
 * what comes back. Arguments: its own address, the victim's, the beacon's port, the type of our service.
 */
const FLOOD = `
	const dgram = require("node:dgram");
	const { randomBytes } = require("node:crypto");
	const [own, victim, port, domain] = process.argv.slice(1);
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	const id = () => [...randomBytes(51)].map((octet) => digits[octet % 32]).join("") + "A";
	const label = (text) => Buffer.concat([Buffer.from([text.length]), Buffer.from(text)]);
	const name = Buffer.concat([...domain.split(".").map(label), Buffer.from([0])]);
	const question = Buffer.concat([name, Buffer.from([0, 12, 0, 1])]);
	const query = Buffer.concat([Buffer.from([0, 0, 0, 0, 0, 30, 0, 0, 0, 0, 0, 0]), ...Array(30).fill(question)]);
	const beacon = (kind) => JSON.stringify({ nightshift: 1, kind, id: id(), name: "x".repeat(200), port: 1, pairing: true }).padEnd(600);
	const counts = { asked: 0, answers: 0 };
	const mdns = dgram.createSocket({ type: "udp4", reuseAddr: true });
	const beacons = dgram.createSocket({ type: "udp4", reuseAddr: true });
	for (const socket of [mdns, beacons]) socket.on("message", (said, from) => {
		const isAnswer = socket === beacons || (said[2] & 128) !== 0;
		if (from.address === victim && isAnswer) counts.answers += 1;
	});
	mdns.bind(5353, "0.0.0.0", () => {
		mdns.addMembership("224.0.0.251", own);
		mdns.setMulticastInterface(own);
	});
	beacons.bind(Number(port), "0.0.0.0");
	let rounds = 0;
	const timer = setInterval(() => {
		mdns.send(query, 5353, victim, () => {});
		mdns.send(query, 5353, "224.0.0.251", () => {});
		mdns.send(randomBytes(200), 5353, victim, () => {});
		for (const kind of ["announce", "probe"]) beacons.send(beacon(kind), Number(port), victim, () => {});
		beacons.send(randomBytes(200), Number(port), victim, () => {});
		counts.asked += 62;
		if ((rounds += 1) < 600) return;
		clearInterval(timer);
		setTimeout(() => { console.log(JSON.stringify(counts)); process.exit(); }, 500);
	}, 5);
`;

async function flood(world: NetworkWorld, node: string, victim: string): Promise<{ asked: number; answers: number }> {
	const own = world.addressOf(node, "home");
	const child = world.spawn(node, ["-e", FLOOD, own, victim, String(BEACON_PORT), "_nightshift._tcp.local"]);
	let printed = "";
	for (const stream of [child.stdout, child.stderr]) {
		stream?.on("data", (data: Buffer) => {
			printed += data.toString();
		});
	}
	const [code] = await once(child, "close");
	expect(code, printed).toBe(0);
	return JSON.parse(printed);
}

describe.skipIf(impossible !== null)(networks, { timeout: MOST_MS }, () => {
	test("two services on one computer and machines of one name are told apart; pairing and goodbyes are heard at once", async () => {
		await using world = await createNetwork({ networks: ["home"], nodes: { a: ["home"], b: ["home"] } });
		const a = await startMachine(world, "a");
		// Multicast DNS alone: beacons go elsewhere.
		const one = await startMachine(world, "b", { name: "den", beaconPort: 5_001 });
		const other = await startMachine(world, "b", { name: "den", beaconPort: 5_002 });
		for (const [seer, seen, host] of [
			[a, one, "10.1.0.2"],
			[a, other, "10.1.0.2"],
			[one, other, "10.1.0.2"],
			[other, one, "10.1.0.2"],
			[one, a, "10.1.0.1"],
		] as const) {
			await expect.poll(() => seer.sees(seen), FOUND).toEqual([host]);
		}
		expect((await a.look()).sightings.map(({ name, source }) => [name, source])).toEqual([
			["den", "bonjour"],
			["den", "bonjour"],
		]);
		one.order({ order: "pair" });
		const pairing = async () =>
			(await a.look()).sightings.filter(({ isPairing }) => isPairing).map(({ deviceId }) => deviceId);
		await expect.poll(pairing, FOUND).toEqual([one.deviceId]);
		other.order({ order: "stop" });
		await once(other.child, "exit");
		// Long before it would be given up.
		await expect.poll(() => a.sees(other), { timeout: 5_000, interval: 50 }).toEqual([]);
		expect(await a.sees(one)).toEqual(["10.1.0.2"]);
	});

	test("where multicast is swallowed the beacon finds alone, and says goodbye", async () => {
		await using world = await createNetwork({ networks: ["home"], nodes: { a: ["home"], b: ["home"] } });
		await world.swallowMulticast("home");
		const a = await startMachine(world, "a");
		const b = await startMachine(world, "b");
		await expect.poll(() => a.sees(b), FOUND).toEqual(["10.1.0.2"]);
		await expect.poll(() => b.sees(a), FOUND).toEqual(["10.1.0.1"]);
		expect((await a.look()).sightings.map(({ source }) => source)).toEqual(["beacon"]);
		b.order({ order: "stop" });
		await once(b.child, "exit");
		await expect.poll(() => a.sees(b), { timeout: 5_000, interval: 50 }).toEqual([]);
	});

	test("a flood of questions is answered with a trickle, and made-up machines cost no member its place", async () => {
		await using world = await createNetwork({ networks: ["home"], nodes: { a: ["home"], b: ["home"], x: ["home"] } });
		const deviceId = testDeviceId();
		const b = await startMachine(world, "b", { deviceId });
		const a = await startMachine(world, "a", { members: [deviceId] });
		await expect.poll(() => a.sees(b), FOUND).toEqual(["10.1.0.2"]);
		const counts = await flood(world, "x", "10.1.0.1");
		expect(counts.asked).toBeGreaterThan(30_000);
		// One a second to this address, of each kind, beside what is said to everybody anyway.
		expect(counts.answers).toBeGreaterThan(0);
		expect(counts.answers).toBeLessThan(60);
		const { sightings } = await a.look();
		expect(sightings[0]?.deviceId).toBe(deviceId);
		expect(sightings.filter(({ host }) => host === "10.1.0.3").length).toBeLessThanOrEqual(4);
		expect(a.child.exitCode).toBeNull();
	});
});
