import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { canStandIn, question } from "../stand-in-testing.ts";
import { readCreator } from "./gpu-clients.ts";
import { createMacosGpuSource } from "./gpus.ts";
import { sharedTotalBytes } from "./shared-memory.ts";
import { type MacosStandIn, startMacos } from "./testing.ts";

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

const GIGABYTE = 1024 ** 3;

describe.skipIf(!canStandIn)("macOS' I/O Registry", () => {
	test("tells Apple's own GPU: what of the shared memory it uses, of what Metal lets it have", async () => {
		macos.set({ busy: 37, used: 6_500_000_000, memory: 64 * GIGABYTE });
		expect(await createMacosGpuSource(macos.libraries).look(question())).toEqual({
			ok: true,
			value: {
				gpus: [
					{
						id: "registry:1000003a5",
						name: "Apple M3 Max",
						vendor: "apple",
						pciAddress: null,
						totalBytes: 48 * GIGABYTE,
						usedBytes: 6_500_000_000,
						busyFraction: 0.37,
						powerWatts: null,
						powerLimitWatts: null,
						temperatureCelsius: null,
						clockMegahertz: null,
						processes: null,
					},
				],
			},
		});
		expect([macos.get("objects"), macos.get("entries")]).toEqual([0, 0]);
	});

	test("tells a card's own memory, and its name that is kept as bytes", async () => {
		macos.set({ isIntel: 1, busy: -1, used: 1, vramUsed: 3_000_000_000 });
		expect(await createMacosGpuSource(macos.libraries).look(question())).toMatchObject({
			value: {
				gpus: [
					{
						name: "AMD Radeon Pro 5500M",
						vendor: "amd",
						totalBytes: 8176 * 1024 * 1024,
						usedBytes: 3_000_000_000,
						busyFraction: null,
					},
				],
			},
		});
		expect([macos.get("objects"), macos.get("entries")]).toEqual([0, 0]);
	});

	test("tells who keeps the GPU busy between two looks, all clients of a program together", async () => {
		let nowMs = 0;
		const source = createMacosGpuSource(macos.libraries, { nowMs: () => 0, monotonicMs: () => nowMs });
		macos.set({ busy: 90, blenderNs: 7e9, oursNs: 1e9 });
		expect(await source.look(question())).toMatchObject({ value: { gpus: [{ processes: null }] } });
		nowMs += 2_000;
		macos.set({ blenderNs: 7.25e9, oursNs: 2.5e9 });
		expect(await source.look(question())).toMatchObject({
			value: {
				gpus: [
					{
						processes: [
							{ pid: 100, name: "Blender", memoryBytes: null, busyFraction: 0.25 },
							{ pid: 4242, name: "node", memoryBytes: null, busyFraction: 0.75 },
						],
					},
				],
			},
		});
		expect([macos.get("objects"), macos.get("entries")]).toEqual([0, 0]);
	});

	test("lists ours also while they do nothing, and counts nothing for a client that was closed", async () => {
		let nowMs = 0;
		const source = createMacosGpuSource(macos.libraries, { nowMs: () => 0, monotonicMs: () => nowMs });
		const asked = question({ inferenceProcessIds: [4242] });
		macos.set({ busy: 0, blenderNs: 5e9, oursNs: 1e9 });
		await source.look(asked);
		nowMs += 2_000;
		macos.set({ blenderNs: 1e9 });
		expect(await source.look(asked)).toMatchObject({
			value: { gpus: [{ processes: [{ pid: 4242, busyFraction: 0 }] }] },
		});
	});

	test("doesn't ask who while the GPU has next to nothing to do, unless we may be among them", async () => {
		const source = createMacosGpuSource(macos.libraries);
		macos.set({ busy: 4 });
		await source.look(question());
		expect(macos.get("walks")).toBe(0);
		await source.look(question({ inferenceProcessIds: [4242] }));
		expect(macos.get("walks")).toBe(1);
	});

	test("without a GPU tells none", async () => {
		macos.set({ noGpu: 1 });
		expect(await createMacosGpuSource(macos.libraries).look(question())).toEqual({ ok: true, value: { gpus: [] } });
		expect(macos.get("entries")).toBe(0);
	});
});

test("a client's creator is a process and its name", () => {
	expect(readCreator("pid 533, WindowServer")).toEqual({ pid: 533, name: "WindowServer" });
	expect(readCreator("pid 9, Foo, Bar")).toEqual({ pid: 9, name: "Foo, Bar" });
	expect(readCreator("WindowServer")).toBeNull();
});

test("the memory a GPU shares is the owner's limit, or what Metal recommends", () => {
	const sysctl = (values: Readonly<Record<string, number>>) => (name: string) => values[name] ?? null;
	expect(sharedTotalBytes(sysctl({ "hw.memsize": 24 * GIGABYTE }))).toBe(16 * GIGABYTE);
	expect(sharedTotalBytes(sysctl({ "hw.memsize": 36 * GIGABYTE }))).toBe(27 * GIGABYTE);
	expect(sharedTotalBytes(sysctl({ "hw.memsize": 24 * GIGABYTE, "iogpu.wired_limit_mb": 0 }))).toBe(16 * GIGABYTE);
	expect(sharedTotalBytes(sysctl({ "hw.memsize": 24 * GIGABYTE, "iogpu.wired_limit_mb": 20_480 }))).toBe(20 * GIGABYTE);
	expect(sharedTotalBytes(sysctl({}))).toBeNull();
});
