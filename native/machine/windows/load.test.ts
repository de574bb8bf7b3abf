import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { canStandIn, question } from "../stand-in-testing.ts";
import { createWindowsLoadSource } from "./load.ts";
import { createWindowsPowerSource } from "./power.ts";
import { startWindows, type WindowsStandIn } from "./testing.ts";

let windows: WindowsStandIn;
beforeAll(async () => {
	if (canStandIn) windows = await startWindows();
});
afterAll(() => {
	if (canStandIn) windows.whole.remove();
});
beforeEach(() => {
	if (canStandIn) windows.whole.clear();
});

describe.skipIf(!canStandIn)("Windows' power", () => {
	test.each([
		[
			"mains and a full battery",
			{ acLine: 1, batteryFlag: 8, batteryPercent: 100 },
			{ supply: "mains", batteryFraction: 1 },
		],
		["battery", { acLine: 0, batteryFlag: 2, batteryPercent: 37 }, { supply: "battery", batteryFraction: 0.37 }],
		["no battery", { acLine: 1, batteryFlag: 128, batteryPercent: 255 }, { supply: "mains", batteryFraction: null }],
		["nothing known", { acLine: 255, batteryFlag: 255, batteryPercent: 255 }, { supply: null, batteryFraction: null }],
	])("tells %s", async (_what, state, told) => {
		windows.set(state);
		expect(await createWindowsPowerSource(windows.libraries).look(question())).toEqual({ ok: true, value: told });
	});

	test("that fails may answer next time", async () => {
		const source = createWindowsPowerSource(windows.libraries);
		windows.set({ powerFails: 1 });
		expect(await source.look(question())).toMatchObject({ ok: false, error: { kind: "failed" } });
		windows.set({ powerFails: 0, acLine: 1, batteryFlag: 128 });
		expect(await source.look(question())).toMatchObject({ ok: true, value: { supply: "mains" } });
	});
});

describe.skipIf(!canStandIn)("Windows' load", () => {
	test("tells memory at once, and processor time between two looks, ours apart", async () => {
		const source = createWindowsLoadSource(windows.libraries);
		windows.set({ totalMemory: 34_359_738_368n, freeMemory: 8_589_934_592n, ownMemory: 1_500_000_000 });
		windows.set({ idleTime: 5_000, kernelTime: 6_000, userTime: 4_000, ownKernel: 100, ownUser: 900 });
		const asked = question({ ownProcessIds: [100, 101, 9_999] });
		expect(await source.look(asked)).toEqual({
			ok: true,
			value: {
				memory: { totalBytes: 34_359_738_368, availableBytes: 8_589_934_592 },
				ownMemoryBytes: 3_000_000_000,
				cpu: { totalFraction: null },
				ownCpuFraction: null,
			},
		});
		// 16 s of all cores more, 12 of them idle; our two processes took 0.5 s each.
		windows.set({ idleTime: 17_000, kernelTime: 19_000, userTime: 7_000, ownKernel: 200, ownUser: 1_300 });
		expect(await source.look(asked)).toMatchObject({
			ok: true,
			value: { cpu: { totalFraction: 0.25 }, ownCpuFraction: 1 / 16 },
		});
		expect(windows.get("handlesOpen")).toBe(0);
	});

	test("counts a process that just began from the look after", async () => {
		const source = createWindowsLoadSource(windows.libraries);
		windows.set({ kernelTime: 1_000, ownUser: 800 });
		await source.look(question());
		windows.set({ kernelTime: 2_000 });
		expect(await source.look(question({ ownProcessIds: [100] }))).toMatchObject({ value: { ownCpuFraction: 0 } });
		windows.set({ kernelTime: 3_000, ownUser: 1_300 });
		expect(await source.look(question({ ownProcessIds: [100] }))).toMatchObject({ value: { ownCpuFraction: 0.5 } });
	});

	test("does not divide by time that did not pass", async () => {
		const source = createWindowsLoadSource(windows.libraries);
		await source.look(question());
		expect(await source.look(question())).toMatchObject({
			value: { cpu: { totalFraction: null }, ownCpuFraction: null },
		});
	});
});
