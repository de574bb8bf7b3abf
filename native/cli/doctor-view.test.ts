import { expect, test } from "vitest";
import type { Gpu } from "../contract/contract.ts";
import { sampleSnapshot } from "../machine/testing.ts";
import { mayRun } from "../scheduler/testing.ts";
import { type DoctorFacts, describeDoctor } from "./doctor-view.ts";

const nowMs = new Date(2026, 10, 21, 14, 0).getTime();

const healthy: DoctorFacts = {
	version: "1.2.3",
	system: "linux 6.1, x64, Node 24",
	isServing: true,
	backends: [
		{ name: "CUDA", state: "absent", detail: "NVIDIA's driver is not installed", devices: [] },
		{ name: "CPU", state: "loads", detail: "", devices: ["Ryzen 9"] },
	],
	packs: { data: [], in_use: { backend: null, words: "No model is in memory." } },
	name: "workstation",
	snapshot: sampleSnapshot(),
	verdict: mayRun,
	rest: { isPaused: false, snoozedUntilMs: null },
};

const gpu: Gpu = {
	id: "nvidia:GPU-1",
	name: "GeForce RTX 4090",
	vendor: "nvidia",
	memory: { totalBytes: 24 * 2 ** 30, usedBytes: 14 * 2 ** 30, oursBytes: 8 * 2 ** 30, othersBytes: 6 * 2 ** 30 },
	busy: { totalFraction: 0.9, oursFraction: 0.5, othersFraction: 0.4 },
	powerWatts: 301.4,
	powerLimitWatts: 450,
	temperatureCelsius: 66,
	clockMegahertz: 2_520,
	processes: [
		{ pid: 7, name: "node", isOurs: true, memoryBytes: 8 * 2 ** 30, busyFraction: 0.5 },
		{ pid: 9, name: "blender", isOurs: false, memoryBytes: 6 * 2 ** 30, busyFraction: null },
	],
	source: "NVML",
};

test("a free computer without a GPU is told in a screenful", () => {
	expect(describeDoctor(healthy)).toBe(`Nightshift 1.2.3 on linux 6.1, x64, Node 24. The service runs.

Batch work now
  may run
  nothing would stop it

Inference can run on
  CUDA: absent; NVIDIA's driver is not installed
  CPU: loads on Ryzen 9

GPU packs
  There is no GPU pack for this kind of computer, and none is needed.
  No model is in memory.

GPUs
  none seen

Computer
  processor: 8 cores, busy 2 %, 2 % by others
  memory: 22 GB of 30 GB available
  power: mains
  heat: unknown

User
  no desktop: nobody is taken to sit here

Who told
`);
});

test("who uses a GPU is told, ours and others apart, and what can't be told is unknown", () => {
	const text = describeDoctor({ ...healthy, snapshot: sampleSnapshot({ gpus: [gpu] }) });
	expect(text).toContain("  GeForce RTX 4090 (nvidia:GPU-1, told by NVML)\n");
	expect(text).toContain(
		"memory 14 GB of 24 GB used; 8 GB by us, 6 GB by others; busy 90 %, 40 % by others; 66 °C; 301 of 450 W; 2520 MHz\n",
	);
	expect(text).toContain("    ours: node (7), 8 GB, busy 50 %\n    other: blender (9), 6 GB, busy unknown\n");
});

test("all that keeps work from running is told, the gravest first, and when it may be back", () => {
	const untilMs = nowMs + 5 * 60_000;
	const cause = { rung: "yield", sinceMs: nowMs, isGone: true, untilMs } as const;
	const verdict: DoctorFacts["verdict"] = {
		...mayRun,
		rung: "yield",
		reason: "waiting: Blender used 6.1 GB of GPU memory until 14:00; work comes back at 14:05",
		causes: [
			{ ...cause, kind: "gpu-memory", words: "Blender used 6.1 GB of GPU memory" },
			{ ...cause, kind: "cpu-busy", words: "other programs used 80 % of the processor" },
		],
		untilMs,
	};
	expect(describeDoctor({ ...healthy, verdict })).toContain(`Batch work now
  waiting: Blender used 6.1 GB of GPU memory until 14:00; work comes back at 14:05
  also: other programs used 80 % of the processor (over, cooling down)
`);
});

test("who sits there, and that this can't be told, is told", () => {
	const user = {
		hasDesktop: true,
		idleMs: 90_000,
		isLocked: false,
		foreground: { kind: "game", name: "Quake" },
	} as const;
	const at = (changes: Partial<typeof user | { readonly idleMs: null; readonly isLocked: true }>) =>
		describeDoctor({ ...healthy, snapshot: sampleSnapshot({ user: { ...user, ...changes } }) });
	expect(at({})).toContain("  last key or click 1 min 30 s ago\n  screen: Quake\n");
	expect(at({ idleMs: null, isLocked: true })).toContain("so they count as present\n  screen locked\n");
});
