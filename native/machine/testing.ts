/** A computer for tests. Must never be imported by the product. */
import type { MachineSnapshot } from "../contract/contract.ts";

/** A computer on mains without a GPU, nobody before it and nothing going on. */
export function sampleSnapshot(changes: Partial<MachineSnapshot> = {}): MachineSnapshot {
	return {
		atMs: Date.UTC(2026, 10, 21, 2),
		gpus: [],
		cpu: { cores: 8, totalFraction: 0.02, oursFraction: 0, othersFraction: 0.02, temperatureCelsius: null },
		memory: { totalBytes: 32e9, availableBytes: 24e9, oursBytes: 0 },
		power: { supply: "mains", batteryFraction: null },
		heat: null,
		user: { hasDesktop: false, idleMs: null, isLocked: null, foreground: null },
		programs: [],
		sources: [],
		...changes,
	};
}
