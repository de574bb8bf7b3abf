/** Models and GPUs for tests. Must never be imported by the product. */
import type { Gpu } from "../contract/contract.ts";
import type { ResidentModel } from "../engine/residency.ts";

/** A model that a batch uses. */
export function residentModel(changes: Partial<ResidentModel> = {}): ResidentModel {
	return {
		source: { path: "/models/tiny.gguf", name: "tiny" },
		state: { kind: "empty" },
		processId: 100,
		isLeaving: false,
		batchUsers: 1,
		interactiveUsers: 0,
		...changes,
	};
}

/** A GPU of 24 GB of which we use so much, and others so much. */
export function gpuWith(oursBytes: number | null, othersBytes: number, changes: Partial<Gpu> = {}): Gpu {
	const usedBytes = (oursBytes ?? 0) + othersBytes;
	return {
		id: "nvidia:GPU-1",
		name: "RTX 4090",
		vendor: "nvidia",
		memory: { totalBytes: 24e9, usedBytes, oursBytes, othersBytes },
		busy: { totalFraction: 0, oursFraction: 0, othersFraction: 0 },
		powerWatts: null,
		powerLimitWatts: null,
		temperatureCelsius: null,
		clockMegahertz: null,
		processes: null,
		source: "NVML",
		...changes,
	};
}
