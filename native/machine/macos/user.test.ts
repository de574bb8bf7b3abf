import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { canStandIn, question } from "../stand-in-testing.ts";
import { createMacosPowerSource } from "./power.ts";
import { type MacosStandIn, startMacos } from "./testing.ts";
import { createMacosUserSource } from "./user.ts";

let macos: MacosStandIn;
beforeAll(async () => {
	if (canStandIn) macos = await startMacos();
});
afterAll(() => {
	if (canStandIn) macos.whole.remove();
});
beforeEach(() => {
	if (canStandIn) macos.whole.clear();
});

describe.skipIf(!canStandIn)("macOS' desktop", () => {
	async function look() {
		const seen = await createMacosUserSource(macos.libraries).look(question());
		expect(macos.get("objects")).toBe(0);
		if (!seen.ok) throw new Error(seen.error.message);
		return seen.value;
	}

	test("tells how long nobody touched anything, that it is unlocked and nothing keeps the screen on", async () => {
		macos.set({ idleMs: 61_250 });
		expect(await look()).toEqual({
			hasDesktop: true,
			idleMs: 61_250,
			isLocked: false,
			foreground: { kind: "nothing", name: null },
		});
	});

	test.each([
		["a truth", 1],
		["a number", 2],
	])("is locked when the session says so by %s", async (_what, isLocked) => {
		macos.set({ isLocked });
		expect(await look()).toMatchObject({ isLocked: true });
	});

	test("is none without a session that has a screen", async () => {
		macos.set({ noSession: 1 });
		expect(await look()).toEqual({ hasDesktop: false });
	});

	test("that another user took the screen from has somebody before it of whom nothing is known", async () => {
		macos.set({ offScreen: 1, isLocked: 1, idleMs: 9_000_000 });
		expect(await look()).toEqual({ hasDesktop: true, idleMs: null, isLocked: false, foreground: null });
	});

	test("presents while a program keeps the screen on, and not because one keeps the computer awake", async () => {
		macos.set({ noDisplaySleep: 2 });
		expect(await look()).toMatchObject({ foreground: { kind: "presentation" } });
	});

	test("can't tell what keeps the screen on where macOS doesn't say", async () => {
		macos.set({ assertionStatus: -536870212 });
		expect(await look()).toMatchObject({ hasDesktop: true, foreground: null });
	});

	test("is absent where a library or a function is missing, and says which", async () => {
		const noLibrary = createMacosUserSource({ ...macos.libraries, coreGraphics: "/nowhere/CoreGraphics" });
		expect(await noLibrary.look(question())).toMatchObject({
			ok: false,
			error: { kind: "absent", message: expect.stringContaining("/nowhere/CoreGraphics") },
		});
		const noFunction = createMacosUserSource({ ...macos.libraries, ioKit: "libc.so.6" });
		expect(await noFunction.look(question())).toMatchObject({
			ok: false,
			error: { kind: "absent", message: "libc.so.6 has no IOPMCopyAssertionsStatus" },
		});
	});
});

describe.skipIf(!canStandIn)("macOS' power", () => {
	test.each([
		[
			{ supply: 0, capacity: 80, mostCapacity: 100 },
			{ supply: "mains", batteryFraction: 0.8 },
		],
		[
			{ supply: 1, capacity: 2_000, mostCapacity: 4_000 },
			{ supply: "battery", batteryFraction: 0.5 },
		],
		[
			{ supply: 2, noBattery: 1 },
			{ supply: "battery", batteryFraction: null },
		],
		[
			{ supply: 0, noBattery: 1 },
			{ supply: "mains", batteryFraction: null },
		],
		[
			{ supply: 3, noBattery: 1 },
			{ supply: null, batteryFraction: null },
		],
		[
			{ supply: 1, capacity: 5, mostCapacity: 0 },
			{ supply: "battery", batteryFraction: null },
		],
	])("from %o tells %o", async (state, told) => {
		macos.set(state);
		expect(await createMacosPowerSource(macos.libraries).look(question())).toMatchObject({ ok: true, value: told });
		expect(macos.get("objects")).toBe(0);
	});

	test.each([
		[0, "nominal"],
		[1, "fair"],
		[2, "serious"],
		[3, "critical"],
		[4, "critical"],
		[9, null],
	])("calls thermal pressure %i %s, by one registration", async (heat, told) => {
		macos.set({ heat });
		const source = createMacosPowerSource(macos.libraries);
		await source.look(question());
		expect(await source.look(question())).toMatchObject({ ok: true, value: { heat: told } });
		expect(macos.get("notifyOpen")).toBe(1);
		await source.stop();
		expect(macos.get("notifyOpen")).toBe(0);
	});

	test("tells the rest where heat can't be told", async () => {
		macos.set({ noHeat: 1 });
		const source = createMacosPowerSource(macos.libraries);
		expect(await source.look(question())).toMatchObject({ ok: true, value: { supply: "mains", heat: null } });
	});
});
