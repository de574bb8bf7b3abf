/** Makes one sight of what several sources told: field by field, what the best source knows counts. Pure. */
import type { ForegroundKind, Heat } from "../contract/contract.ts";
import { type MergedGpu, mergeGpus } from "./merge-gpus.ts";
import type { Sight, Told } from "./source.ts";

/** What all of them know together; null: nobody does. */
export interface MergedSight {
	readonly gpus: readonly MergedGpu[];
	readonly cpuFraction: number | null;
	readonly cpuTemperatureCelsius: number | null;
	readonly ownCpuFraction: number | null;
	readonly memory: { readonly totalBytes: number; readonly availableBytes: number } | null;
	readonly ownMemoryBytes: number | null;
	readonly supply: "mains" | "battery" | null;
	readonly batteryFraction: number | null;
	readonly heat: Heat | null;
	readonly hasDesktop: boolean | null;
	readonly idleMs: number | null;
	readonly isLocked: boolean | null;
	readonly foreground: { readonly kind: ForegroundKind; readonly name: string | null } | null;
	readonly programs: readonly string[] | null;
}

/** Merges what the sources told, the best one first. */
export function mergeSights(told: readonly Told[]): MergedSight {
	function first<T>(pick: (sight: Sight) => T | null | undefined): T | null {
		for (const { sight } of told) {
			const value = pick(sight);
			if (value !== null && value !== undefined) return value;
		}
		return null;
	}
	return {
		gpus: mergeGpus(told),
		cpuFraction: first((sight) => sight.cpu?.totalFraction),
		cpuTemperatureCelsius: first((sight) => sight.cpu?.temperatureCelsius),
		ownCpuFraction: first((sight) => sight.ownCpuFraction),
		memory: first((sight) => sight.memory),
		ownMemoryBytes: first((sight) => sight.ownMemoryBytes),
		supply: first((sight) => sight.supply),
		batteryFraction: first((sight) => sight.batteryFraction),
		heat: first((sight) => sight.heat),
		hasDesktop: first((sight) => sight.hasDesktop),
		idleMs: first((sight) => sight.idleMs),
		isLocked: first((sight) => sight.isLocked),
		foreground: first((sight) => sight.foreground),
		programs: first((sight) => sight.programs),
	};
}
