/**
 * What macOS tells about this Mac, its user and its GPUs, and keeping it awake. Owns calling macOS; each file quotes the signatures
 * of what it calls. Must never decide anything, and never need root (so no `powermetrics`) or a permission that macOS asks the user
 * for.
 */
import { type Clock, systemClock } from "../../base/base.ts";
import type { Source } from "../source.ts";
import { createMacosGpuSource } from "./gpus.ts";
import { type MacosLibraries, systemLibraries } from "./libraries.ts";
import { createMacosLoadSource } from "./load.ts";
import { createMacosPowerSource } from "./power.ts";
import { createMacosProgramsSource } from "./programs.ts";
import { createMacosUserSource } from "./user.ts";

export { createMacosWakefulness } from "./wakefulness.ts";

/** Makes macOS' sources, best first. */
export function createMacosSources(
	libraries: MacosLibraries = systemLibraries(),
	clock: Clock = systemClock,
): readonly Source[] {
	return [
		createMacosUserSource(libraries),
		createMacosPowerSource(libraries),
		createMacosLoadSource(libraries, clock),
		createMacosGpuSource(libraries, clock),
		createMacosProgramsSource(libraries, clock),
	];
}
