import { afterEach, describe, expect, test } from "vitest";
import { question } from "../stand-in-testing.ts";
import { createProcSource } from "./proc.ts";
import { plantTree, sightOf, type Tree } from "./testing.ts";

/** Recorded on a PC of 16 cores; `MemAvailable` is what counts. */
const MEMINFO =
	"MemTotal:       32768000 kB\nMemFree:         1024000 kB\nMemAvailable:   20480000 kB\nBuffers: 1 kB\n";
const KIB = 1024;

function cpuLine(user: number, idle: number): string {
	return `cpu  ${user} 0 0 ${idle} 0 0 0 0 0 0\ncpu0 1 2 3 4 5 6 7 8 9 10\n`;
}

/** The name of a program may hold anything, brackets and gaps too. */
function processStat(user: number, system: number, startedAt: number): string {
	return `7 (odd) name) S 1 7 7 0 -1 4194304 100 0 0 0 ${user} ${system} 0 0 20 0 11 0 ${startedAt} 1000 200 1 1 1\n`;
}

let tree: Tree;
afterEach(() => tree.remove());

function plant(files: Readonly<Record<string, string>> = {}): Tree {
	tree = plantTree({
		"proc/stat": cpuLine(1000, 9000),
		"proc/meminfo": MEMINFO,
		"proc/uptime": "100.0 90.0\n",
		...files,
	});
	return tree;
}

describe("processor time", () => {
	test("is unknown at the first look and told for the time since then at the second", async () => {
		const { root, write } = plant();
		const source = createProcSource(root);
		expect((await sightOf(source)).cpu?.totalFraction).toBeNull();
		write({ "proc/stat": cpuLine(1100, 9300) });
		expect((await sightOf(source)).cpu?.totalFraction).toBeCloseTo(0.25);
	});

	test("of our own processes is told as a part of all cores", async () => {
		const { root, write } = plant({ "proc/7/stat": processStat(500, 100, 42) });
		const source = createProcSource(root);
		await sightOf(source, { ownProcessIds: [7] });
		write({ "proc/stat": cpuLine(1100, 9300), "proc/7/stat": processStat(540, 120, 42) });
		expect((await sightOf(source, { ownProcessIds: [7] })).ownCpuFraction).toBeCloseTo(60 / 400);
	});

	test("of a process that began since the last look counts from its start, of one that was there before it from now on", async () => {
		const { root, write } = plant();
		const source = createProcSource(root);
		await sightOf(source);
		write({
			"proc/stat": cpuLine(1100, 9300),
			"proc/7/stat": processStat(30, 10, 100 * 100 + 5),
			"proc/8/stat": processStat(999, 999, 42),
		});
		expect((await sightOf(source, { ownProcessIds: [7, 8] })).ownCpuFraction).toBeCloseTo(40 / 400);
	});

	test("of another process with the same id is not mistaken for it", async () => {
		const { root, write } = plant({ "proc/7/stat": processStat(5, 5, 42), "proc/uptime": "900.0 1.0\n" });
		const source = createProcSource(root);
		await sightOf(source, { ownProcessIds: [7] });
		write({ "proc/stat": cpuLine(1100, 9300), "proc/7/stat": processStat(300, 0, 43) });
		expect((await sightOf(source, { ownProcessIds: [7] })).ownCpuFraction).toBe(0);
	});
});

describe("memory", () => {
	test("that is available is told, and that of inference processes", async () => {
		const { root } = plant({ "proc/7/status": "Name:\tx\nVmPeak:\t 9 kB\nVmRSS:\t   2048 kB\nThreads:\t4\n" });
		const sight = await sightOf(createProcSource(root), { inferenceProcessIds: [7, 8] });
		expect(sight.memory).toEqual({ totalBytes: 32768000 * KIB, availableBytes: 20480000 * KIB });
		expect(sight.ownMemoryBytes).toBe(2048 * KIB);
	});

	test("is bounded by the group we are in and by those around it", async () => {
		const { root } = plant({
			"proc/self/cgroup": "0::/user.slice/nightshift.service\n",
			"sys/fs/cgroup/user.slice/memory.max": "1000000\n",
			"sys/fs/cgroup/user.slice/memory.current": "900000\n",
			"sys/fs/cgroup/user.slice/memory.stat": "anon 5\ninactive_file 50000\n",
			"sys/fs/cgroup/user.slice/nightshift.service/memory.max": "max\n",
			"sys/fs/cgroup/user.slice/nightshift.service/memory.current": "5\n",
		});
		expect((await sightOf(createProcSource(root))).memory).toEqual({ totalBytes: 1_000_000, availableBytes: 150_000 });
	});
});

describe("the processor's heat", () => {
	test("comes from its own sensor, not from the board's or a drive's", async () => {
		const { root } = plant({
			"sys/class/hwmon/hwmon0/name": "nvme\n",
			"sys/class/hwmon/hwmon0/temp1_input": "90000\n",
			"sys/class/hwmon/hwmon1/name": "k10temp\n",
			"sys/class/hwmon/hwmon1/temp1_input": "61125\n",
		});
		expect((await sightOf(createProcSource(root))).cpu?.temperatureCelsius).toBe(61.125);
	});

	test("comes from a thermal zone where there is no such sensor", async () => {
		const { root } = plant({
			"sys/class/thermal/thermal_zone0/type": "acpitz\n",
			"sys/class/thermal/thermal_zone0/temp": "27800\n",
			"sys/class/thermal/thermal_zone1/type": "x86_pkg_temp\n",
			"sys/class/thermal/thermal_zone1/temp": "55000\n",
		});
		expect((await sightOf(createProcSource(root))).cpu?.temperatureCelsius).toBe(55);
	});
});

test("a computer without /proc has no such source", async () => {
	tree = plantTree();
	expect(await createProcSource(tree.root).look(question())).toMatchObject({ ok: false, error: { kind: "absent" } });
});

test.skipIf(process.platform !== "linux")("this computer tells its memory and our own time", async () => {
	tree = plantTree();
	const source = createProcSource("/");
	const own = { ownProcessIds: [process.pid], inferenceProcessIds: [process.pid] };
	const sight = await sightOf(source, own);
	expect(sight.memory?.totalBytes).toBeGreaterThan(0);
	expect(sight.ownMemoryBytes).toBeGreaterThan(1e6);
});
