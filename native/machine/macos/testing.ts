/** macOS for tests: its functions in a library of our own. Must never be imported by the product. */
import { fileURLToPath } from "node:url";
import { compileNamedStandIn, type NamedStandIn } from "../stand-in-testing.ts";
import type { MacosLibraries } from "./libraries.ts";

/** Places of `stand_in[]` in stand-in.c, in its order. */
const STATE = [
	..."noSession idleMs isLocked offScreen noDisplaySleep assertionStatus supply capacity mostCapacity".split(" "),
	..."noBattery heat noHeat notifyOpen isIntel busy used vramUsed wiredLimitMb memory pressure freePages".split(" "),
	..."wiredPages internalPages purgeablePages compressedPages ticksUser ticksSystem ticksIdle ticksNice".split(" "),
	..."ownUser ownSystem ownResident ownFootprint lists objects entries hostRights noGpu blenderNs oursNs walks".split(
		" ",
	),
];

/** What plays macOS, by the names of `STATE`. */
export interface MacosStandIn extends NamedStandIn {
	readonly libraries: MacosLibraries;
}

/** Compiles it. */
export async function startMacos(): Promise<MacosStandIn> {
	const standIn = await compileNamedStandIn(fileURLToPath(new URL("stand-in.c", import.meta.url)), STATE);
	const { path } = standIn;
	return { ...standIn, libraries: { coreFoundation: path, coreGraphics: path, ioKit: path, system: path } };
}
