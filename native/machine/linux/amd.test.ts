import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { question } from "../stand-in-testing.ts";
import { createDrmSource } from "./amd.ts";
import { handClock, plantTree, sightOf, type Tree } from "./testing.ts";

let tree: Tree;
afterEach(() => tree.remove());

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
const PCI = "0000:03:00.0";
const DEVICE = `sys/devices/pci0000:00/${PCI}`;

/** What amdgpu tells of a Radeon RX 7900 XTX. */
const CARD = {
	vendor: "0x1002\n",
	device: "0x744c\n",
	gpu_busy_percent: "37\n",
	mem_info_vram_total: `${24 * GIB}\n`,
	mem_info_vram_used: `${6 * GIB}\n`,
	mem_info_vram_vendor: "samsung\n",
	mem_info_gtt_total: `${16 * GIB}\n`,
	mem_info_gtt_used: `${GIB}\n`,
	"power/runtime_status": "active\n",
	"hwmon/hwmon4/name": "amdgpu\n",
	"hwmon/hwmon4/power1_average": "131000000\n",
	"hwmon/hwmon4/power1_cap": "339000000\n",
	"hwmon/hwmon4/temp1_input": "58000\n",
	"hwmon/hwmon4/freq1_input": "2304000000\n",
};

function plant(files: Readonly<Record<string, string>>, card = "card1", device = DEVICE): void {
	tree = plantTree();
	addCard(files, card, device);
}

function addCard(files: Readonly<Record<string, string>>, card: string, device: string): void {
	tree.write(Object.fromEntries(Object.entries(files).map(([name, value]) => [`${device}/${name}`, value])));
	mkdirSync(join(tree.root, "sys/class/drm", card), { recursive: true });
	symlinkSync(join(tree.root, device), join(tree.root, "sys/class/drm", card, "device"));
}

function without(name: string): Readonly<Record<string, string>> {
	return Object.fromEntries(Object.entries(CARD).filter(([key]) => key !== name));
}

/** An open file of amdgpu, as kernel 6.8 tells it. */
function fdinfo(client: number, memoryMib: number, gfxNs: number, computeNs = 0): string {
	return [
		"pos:\t0\nflags:\t02100002\nmnt_id:\t30\nino:\t950",
		"drm-driver:\tamdgpu",
		`drm-client-id:\t${client}`,
		`drm-pdev:\t${PCI}`,
		`drm-memory-vram:\t${memoryMib * 1024} KiB`,
		"drm-memory-gtt: \t2048 KiB",
		`drm-engine-gfx:\t${gfxNs} ns`,
		`drm-engine-compute:\t${computeNs} ns`,
		"",
	].join("\n");
}

function open(pid: number, file: number, content: string, target = "/dev/dri/renderD128"): void {
	tree.write({ [`proc/${pid}/fd/${file}`]: `-> ${target}`, [`proc/${pid}/fdinfo/${file}`]: content });
}

describe("a card of AMD's", () => {
	test("tells what it is and does", async () => {
		plant(CARD);
		tree.write({
			"usr/share/misc/pci.ids": [
				"# list",
				"1001  Kolter",
				"\t744c  Wrong",
				"1002  AMD/ATI",
				"\t744c  Navi 31 [Radeon RX 7900 XT/7900 XTX]",
				"8086  Intel\n",
			].join("\n"),
		});
		const { gpus } = await sightOf(createDrmSource(tree.root, handClock()));
		expect(gpus).toEqual([
			{
				id: `pci:${PCI}`,
				name: "AMD Radeon RX 7900 XT/7900 XTX",
				vendor: "amd",
				pciAddress: PCI,
				totalBytes: 24 * GIB,
				usedBytes: 6 * GIB,
				busyFraction: 0.37,
				powerWatts: 131,
				powerLimitWatts: 339,
				temperatureCelsius: 58,
				clockMegahertz: 2304,
				processes: [],
			},
		]);
	});

	test("that is switched off to save power is not woken by asking its sensors", async () => {
		plant({ ...CARD, "power/runtime_status": "suspended\n" });
		const { gpus } = await sightOf(createDrmSource(tree.root, handClock()));
		expect(gpus).toMatchObject([{ busyFraction: 0, usedBytes: 6 * GIB, powerWatts: null, temperatureCelsius: null }]);
	});

	test("that is new tells its power under another name", async () => {
		plant({ ...without("hwmon/hwmon4/power1_average"), "hwmon/hwmon4/power1_input": "55000000\n" });
		expect((await sightOf(createDrmSource(tree.root, handClock()))).gpus).toMatchObject([{ powerWatts: 55 }]);
	});

	test("in the processor counts the main memory it may use", async () => {
		plant({ ...without("hwmon/hwmon4/power1_cap"), mem_info_vram_vendor: "unknown\n" });
		const { gpus } = await sightOf(createDrmSource(tree.root, handClock()));
		expect(gpus).toMatchObject([{ name: "AMD GPU 1002:744c", totalBytes: 40 * GIB, usedBytes: 7 * GIB }]);
	});

	test("whose driver says nothing is there nevertheless", async () => {
		plant({ vendor: "0x1002\n", device: "0x744c\n", product_name: "AMD Instinct MI210\n" });
		const { gpus } = await sightOf(createDrmSource(tree.root, handClock()));
		expect(gpus).toMatchObject([{ name: "AMD Instinct MI210", totalBytes: null, usedBytes: null, busyFraction: null }]);
	});
});

test("Intel's GPU is told beside it, NVIDIA's is left to its own library", async () => {
	plant(CARD);
	addCard({ vendor: "0x8086\n", device: "0xa780\n" }, "card0", "sys/devices/pci0000:00/0000:00:02.0");
	addCard({ vendor: "0x10de\n", device: "0x2684\n" }, "card2", "sys/devices/pci0000:00/0000:01:00.0");
	tree.write({ "sys/class/drm/card0/gt_act_freq_mhz": "1450\n", "sys/class/drm/card1-DP-1/status": "connected\n" });
	const { gpus } = await sightOf(createDrmSource(tree.root, handClock()));
	expect(gpus?.map(({ vendor, clockMegahertz }) => [vendor, clockMegahertz])).toEqual([
		["intel", 1450],
		["amd", 2304],
	]);
});

describe("processes on the GPU", () => {
	test("tell their memory at once and their time from the second look on", async () => {
		plant(CARD);
		open(7, 3, fdinfo(11, 512, 1_000_000_000));
		const clock = handClock();
		const source = createDrmSource(tree.root, clock);
		expect((await sightOf(source)).gpus?.[0]?.processes).toEqual([
			{ pid: 7, name: null, memoryBytes: 512 * MIB, busyFraction: null },
		]);
		clock.pass(2_000);
		open(7, 3, fdinfo(11, 600, 1_500_000_000, 200_000_000));
		expect((await sightOf(source)).gpus?.[0]?.processes).toEqual([
			{ pid: 7, name: null, memoryBytes: 600 * MIB, busyFraction: 0.25 },
		]);
	});

	test("that do nothing are read seldom, and their time is told right when they begin", async () => {
		plant(CARD);
		open(7, 3, fdinfo(11, 1, 0));
		const clock = handClock();
		const source = createDrmSource(tree.root, clock);
		const seen: (number | null | undefined)[] = [];
		for (let look = 0; look < 20; look++) {
			// Half of the GPU's time from the tenth look on.
			const workedMs = Math.max(0, look - 10) * 1_000;
			open(7, 3, fdinfo(11, 1, workedMs * 1e6));
			seen.push((await sightOf(source)).gpus?.[0]?.processes?.[0]?.busyFraction);
			clock.pass(2_000);
		}
		expect(seen.slice(1, 10)).toEqual(Array(9).fill(0));
		expect(Math.max(...seen.map((part) => part ?? 0))).toBe(0.5);
		expect(seen.at(-1)).toBe(0.5);
	});

	test("count a client once, however often it is open and by whom", async () => {
		plant(CARD);
		open(7, 3, fdinfo(11, 512, 0));
		open(7, 4, fdinfo(11, 512, 0));
		open(7, 5, fdinfo(12, 100, 0));
		open(9, 8, fdinfo(11, 512, 0));
		open(9, 9, fdinfo(13, 7, 0));
		const { gpus } = await sightOf(createDrmSource(tree.root, handClock()));
		expect(gpus?.[0]?.processes?.map(({ pid, memoryBytes }) => [pid, memoryBytes])).toEqual([
			[7, 612 * MIB],
			[9, 7 * MIB],
		]);
	});

	test("that open it some time after their start are found, and those that end are forgotten", async () => {
		plant(CARD);
		tree.write({ "proc/7/fd/1": "-> /dev/null" });
		const clock = handClock();
		const source = createDrmSource(tree.root, clock);
		await sightOf(source);
		open(7, 3, fdinfo(11, 1, 0));
		clock.pass(2_000);
		expect((await sightOf(source)).gpus?.[0]?.processes).toHaveLength(1);
		tree.remove("proc/7");
		clock.pass(2_000);
		expect((await sightOf(source)).gpus?.[0]?.processes).toEqual([]);
	});

	test("are found among thousands within a few looks, our own at the first", async () => {
		plant(CARD);
		for (let pid = 1000; pid < 1300; pid++) tree.write({ [`proc/${pid}/fd/1`]: "-> /dev/null" });
		open(1298, 3, fdinfo(11, 1, 0));
		open(1299, 3, fdinfo(12, 2, 0));
		const clock = handClock();
		const source = createDrmSource(tree.root, clock);
		const own = { inferenceProcessIds: [1299] };
		expect((await sightOf(source, own)).gpus?.[0]?.processes?.map(({ pid }) => pid)).toEqual([1299]);
		for (let look = 0; look < 12; look++) {
			clock.pass(2_000);
			await sightOf(source, own);
		}
		expect((await sightOf(source, own)).gpus?.[0]?.processes?.map(({ pid }) => pid)).toEqual([1298, 1299]);
	});
});

test("a computer without such a GPU has no such source", async () => {
	tree = plantTree();
	const looked = await createDrmSource(tree.root, handClock()).look(question());
	expect(looked).toMatchObject({ ok: false, error: { kind: "absent" } });
});

test.skipIf(process.platform !== "linux")("this computer answers, or has no such GPU", async () => {
	tree = plantTree();
	const looked = await createDrmSource("/", handClock()).look(question({ inferenceProcessIds: [process.pid] }));
	expect(looked.ok || looked.error.kind === "absent").toBe(true);
});
