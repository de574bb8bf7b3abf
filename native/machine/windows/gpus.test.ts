import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { canStandIn, question } from "../stand-in-testing.ts";
import { createWindowsGpuSource } from "./gpus.ts";
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

const nvidia = {
	id: "pci:0000:2b:00.0",
	name: "NVIDIA GeForce RTX 4090",
	vendor: "nvidia",
	pciAddress: "0000:2b:00.0",
	totalBytes: 25_757_220_864,
	usedBytes: 8e9,
};

describe.skipIf(!canStandIn)("Windows' GPU counters", () => {
	test("tell memory at the first look, and who is busy from the second on", async () => {
		const source = createWindowsGpuSource(windows.libraries);
		expect(await source.look(question())).toMatchObject({
			ok: true,
			value: {
				gpus: [
					{
						...nvidia,
						busyFraction: null,
						processes: [
							{ pid: 100, name: "Blender", memoryBytes: 6.5e9, busyFraction: null },
							{ pid: 101, name: "großes Spiel", memoryBytes: 1e9, busyFraction: null },
						],
					},
					{ id: "pci:0000:00:02.0", name: "Intel(R) UHD Graphics 770", vendor: "intel", totalBytes: 134_217_728 },
				],
			},
		});
		windows.set({ temperature: 455 });
		const second = await source.look(question());
		expect(second).toMatchObject({
			ok: true,
			value: {
				gpus: [
					{
						...nvidia,
						// Two programs on one engine add up; the sum is no more than all of it.
						busyFraction: 1,
						temperatureCelsius: null,
						processes: [
							{ pid: 100, memoryBytes: 6.5e9, busyFraction: 0.7 },
							{ pid: 101, memoryBytes: 1e9, busyFraction: 0.5 },
						],
					},
					{
						busyFraction: 0.125,
						usedBytes: 4e7,
						temperatureCelsius: 45.5,
						processes: [{ pid: 102, name: "dwm", memoryBytes: 3e7, busyFraction: 0.125 }],
					},
				],
			},
		});
		// The one that draws with the processor is no GPU.
		expect(second.ok && second.value.gpus?.length).toBe(2);
		await source.stop();
		expect(windows.get("handlesOpen")).toBe(0);
		expect(windows.get("blocksOpen")).toBe(0);
		expect(windows.get("adapterOpen")).toBe(0);
	});

	test("ask for each process's name once", async () => {
		const source = createWindowsGpuSource(windows.libraries);
		await source.look(question());
		const asked = windows.get("processNamesAsked");
		expect(asked).toBe(3);
		await source.look(question());
		await source.look(question());
		expect(windows.get("processNamesAsked")).toBe(asked);
	});

	test("are read again when they grow between asking for their size and reading them", async () => {
		windows.set({ moreDataTimes: 2 });
		const seen = await createWindowsGpuSource(windows.libraries).look(question());
		expect(seen).toMatchObject({ value: { gpus: [{ usedBytes: 8e9, processes: [{ pid: 100 }, { pid: 101 }] }, {}] } });
	});

	test("are unknown, and no more is asked, when they grow without end", async () => {
		windows.set({ moreDataTimes: 1e6 });
		expect(await createWindowsGpuSource(windows.libraries).look(question())).toEqual({ ok: true, value: { gpus: [] } });
		expect(windows.get("blocksOpen")).toBe(0);
	});

	test("that have no data mean no GPU", async () => {
		windows.set({ collectStatus: 0x8000_07d5 });
		expect(await createWindowsGpuSource(windows.libraries).look(question())).toEqual({ ok: true, value: { gpus: [] } });
	});

	test("that fail say with what, and may answer next time", async () => {
		const source = createWindowsGpuSource(windows.libraries);
		windows.set({ collectStatus: 0xc0000bbc });
		expect(await source.look(question())).toEqual({
			ok: false,
			error: { kind: "failed", message: "PdhCollectQueryData answers 0xc0000bbc" },
		});
		windows.set({ collectStatus: 0 });
		expect(await source.look(question())).toMatchObject({ ok: true });
	});

	test("are absent on a Windows that has none, and nothing stays open", async () => {
		windows.set({ noCounters: 1 });
		const seen = await createWindowsGpuSource(windows.libraries).look(question());
		expect(seen).toMatchObject({ ok: false, error: { kind: "absent", message: expect.stringContaining("1709") } });
		expect(windows.get("handlesOpen")).toBe(0);
	});
});
