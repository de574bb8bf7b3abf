/** Windows for tests: its functions in a library of our own. Must never be imported by the product. */
import { fileURLToPath } from "node:url";
import { compileStandIn, type StandIn } from "../stand-in-testing.ts";
import type { WindowsLibraries } from "./libraries.ts";

/** Places of `stand_in[]` in stand-in.c, in its order. */
const STATE = [
	..."session ticks lastInput noInput notification notificationStatus windowPid sessionState sessionFlags".split(" "),
	..."console consoleState consoleFlags acLine batteryFlag batteryPercent powerFails idleTime kernelTime".split(" "),
	..."userTime ownKernel ownUser ownMemory totalMemory freeMemory collections moreDataTimes collectStatus".split(" "),
	..."noCounters adapterOpen temperature executionState stateFails timerDue timerResume timerCantWake".split(" "),
	..."timersOpen handlesOpen blocksOpen lastError snapshots timerFails processNamesAsked".split(" "),
];

/** What plays Windows. */
export interface WindowsStandIn {
	readonly libraries: WindowsLibraries;
	/** Sets what it answers, by the names of `STATE`; durations in milliseconds. */
	set(state: Readonly<Record<string, number | bigint>>): void;
	get(name: string): number;
	readonly whole: StandIn;
}

/** Compiles it. */
export async function startWindows(): Promise<WindowsStandIn> {
	const whole = await compileStandIn(fileURLToPath(new URL("stand-in.c", import.meta.url)));
	const { path } = whole;
	return {
		libraries: { kernel32: path, user32: path, shell32: path, wtsapi32: path, gdi32: path, pdh: path },
		set(state) {
			for (const [name, value] of Object.entries(state)) whole.set(place(name), value);
		},
		get: (name) => whole.get(place(name)),
		whole,
	};
}

function place(name: string): number {
	const index = STATE.indexOf(name);
	if (index < 0) throw new Error(`stand-in.c has no ${name}`);
	return index;
}
