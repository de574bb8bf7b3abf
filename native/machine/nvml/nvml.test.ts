import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Clock } from "../../base/base.ts";
import type { Source } from "../source.ts";
import { createNvmlSource } from "./nvml.ts";
import { expectSound, faultOf, gpusOf, plainQuestion } from "./nvml-testing.ts";
import { buildStandIn, type StandIn } from "./stand-in-testing.ts";

const GB = 1_000_000_000;
const OURS = 4_001;
const GAME = 4_002;
const DESKTOP = 4_003;
const idleCard = [`gpu ${24 * GB} ${1 * GB} 0 18500 41`, `process ${DESKTOP} ${1 * GB} 0 graphics`];
const weRun = [
	`gpu ${24 * GB} ${9 * GB} 97 340250 68`,
	`process ${DESKTOP} ${1 * GB} 1 graphics`,
	`process ${OURS} ${8 * GB} 96 compute`,
];

let standIn: StandIn;
let source: Source;
const nowMs = 0;
const clock: Clock = { nowMs: () => nowMs, monotonicMs: () => nowMs };
beforeAll(() => {
	standIn = buildStandIn();
});
afterAll(() => standIn.remove());
beforeEach(() => {
	source = createNvmlSource({ libraryNames: [standIn.path], clock });
});
afterEach(async () => {
	standIn.play();
	await source.stop();
});

/** The only GPU there is. */
async function look() {
	const [gpu, ...others] = await gpusOf(source);
	expect(others).toEqual([]);
	if (gpu === undefined) throw new Error("no GPU");
	expectSound(gpu);
	return gpu;
}

/** The same after a look before it, from which use counts. */
async function lookAfter(...before: readonly string[]) {
	const later = ["clock 2000000"];
	standIn.play("clock 1000000", ...before);
	await look();
	return (...lines: readonly string[]) => {
		standIn.play(...later, ...lines);
		return look();
	};
}

async function fault() {
	return faultOf(await source.look(plainQuestion()));
}

describe("a card", () => {
	test("that idles tells all its figures", async () => {
		const then = await lookAfter(...idleCard);
		expect(await then(...idleCard)).toEqual({
			...{ id: "nvidia:GPU-00000000-0000-0000-0000-000000000000", name: "Stand-in", vendor: "nvidia" },
			...{ pciAddress: "0000:0a:00.0", totalBytes: 24 * GB, usedBytes: 1 * GB, busyFraction: 0 },
			...{ powerWatts: 18.5, powerLimitWatts: 450, temperatureCelsius: 41, clockMegahertz: 210 },
			processes: [{ pid: DESKTOP, name: null, memoryBytes: 1 * GB, busyFraction: 0 }],
		});
	});

	test("that works for us tells our part", async () => {
		const then = await lookAfter(...idleCard);
		const gpu = await then(...weRun);
		expect(gpu).toMatchObject({ usedBytes: 9 * GB, busyFraction: 0.97, powerWatts: 340.25, clockMegahertz: 2_520 });
		expect(gpu.processes).toContainEqual({ pid: OURS, name: null, memoryBytes: 8 * GB, busyFraction: 0.96 });
	});

	test("on which a game starts tells the game's part", async () => {
		const then = await lookAfter(...weRun);
		const gpu = await then(...weRun, `process ${GAME} ${6 * GB} 55 graphics`);
		expect(gpu.processes).toContainEqual({ pid: GAME, name: null, memoryBytes: 6 * GB, busyFraction: 0.55 });
	});

	test("whose memory fills tells so without what the driver keeps for itself", async () => {
		standIn.play(`gpu ${24 * GB} ${23 * GB} 12 90000 50`, `reserved ${GB / 2}`);
		expect(await look()).toMatchObject({ totalBytes: 24 * GB, usedBytes: 23 * GB });
	});

	test("next to another is told apart from it", async () => {
		standIn.play(...idleCard, `gpu ${8 * GB} 0 0 9000 30 Small`);
		const gpus = await gpusOf(source);
		expect(gpus.map(({ name, pciAddress }) => [name, pciAddress])).toEqual([
			["Stand-in", "0000:0a:00.0"],
			["Small", "0000:0b:00.0"],
		]);
	});
});

describe("processes", () => {
	test("that compute and draw count once", async () => {
		standIn.play(`gpu ${24 * GB} ${6 * GB} 0 0 40`, `process ${GAME} ${6 * GB} 0 both`);
		expect((await look()).processes).toMatchObject([{ pid: GAME, memoryBytes: 6 * GB }]);
	});

	test("that come and go between looks, and more than fit at first, are those of the moment", async () => {
		const crowd = Array.from({ length: 70 }, (_, index) => `process ${index + 1} 1000 0 compute`);
		standIn.play(`gpu ${24 * GB} 70000 0 0 40`, ...crowd);
		expect((await look()).processes).toHaveLength(70);
		standIn.play(...idleCard);
		expect((await look()).processes).toMatchObject([{ pid: DESKTOP }]);
	});

	test("whose list grows while it is read are read again", async () => {
		standIn.play(...weRun, "grow 3");
		expect((await look()).processes).toMatchObject([{ pid: OURS }, { pid: DESKTOP }]);
	});

	test("whose list never stops growing can't be told, all else can", async () => {
		standIn.play(...idleCard, "grow 1000000");
		expect(await look()).toMatchObject({ usedBytes: 1 * GB, processes: null });
	});

	test("without memory of their own, as on Windows, are listed", async () => {
		standIn.play(`gpu ${24 * GB} ${6 * GB} 0 0 40`, `process ${GAME} - 0 both`);
		expect(await look()).toMatchObject({ usedBytes: 6 * GB, processes: [{ pid: GAME, memoryBytes: null }] });
	});

	test("are read from entries of every size that drivers have", async () => {
		for (const processSize of [16, 24, 32] as const) {
			const driver = buildStandIn({ processSize });
			source = createNvmlSource({ libraryNames: [driver.path] });
			driver.play(...weRun, `process ${GAME} ${6 * GB} 0 compute`);
			expect((await look()).processes, `${processSize}`).toMatchObject([
				{ pid: OURS, memoryBytes: 8 * GB },
				{ pid: GAME, memoryBytes: 6 * GB },
				{ pid: DESKTOP, memoryBytes: 1 * GB },
			]);
			await source.stop();
			driver.remove();
		}
	});
});

describe("use by process", () => {
	test("is unknown at the first look, which has nothing to begin from", async () => {
		standIn.play(...weRun);
		expect((await look()).processes).toMatchObject([{ busyFraction: null }, { busyFraction: null }]);
	});

	test("is the mean of new samples; old ones and impossible ones don't count", async () => {
		const then = await lookAfter(...idleCard, `sample ${DESKTOP} 90 1000000`);
		const samples = [
			`${DESKTOP} 90 1000000`,
			`${DESKTOP} 10 1500000`,
			`${DESKTOP} 20 1600000`,
			`${DESKTOP} 4000000 1700000`,
		];
		const gpu = await then(...idleCard, ...samples.map((sample) => `sample ${sample}`));
		expect(gpu.processes).toMatchObject([{ pid: DESKTOP, busyFraction: 0.15 }]);
	});

	test("of one that has ended is nobody's", async () => {
		const then = await lookAfter(...weRun);
		const gpu = await then(...idleCard, `sample ${OURS} 90 1500000`);
		expect(gpu.processes).toEqual([{ pid: DESKTOP, name: null, memoryBytes: 1 * GB, busyFraction: 0 }]);
	});

	test("is unknown while the card is busy and nobody seems to be, and found again after the clock was set back", async () => {
		const then = await lookAfter(...weRun);
		await then(...weRun);
		standIn.play("clock 500000", ...weRun);
		expect((await look()).processes).toMatchObject([{ busyFraction: null }, { busyFraction: null }]);
		standIn.play("clock 600000", ...weRun);
		expect((await look()).processes).toContainEqual(expect.objectContaining({ pid: OURS, busyFraction: 0.96 }));
	});
});

describe("an older driver", () => {
	test("without the newest functions tells the same", async () => {
		const names = ["nvmlDeviceGetComputeRunningProcesses", "nvmlDeviceGetGraphicsRunningProcesses"];
		const without = [...names.flatMap((name) => [`${name}_v3`]), "nvmlDeviceGetMemoryInfo_v2"];
		const driver = buildStandIn({ without });
		source = createNvmlSource({ libraryNames: [driver.path] });
		driver.play(...weRun, `reserved ${GB / 2}`);
		const { usedBytes, processes } = await look();
		expect({ usedBytes, processes }).toMatchObject({
			usedBytes: 9.5 * GB,
			processes: [{ pid: OURS }, { pid: DESKTOP }],
		});
		driver.remove();
	});

	test("without anything but memory tells that", async () => {
		const kinds = ["ComputeRunningProcesses", "GraphicsRunningProcesses"].map((kind) => `nvmlDeviceGet${kind}`);
		const figures = ["UUID", "Name", "PciInfo_v3", "MemoryInfo_v2", "UtilizationRates", "PowerUsage", "Temperature"];
		const more = ["EnforcedPowerLimit", "ClockInfo", "ProcessUtilization"];
		const driver = buildStandIn({
			without: [
				...kinds.flatMap((kind) => [kind, `${kind}_v2`, `${kind}_v3`]),
				...[...figures, ...more].map((figure) => `nvmlDeviceGet${figure}`),
			],
		});
		source = createNvmlSource({ libraryNames: [driver.path] });
		driver.play(...weRun);
		expect(await gpusOf(source)).toEqual([
			{
				...{
					id: "nvidia:0",
					name: "NVIDIA GPU",
					vendor: "nvidia",
					pciAddress: null,
					totalBytes: 24 * GB,
					usedBytes: 9 * GB,
				},
				...{
					busyFraction: null,
					powerWatts: null,
					powerLimitWatts: null,
					temperatureCelsius: null,
					clockMegahertz: null,
				},
				processes: null,
			},
		]);
		driver.remove();
	});

	test("that is too old to be begun is absent and says what to do", async () => {
		const driver = buildStandIn({ without: ["nvmlInit_v2"] });
		source = createNvmlSource({ libraryNames: [driver.path] });
		expect(await fault()).toEqual({ kind: "absent", message: expect.stringContaining("update it") });
		driver.remove();
	});
});
