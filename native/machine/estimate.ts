/** From what was seen to watts, with where they come from in words. Pure. */
import { assertNever } from "../base/base.ts";
import type { PowerReading } from "./machine.ts";
import type { ComputerKind, PowerSight } from "./power-probe.ts";

/** What a computer draws beside a GPU that does the work: board, memory, disks, a processor that mostly waits, losses. */
const BESIDE_GPU_WATTS: Readonly<Record<ComputerKind, number>> = { laptop: 20, desktop: 45, unknown: 45 };

/**
 * What a computer draws whose processor does the work: a thin laptop can cool some 30 W, common desktop processors are made for
 * 65 W, and the rest of the computer draws some more. Where the kind can't be seen it is mostly a virtual machine.
 */
const PROCESSOR_WATTS: Readonly<Record<ComputerKind, number>> = { laptop: 35, desktop: 90, unknown: 65 };

/** The same with a GPU at work that does not tell: the middle of what such GPUs are made for, and the rest of the computer. */
const SILENT_GPU_WATTS: Readonly<Record<ComputerKind, number>> = { laptop: 100, desktop: 250, unknown: 200 };

/** What is known of the power. */
export interface PowerFacts {
	/** Null: nothing was seen yet, or not for long. */
	readonly sight: PowerSight | null;
	/** What the owner says this computer draws under batch work; null: nothing. Only where no sensor tells it. */
	readonly ownersWatts: number | null;
	/** Batch work runs on a GPU. */
	readonly isGpuAtWork: boolean;
}

/** The power this computer draws under batch work. */
export function readPower({ sight, ownersWatts, isGpuAtWork }: PowerFacts): PowerReading {
	const kind = sight?.kind ?? "unknown";
	if (sight !== null && sight.gpus.length > 0) {
		const restWatts = BESIDE_GPU_WATTS[kind];
		const gpuWatts = sight.gpus.reduce((sum, gpu) => sum + gpu.watts, 0);
		const basis = `${nameSensors(sight.gpus.map((gpu) => gpu.name))}, ${restWatts} W estimated for the rest`;
		return { watts: gpuWatts + restWatts, isMeasured: true, basis };
	}
	if (ownersWatts !== null) {
		return { watts: ownersWatts, isMeasured: false, basis: `${ownersWatts} W, as set in energy.estimatedWatts` };
	}
	const watts = (isGpuAtWork ? SILENT_GPU_WATTS : PROCESSOR_WATTS)[kind];
	const worker = isGpuAtWork ? "a GPU without a sensor" : "its processor";
	const basis = `${watts} W estimated for ${nameKind(kind)} working on ${worker}; energy.estimatedWatts sets it`;
	return { watts, isMeasured: false, basis };
}

function nameSensors(names: readonly string[]): string {
	const [first = "", second] = names;
	if (names.length === 1) return `${first} by its sensor`;
	if (names.length === 2 && first !== second) return `${first} and ${second} by their sensors`;
	return `${names.length} GPUs (${[...new Set(names)].join(", ")}) by their sensors`;
}

function nameKind(kind: ComputerKind): string {
	switch (kind) {
		case "laptop":
			return "a laptop";
		case "desktop":
			return "a desktop computer";
		case "unknown":
			return "a computer of unknown kind";
		default:
			return assertNever(kind);
	}
}
