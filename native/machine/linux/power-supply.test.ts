import { afterEach, expect, test } from "vitest";
import { question } from "../stand-in-testing.ts";
import { createPowerSupplySource } from "./power-supply.ts";
import { handClock, plantTree, sightOf, type Tree } from "./testing.ts";

let tree: Tree;
afterEach(() => tree.remove());

type Supplies = Readonly<Record<string, Readonly<Record<string, string>>>>;

async function seen(supplies: Supplies) {
	const files: Record<string, string> = {};
	for (const [name, values] of Object.entries(supplies)) {
		for (const [key, value] of Object.entries(values)) files[`sys/class/power_supply/${name}/${key}`] = `${value}\n`;
	}
	tree = plantTree(files);
	return await sightOf(createPowerSupplySource(tree.root, handClock()));
}

const battery = { type: "Battery", scope: "System", present: "1", status: "Discharging", capacity: "40" };

test("a laptop whose adapter is in is on mains, even while a weak one lets the battery sink", async () => {
	const supplies = { AC: { type: "Mains", online: "1" }, BAT0: battery };
	expect(await seen(supplies)).toEqual({ supply: "mains", batteryFraction: 0.4 });
});

test("a laptop whose adapter is out is on battery", async () => {
	expect(await seen({ AC: { type: "Mains", online: "0" }, BAT0: battery })).toMatchObject({ supply: "battery" });
});

test("a plug that is pulled shows at once, a battery that sinks within half a minute", async () => {
	await seen({ AC: { type: "Mains", online: "1" }, BAT0: battery });
	const clock = handClock();
	const source = createPowerSupplySource(tree.root, clock);
	expect(await sightOf(source)).toEqual({ supply: "mains", batteryFraction: 0.4 });
	tree.write({ "sys/class/power_supply/AC/online": "0\n", "sys/class/power_supply/BAT0/capacity": "39\n" });
	clock.pass(2_000);
	expect(await sightOf(source)).toEqual({ supply: "battery", batteryFraction: 0.39 });
	tree.write({ "sys/class/power_supply/BAT0/capacity": "38\n" });
	clock.pass(30_000);
	expect(await sightOf(source)).toEqual({ supply: "battery", batteryFraction: 0.38 });
});

test("a charger on a USB socket is mains", async () => {
	const supplies = { "ucsi-source-psy-1": { type: "USB", online: "1" }, BAT0: { ...battery, status: "Charging" } };
	expect(await seen(supplies)).toMatchObject({ supply: "mains" });
});

test("several batteries count by what they hold", async () => {
	const small = { ...battery, capacity: "100", energy_full: "20000000" };
	const large = { ...battery, capacity: "20", energy_full: "60000000" };
	expect((await seen({ BAT0: small, BAT1: large })).batteryFraction).toBeCloseTo(0.4);
});

test("a mouse's battery does not make a PC a laptop", async () => {
	const mouse = { type: "Battery", scope: "Device", status: "Discharging", capacity: "3" };
	expect(await seen({ hidpp_battery_0: mouse, AC: { type: "Mains", online: "1" } })).toEqual({
		supply: "mains",
		batteryFraction: null,
	});
	tree.remove("sys/class/power_supply/AC");
	expect(await createPowerSupplySource(tree.root, handClock()).look(question())).toMatchObject({
		ok: false,
		error: { kind: "absent" },
	});
});

test("a bay without its battery is none", async () => {
	const supplies = { AC: { type: "Mains", online: "0" }, BAT0: battery, BAT1: { type: "Battery", present: "0" } };
	expect(await seen(supplies)).toEqual({ supply: "battery", batteryFraction: 0.4 });
});

test.skipIf(process.platform !== "linux")("this computer answers, or has nothing of the kind", async () => {
	tree = plantTree();
	const looked = await createPowerSupplySource("/", handClock()).look(question());
	expect(looked.ok || looked.error.kind === "absent").toBe(true);
});
