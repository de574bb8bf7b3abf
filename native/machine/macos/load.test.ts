import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { canStandIn, question } from "../stand-in-testing.ts";
import { createMacosLoadSource } from "./load.ts";
import { createMacosProgramsSource } from "./programs.ts";
import { type MacosStandIn, startMacos } from "./testing.ts";

let macos: MacosStandIn;
let nowMs = 0;
const clock = { nowMs: () => 0, monotonicMs: () => nowMs };
beforeAll(async () => {
	if (canStandIn) macos = await startMacos();
});
afterAll(() => {
	if (canStandIn) macos.whole.remove();
});
beforeEach(() => {
	if (!canStandIn) return;
	macos.whole.clear();
	nowMs = 1_000;
});

const PAGE = 16_384;
const memory = { memory: 16 * 1024 ** 3, pressure: 1 };

describe.skipIf(!canStandIn)("macOS' load", () => {
	test("counts memory as the Activity Monitor does", async () => {
		macos.set({ ...memory, freePages: 10_000, wiredPages: 100_000, internalPages: 300_000, purgeablePages: 20_000 });
		macos.set({ compressedPages: 50_000 });
		const source = createMacosLoadSource(macos.libraries, clock, 8);
		expect(await source.look(question())).toMatchObject({
			ok: true,
			value: { memory: { totalBytes: 16 * 1024 ** 3, availableBytes: 16 * 1024 ** 3 - 430_000 * PAGE } },
		});
		macos.set({ pressure: 2 });
		expect(await source.look(question())).toMatchObject({ value: { memory: { availableBytes: 10_000 * PAGE } } });
	});

	test("tells processor time between two looks over the wrapping of its counters, ours apart", async () => {
		const source = createMacosLoadSource(macos.libraries, clock, 8);
		const asked = question({ ownProcessIds: [100, 101, 9_999] });
		macos.set({
			...memory,
			ticksUser: 0xffff_fff0,
			ticksSystem: 500,
			ticksIdle: 1_000,
			ownResident: 5e8,
			ownFootprint: 1e9,
		});
		expect(await source.look(asked)).toMatchObject({
			value: { cpu: { totalFraction: null }, ownCpuFraction: null, ownMemoryBytes: 2e9 },
		});
		// 24,000,000 ticks of 125/3 ns are a second; two processes, on 8 cores, in 2 s.
		macos.set({ ticksUser: 0x10, ticksSystem: 568, ticksIdle: 1_300, ownUser: 18_000_000, ownSystem: 6_000_000 });
		nowMs += 2_000;
		expect(await source.look(asked)).toMatchObject({
			value: { cpu: { totalFraction: 0.25 }, ownCpuFraction: 2 / 16 },
		});
		expect(macos.get("hostRights")).toBe(1);
	});
});

describe.skipIf(!canStandIn)("macOS' programs", () => {
	test("are looked for when somebody asks, and every 10 s at most", async () => {
		const source = createMacosProgramsSource(macos.libraries, clock);
		expect(await source.look(question())).toEqual({ ok: true, value: {} });
		const asked = question({ programs: ["blender"] });
		const told = { ok: true, value: { programs: ["launchd", "blender", "x"] } };
		expect(await source.look(asked)).toEqual(told);
		nowMs += 9_999;
		expect(await source.look(asked)).toEqual(told);
		expect(macos.get("lists")).toBe(1);
		nowMs += 1;
		await source.look(asked);
		expect(macos.get("lists")).toBe(2);
	});
});
