/** Helpers for tests of discovery: machines in the nodes of a made network. Must never be imported by the product. */
import type { ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { z } from "zod";
import { type DeviceId, deviceIdOf } from "../identity/identity.ts";
import type { NetworkWorld } from "../testing/netns.ts";

const sightingSchema = z.object({
	deviceId: z.string(),
	name: z.string(),
	host: z.string(),
	port: z.number(),
	isPairing: z.boolean(),
	source: z.enum(["bonjour", "beacon"]),
});
const lineSchema = z.discriminatedUnion("event", [
	z.object({ event: z.enum(["found", "gone"]), sighting: sightingSchema }),
	z.object({ event: z.literal("said"), message: z.string(), fields: z.object({ code: z.string().optional() }) }),
	z.object({
		event: z.literal("state"),
		sightings: z.array(sightingSchema),
		trouble: z.array(z.object({ code: z.string(), message: z.string() })),
	}),
	z.object({ event: z.enum(["started", "stopped"]) }),
]);

/** What differs from a machine as it comes. */
export interface TestMachineOptions {
	readonly name?: string;
	readonly members?: readonly DeviceId[];
	/** Another one than everybody's: this machine is found by multicast DNS only. */
	readonly beaconPort?: number;
	readonly deviceId?: DeviceId;
	/** The file of addresses; without it, one that goes with the machine. */
	readonly path?: string;
}

/** A machine that runs discovery in a node. */
export interface TestMachine {
	readonly deviceId: DeviceId;
	readonly child: ChildProcess;
	/** Where it sees others at this moment: `host` and `source` of each, and its own words. */
	look(): Promise<Extract<z.infer<typeof lineSchema>, { event: "state" }>>;
	/** The addresses at which it sees a machine at this moment, sorted. */
	sees(other: { readonly deviceId: DeviceId }): Promise<readonly string[]>;
	order(order: {
		readonly order: string;
		readonly host?: string;
		readonly port?: number;
		readonly deviceId?: DeviceId;
	}): void;
	/** What it wrote into its log. */
	readonly said: readonly { readonly message: string; readonly fields: { readonly code?: string | undefined } }[];
	/** When it found or lost a sighting last, monotonic milliseconds of this process. */
	lastAtMs(event: "found" | "gone", host: string): number | null;
	/** All its findings of a host so far. */
	count(event: "found" | "gone", host: string): number;
}

/** A made-up id of the right form. */
export function testDeviceId(): DeviceId {
	return deviceIdOf(randomBytes(32));
}

/** Starts a machine, and waits until it looks. */
export async function startMachine(
	world: NetworkWorld,
	node: string,
	{ name = node, members = [], beaconPort, deviceId = testDeviceId(), path }: TestMachineOptions = {},
): Promise<TestMachine> {
	const folder = mkdtempSync(join(tmpdir(), "nightshift-discovery-"));
	const setup = JSON.stringify({
		deviceId,
		name,
		port: 4_000,
		path: path ?? join(folder, "addresses.json"),
		members,
		beaconPort,
	});
	const child = world.spawn(node, [fileURLToPath(new URL("./testing-child.ts", import.meta.url)), setup]);
	child.once("exit", () => rmSync(folder, { recursive: true, force: true }));
	// An order to a machine that has ended is noticed by its silence.
	child.stdin?.on("error", () => {});
	const lines: z.infer<typeof lineSchema>[] = [];
	const atMs: number[] = [];
	let lastWords = "";
	child.stderr?.on("data", (data: Buffer) => {
		lastWords += data.toString();
	});
	createInterface(child.stdout ?? expect.fail("no stdout")).on("line", (line) => {
		lines.push(lineSchema.parse(JSON.parse(line)));
		atMs.push(performance.now());
	});
	const order: TestMachine["order"] = (one) => void child.stdin?.write(`${JSON.stringify(one)}\n`);
	const states = () => lines.filter((line) => line.event === "state");
	const happened = (event: "found" | "gone", host: string) =>
		lines.flatMap((line, at) => (line.event === event && line.sighting.host === host ? [atMs[at] ?? 0] : []));
	await expect.poll(() => lastWords || lines.some((line) => line.event === "started")).toBe(true);

	const machine: TestMachine = {
		deviceId,
		child,
		order,
		async look() {
			const before = states().length;
			order({ order: "look" });
			await expect
				.poll(() => states().length, { interval: 10, message: `${node} is silent. ${lastWords}` })
				.toBeGreaterThan(before);
			return states()[before] ?? expect.fail();
		},
		async sees(other) {
			const { sightings } = await machine.look();
			return sightings
				.filter((one) => one.deviceId === other.deviceId)
				.map(({ host }) => host)
				.sort();
		},
		get said() {
			return lines.filter((line) => line.event === "said");
		},
		lastAtMs: (event, host) => happened(event, host).at(-1) ?? null,
		count: (event, host) => happened(event, host).length,
	};
	return machine;
}

/** Kills a machine as a power cut would: it says nothing. */
export async function kill(machine: TestMachine): Promise<void> {
	const isGone = once(machine.child, "exit");
	machine.child.kill("SIGKILL");
	await isGone;
}

/** A clock that stands until told how much later it is. */
export function standingClock() {
	let nowMs = 1_000_000;
	const pass = (ms: number) => {
		nowMs += ms;
	};
	return { clock: { nowMs: () => nowMs, monotonicMs: () => nowMs }, pass };
}
