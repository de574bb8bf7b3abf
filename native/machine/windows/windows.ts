/**
 * What Windows tells about this computer, its user and its GPUs, and keeping it awake. Owns calling Windows; each file quotes the
 * signatures of what it calls. Written for 64-bit Windows, x64 and Arm, where there is one calling convention. Must never decide
 * anything, nor take a right that an ordinary user lacks.
 */
import { type Clock, systemClock } from "../../base/base.ts";
import type { Source } from "../source.ts";
import { createWindowsGpuSource } from "./gpus.ts";
import { systemLibraries, type WindowsLibraries } from "./libraries.ts";
import { createWindowsLoadSource } from "./load.ts";
import { createWindowsPowerSource } from "./power.ts";
import { createWindowsProgramsSource } from "./programs.ts";
import { createWindowsUserSource } from "./user.ts";

export { createWindowsWakefulness } from "./wakefulness.ts";

/** Makes Windows' sources, best first. */
export function createWindowsSources(
	libraries: WindowsLibraries = systemLibraries(),
	clock: Clock = systemClock,
): readonly Source[] {
	return [
		createWindowsUserSource(libraries),
		createWindowsPowerSource(libraries),
		createWindowsLoadSource(libraries),
		createWindowsGpuSource(libraries),
		createWindowsProgramsSource(libraries, clock),
	];
}
