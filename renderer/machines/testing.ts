/** What tests of these screens share: a machine and a GPU with nothing out of the ordinary. */
import type { Gpu, MachineSnapshot, MachineStatus, Verdict } from "../../native/contract/contract.ts";

const GIGABYTE = 2 ** 30;

/** A card of 24 GB, of which 10 are ours and 2 others'. */
export function sampleGpu(changes: Partial<Gpu> = {}): Gpu {
	return {
		id: "nvidia:GPU-1",
		name: "GeForce RTX 4090",
		vendor: "nvidia",
		memory: {
			totalBytes: 24 * GIGABYTE,
			usedBytes: 12 * GIGABYTE,
			oursBytes: 10 * GIGABYTE,
			othersBytes: 2 * GIGABYTE,
		},
		busy: { totalFraction: 0.8, oursFraction: 0.7, othersFraction: 0.1 },
		powerWatts: 301.4,
		powerLimitWatts: 450,
		temperatureCelsius: 66.4,
		clockMegahertz: null,
		processes: [],
		source: "NVML",
		...changes,
	};
}

/** A machine without a GPU on which work may run. */
export function sampleMachine(snapshot: Partial<MachineSnapshot> = {}, verdict: Partial<Verdict> = {}): MachineStatus {
	return {
		name: "workstation",
		snapshot: {
			atMs: 0,
			gpus: [],
			cpu: { cores: 16, totalFraction: 0.4, oursFraction: 0.1, othersFraction: 0.3, temperatureCelsius: null },
			memory: { totalBytes: 64 * GIGABYTE, availableBytes: 31 * GIGABYTE, oursBytes: null },
			power: { supply: "mains", batteryFraction: null },
			heat: null,
			user: { hasDesktop: true, idleMs: 720_000, isLocked: false, foreground: null },
			programs: [],
			sources: [],
			...snapshot,
		},
		verdict: {
			rung: "run",
			reason: "may run",
			causes: [],
			sinceMs: 0,
			untilMs: null,
			keepsLeases: true,
			shareFraction: 1,
			...verdict,
		},
		rest: { isPaused: false, snoozedUntilMs: null },
	};
}
