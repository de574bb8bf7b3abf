import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { describe, expect, test } from "vitest";
import { createNetwork, type NetworkWorld, whyNoNetworks } from "./netns.ts";

const impossible = whyNoNetworks();

/** Sends its name to everybody some times a second, and prints whose names it hears. */
const SHOUTER = `
	const socket = require("node:dgram").createSocket({ type: "udp4", reuseAddr: true });
	const [name, network] = process.argv.slice(1);
	socket.on("message", (said) => console.log(said.toString()));
	socket.bind(9999, "0.0.0.0", () => {
		socket.setBroadcast(true);
		setInterval(() => socket.send(name, 9999, network, () => {}), 100);
	});
`;

/** Starts a shouter on each node and answers, per node, whom it hears from now on. */
function shout(world: NetworkWorld, nodes: readonly string[]): Map<string, Set<string>> {
	const heard = new Map<string, Set<string>>();
	for (const node of nodes) {
		const names = new Set<string>();
		heard.set(node, names);
		const child = world.spawn(node, ["-e", SHOUTER, node, "10.1.0.255"]);
		if (child.stdout === null) throw new Error("no stdout");
		createInterface(child.stdout).on("line", (name) => names.add(name));
	}
	return heard;
}

/** Waits until in some time everybody hears exactly those that may be heard. */
async function expectHearing(heard: Map<string, Set<string>>, who: { readonly [node: string]: string }): Promise<void> {
	const hear = () => {
		const now = [...heard].map(([node, names]) => [node, [...names].sort().join("")]);
		// What was under way before a cable was cut is still told after it.
		for (const names of heard.values()) names.clear();
		return Object.fromEntries(now);
	};
	await expect.poll(hear, { interval: 500 }).toEqual(who);
}

describe.skipIf(impossible !== null)(`networks made for a test${impossible === null ? "" : `: ${impossible}`}`, () => {
	test("cuts any two nodes apart, in both directions or one, and mends it", async () => {
		await using world = await createNetwork({ networks: ["home"], nodes: { a: ["home"], b: ["home"], c: ["home"] } });
		const heard = shout(world, ["a", "b", "c"]);
		await expectHearing(heard, { a: "abc", b: "abc", c: "abc" });
		await world.cut("home", "a", "b");
		await expectHearing(heard, { a: "ac", b: "bc", c: "abc" });
		await world.heal("home", "a", "b");
		await world.cutOneWay("home", "a", "c");
		await expectHearing(heard, { a: "abc", b: "abc", c: "bc" });
		await world.heal("home", "a", "c");
		await expectHearing(heard, { a: "abc", b: "abc", c: "abc" });
	});

	test("takes adapters out and puts them in, with the old address or another", async () => {
		await using world = await createNetwork({ networks: ["home"], nodes: { a: ["home"] } });
		const addresses = async () => {
			const child = world.spawn("a", ["-p", "(os.networkInterfaces().home ?? []).map((one) => one.address).join()"]);
			const [line] = await once(child.stdout ?? expect.fail(), "data");
			return String(line).trim().split(",")[0];
		};
		expect(await addresses()).toBe("10.1.0.1");
		await world.unplug("a", "home");
		expect(await addresses()).toBe("");
		await world.plug("a", "home");
		expect(await addresses()).toBe("10.1.0.1");
		await world.readdress("a", "home", "10.1.0.77");
		expect(await addresses()).toBe("10.1.0.77");
		expect(world.addressOf("a", "home")).toBe("10.1.0.77");
	});

	test("leaves nothing behind, also of a run that was killed", async () => {
		// Higher process ids than Linux gives.
		spawnSync("ip", ["netns", "add", "nsh99999999n1-a"]);
		{
			await using world = await createNetwork({ networks: ["home"], nodes: { a: ["home"] } });
			world.spawn("a", ["-e", "setInterval(() => {}, 1000)"]);
			expect(namespaces().filter((name) => name.startsWith(`nsh${process.pid}n`))).toHaveLength(2);
		}
		const left = namespaces().filter(
			(name) => name.startsWith(`nsh${process.pid}n`) || name.startsWith("nsh99999999n"),
		);
		expect(left).toEqual([]);
	});
});

function namespaces(): readonly string[] {
	const listed = spawnSync("ip", ["netns", "list"], { encoding: "utf8" }).stdout;
	return listed.split("\n").map((line) => line.split(" ")[0] ?? "");
}
