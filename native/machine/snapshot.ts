/** From what was seen to the snapshot others are shown. Pure. */
import type { MachineSnapshot, MachineSource } from "../contract/contract.ts";
import { type MergedSight, mergeSights } from "./merge.ts";
import type { MergedGpu } from "./merge-gpus.ts";
import { amountOrNull, divide, finiteOrNull, fractionOrNull, type OwnProcesses, subtractOwnUse } from "./own-use.ts";

/** What a snapshot is made of. */
export interface SnapshotParts {
	/** Unix milliseconds. */
	readonly atMs: number;
	readonly merged: MergedSight;
	readonly own: OwnProcesses;
	/** Names of processes that their source did not tell. */
	readonly names: ReadonlyMap<number, string | null>;
	/** Programs somebody wants to know of. */
	readonly programs: readonly string[];
	readonly cores: number;
	/** Main memory as Node tells it, where no source does better. */
	readonly totalBytes: number;
	readonly sources: readonly MachineSource[];
}

/** Nothing was told by anybody. */
export const nothingSeen: MergedSight = mergeSights([]);

/** Makes the snapshot. */
export function composeSnapshot(parts: SnapshotParts): MachineSnapshot {
	const { atMs, merged, own, cores, sources } = parts;
	// What a process that ended meanwhile took counts in the total and no longer among ours.
	const isOwnKnown = own.justEnded.size === 0;
	const cpu = divide(fractionOrNull(merged.cpuFraction), isOwnKnown ? fractionOrNull(merged.ownCpuFraction) : null);
	return {
		atMs,
		gpus: merged.gpus.map((gpu) => subtractOwnUse(withNames(gpu, parts.names), own)),
		cpu: {
			cores,
			totalFraction: cpu.all,
			oursFraction: cpu.ours,
			othersFraction: cpu.others,
			temperatureCelsius: finiteOrNull(merged.cpuTemperatureCelsius),
		},
		memory: {
			// Nothing stops for what can't be seen: unknown memory counts as available.
			...(merged.memory ?? { totalBytes: parts.totalBytes, availableBytes: parts.totalBytes }),
			oursBytes: amountOrNull(merged.ownMemoryBytes),
		},
		power: { supply: merged.supply, batteryFraction: fractionOrNull(merged.batteryFraction) },
		heat: merged.heat,
		user: {
			// Whoever can't be ruled out is there: the careful side, for nobody must feel the work.
			hasDesktop: merged.hasDesktop ?? true,
			idleMs: amountOrNull(merged.idleMs),
			isLocked: merged.isLocked,
			foreground: merged.foreground,
		},
		programs: namesBoth(parts.programs, merged.programs ?? []),
		sources: [...sources],
	};
}

/** A program's name as settings and sources are compared: lower case, without `.exe`. */
export function programName(fileName: string): string {
	return fileName
		.trim()
		.toLowerCase()
		.replace(/\.exe$/, "");
}

function withNames(gpu: MergedGpu, names: ReadonlyMap<number, string | null>): MergedGpu {
	const processes = gpu.processes?.map((process) => ({
		...process,
		name: process.name ?? names.get(process.pid) ?? null,
	}));
	return { ...gpu, processes: processes ?? null };
}

function namesBoth(wanted: readonly string[], running: readonly string[]): string[] {
	const runs = new Set(running.map(programName));
	return [...new Set(wanted.map(programName))].filter((name) => runs.has(name)).sort();
}
