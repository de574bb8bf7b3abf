import { expect, test } from "vitest";
import type { MachineSnapshot } from "../../native/contract/contract.ts";
import { listMachines, type MachineCard } from "./machine-cards.ts";
import { sampleMachine } from "./testing.ts";

function cardOf(...status: Parameters<typeof sampleMachine>): MachineCard | undefined {
	return listMachines(sampleMachine(...status))[0];
}

function factOf(label: string, snapshot: Partial<MachineSnapshot>): string | undefined {
	return cardOf(snapshot)?.facts.find((fact) => fact.label === label)?.value;
}

test("the only machine is this one, by its name", () => {
	expect(listMachines(sampleMachine()).map(({ name, isThis }) => ({ name, isThis }))).toEqual([
		{ name: "workstation", isThis: true },
	]);
});

test("why work does not run is said as a sentence", () => {
	const card = cardOf({}, { rung: "yield", reason: "waiting: Blender uses 6.1 GB of GPU memory" });
	expect(card).toMatchObject({ tone: "warn", reason: "Waiting: Blender uses 6.1 GB of GPU memory." });
	expect(cardOf()).toMatchObject({ tone: "good", reason: "Batch work may run here." });
});

test("a share of the GPU is told only where it is not all of it", () => {
	expect(cardOf({}, { shareFraction: 0.5 })?.shareFraction).toBe(0.5);
	expect(cardOf()?.shareFraction).toBeNull();
});

test("who is at the desk is told as far as it is known", () => {
	const user = { hasDesktop: true, idleMs: 720_000, isLocked: false, foreground: null };
	expect(factOf("At the desk", { user })).toBe("nobody for 12 min");
	expect(factOf("At the desk", { user: { ...user, idleMs: 3_000 } })).toBe("somebody, just now");
	expect(factOf("At the desk", { user: { ...user, isLocked: true } })).toBe("locked");
	expect(factOf("At the desk", { user: { ...user, idleMs: null, isLocked: null } })).toBe("unknown");
	expect(factOf("At the desk", { user: { ...user, hasDesktop: false } })).toBe("no desktop session");
});

test("mains and battery are told apart, and not knowing is said", () => {
	expect(factOf("Power supply", { power: { supply: "battery", batteryFraction: 0.63 } })).toBe("battery, 63%");
	expect(factOf("Power supply", { power: { supply: "mains", batteryFraction: null } })).toBe("mains");
	expect(factOf("Power supply", { power: { supply: null, batteryFraction: null } })).toBe("unknown");
});
