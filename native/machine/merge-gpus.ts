/** Joins what several sources tell about the same GPU. Pure. */
import type { SeenGpu, SeenProcess, Told } from "./source.ts";

/** A GPU as all sources together tell it. */
export interface MergedGpu extends SeenGpu {
	/** Who told first, and so best. */
	readonly source: string;
}

/**
 * One of each GPU, in the order they were first told. A later source fills in what is null. Two GPUs of one source are never the
 * same: parts of a divided one share an address.
 */
export function mergeGpus(told: readonly Told[]): readonly MergedGpu[] {
	const merged: MergedGpu[] = [];
	for (const { source, sight } of told) {
		const free = new Set(merged.keys());
		for (const gpu of sight.gpus ?? []) {
			const index = findSame(merged, free, gpu);
			const known = index === null ? undefined : merged[index];
			if (index === null || known === undefined) {
				merged.push({ ...gpu, source });
			} else {
				free.delete(index);
				merged[index] = fillIn(known, gpu);
			}
		}
	}
	return merged;
}

/** By its id, or else its address; among those that the source has not told of yet. */
function findSame(merged: readonly MergedGpu[], free: ReadonlySet<number>, gpu: SeenGpu): number | null {
	const byId = merged.findIndex((known, index) => free.has(index) && known.id === gpu.id);
	if (byId >= 0) return byId;
	if (gpu.pciAddress === null) return null;
	const byAddress = merged.findIndex((known, index) => free.has(index) && known.pciAddress === gpu.pciAddress);
	return byAddress >= 0 ? byAddress : null;
}

function fillIn(known: MergedGpu, more: SeenGpu): MergedGpu {
	return {
		...known,
		pciAddress: known.pciAddress ?? more.pciAddress,
		totalBytes: known.totalBytes ?? more.totalBytes,
		usedBytes: known.usedBytes ?? more.usedBytes,
		busyFraction: known.busyFraction ?? more.busyFraction,
		powerWatts: known.powerWatts ?? more.powerWatts,
		powerLimitWatts: known.powerLimitWatts ?? more.powerLimitWatts,
		temperatureCelsius: known.temperatureCelsius ?? more.temperatureCelsius,
		clockMegahertz: known.clockMegahertz ?? more.clockMegahertz,
		processes: joinProcesses(known.processes, more.processes),
	};
}

/** All that either source lists: NVML under Windows lists processes without their memory, and the system tells that. */
function joinProcesses(
	known: readonly SeenProcess[] | null,
	more: readonly SeenProcess[] | null,
): readonly SeenProcess[] | null {
	if (known === null || more === null) return known ?? more;
	const byPid = new Map(known.map((process) => [process.pid, process]));
	for (const process of more) {
		const first = byPid.get(process.pid);
		byPid.set(process.pid, {
			pid: process.pid,
			name: first?.name ?? process.name,
			memoryBytes: first?.memoryBytes ?? process.memoryBytes,
			busyFraction: first?.busyFraction ?? process.busyFraction,
		});
	}
	return [...byPid.values()];
}
