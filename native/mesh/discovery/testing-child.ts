/**
 * A machine of a test: runs discovery in a process of its own and prints what happens, a JSON line each. Orders come as JSON lines on
 * its standard input. Must never be imported by the product.
 */
import { createInterface } from "node:readline";
import { z } from "zod";
import { systemClock } from "../../base/base.ts";
import { createDiscovery, openAddressMemory, type Sighting } from "./discovery.ts";

const setupSchema = z.object({
	deviceId: z.string(),
	name: z.string(),
	port: z.number(),
	/** Of the file of addresses. */
	path: z.string(),
	members: z.array(z.string()).default([]),
	beaconPort: z.number().optional(),
});
const orderSchema = z.discriminatedUnion("order", [
	z.object({ order: z.literal("look") }),
	z.object({ order: z.literal("refresh") }),
	z.object({ order: z.literal("stop") }),
	z.object({ order: z.literal("pair") }),
	z.object({ order: z.literal("reached"), deviceId: z.string(), host: z.string(), port: z.number() }),
	z.object({ order: z.literal("typed"), host: z.string(), port: z.number() }),
]);

const log = { debug() {}, info() {}, warn: say, error: say };
const setup = setupSchema.parse(JSON.parse(process.argv[2] ?? ""));
const state = { isPairing: false };
const discovery = createDiscovery({
	deviceId: setup.deviceId,
	name: setup.name,
	port: setup.port,
	clock: systemClock,
	log,
	memory: await openAddressMemory({ path: setup.path, log }),
	isPairing: () => state.isPairing,
	isMember: (id) => setup.members.includes(id),
	onFound: (sighting) => tell("found", sighting),
	onGone: (sighting) => tell("gone", sighting),
	...(setup.beaconPort === undefined ? {} : { beaconPort: setup.beaconPort }),
});

function print(line: object): void {
	process.stdout.write(`${JSON.stringify(line)}\n`);
}

function tell(event: "found" | "gone", sighting: Sighting): void {
	print({ event, sighting });
}

function say(fields: object, message: string): void {
	print({ event: "said", message, fields });
}

async function obey(line: string): Promise<void> {
	const order = orderSchema.parse(JSON.parse(line));
	switch (order.order) {
		case "look":
			print({ event: "state", sightings: discovery.sightings(), trouble: discovery.trouble() });
			break;
		case "refresh":
			discovery.refresh();
			break;
		case "pair":
			state.isPairing = true;
			discovery.announce({});
			break;
		case "typed":
			await discovery.typed(order.host, order.port);
			break;
		case "reached":
			discovery.reached(order.deviceId, order);
			break;
		case "stop":
			await discovery.stop();
			print({ event: "stopped" });
			process.exit(0);
	}
}

await discovery.start();
print({ event: "started" });
createInterface(process.stdin).on("line", (line) => void obey(line));
