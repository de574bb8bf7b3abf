/** macOS for tests: its functions in a library of our own. Must never be imported by the product. */
import { fileURLToPath } from "node:url";
import { compileStandIn, type StandIn } from "../stand-in-testing.ts";
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

/** What plays macOS. */
export interface MacosStandIn {
	readonly libraries: MacosLibraries;
	/** Sets what it answers, by the names of `STATE`. */
	set(state: Readonly<Record<string, number | bigint>>): void;
	get(name: string): number;
	readonly whole: StandIn;
}

/** Compiles it. */
export async function startMacos(): Promise<MacosStandIn> {
	const whole = await compileStandIn(fileURLToPath(new URL("stand-in.c", import.meta.url)));
	const { path } = whole;
	return {
		libraries: { coreFoundation: path, coreGraphics: path, ioKit: path, system: path },
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
