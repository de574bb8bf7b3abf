/** Windows for tests: its functions in a library of our own. Must never be imported by the product. */
import { fileURLToPath } from "node:url";
import { compileNamedStandIn, type NamedStandIn } from "../stand-in-testing.ts";
import type { WindowsLibraries } from "./libraries.ts";

/** Places of `stand_in[]` in stand-in.c, in its order. */
const STATE = [
	..."session ticks lastInput noInput notification notificationStatus windowPid sessionState sessionFlags".split(" "),
	..."console consoleState consoleFlags acLine batteryFlag batteryPercent powerFails idleTime kernelTime".split(" "),
	..."userTime ownKernel ownUser ownMemory totalMemory freeMemory collections moreDataTimes collectStatus".split(" "),
	..."noCounters adapterOpen temperature executionState stateFails timerDue timerResume timerCantWake".split(" "),
	..."timersOpen handlesOpen blocksOpen lastError snapshots timerFails processNamesAsked".split(" "),
];

/** What plays Windows, by the names of `STATE`; durations are in milliseconds. */
export interface WindowsStandIn extends NamedStandIn {
	readonly libraries: WindowsLibraries;
}

/** Compiles it. */
export async function startWindows(): Promise<WindowsStandIn> {
	const standIn = await compileNamedStandIn(fileURLToPath(new URL("stand-in.c", import.meta.url)), STATE);
	const { path } = standIn;
	return {
		...standIn,
		libraries: { kernel32: path, user32: path, shell32: path, wtsapi32: path, gdi32: path, pdh: path },
	};
}
