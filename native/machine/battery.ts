/** The battery as systeminformation tells it, where no better source tells the power supply. */
import type { Clock, Log } from "../base/base.ts";
import type { Sight } from "./source.ts";

/** What systeminformation tells of it, as far as it counts here. */
export interface BatteryReading {
	readonly hasBattery: boolean;
	readonly acConnected: boolean;
	/** Of a full charge, 0 to 100; other values where it can't tell. */
	readonly percent: number;
}

/** It starts processes: on Windows three PowerShells, which take some seconds of a core. */
const ASK_EVERY_MS = 60_000;

/** What it takes. */
export interface BatteryDeps {
	readonly platform: NodeJS.Platform;
	readonly clock: Clock;
	readonly log: Log;
	readonly isSupplyTold: () => boolean;
	readonly askBattery?: () => Promise<BatteryReading>;
}

/** The last answer. */
export interface BatteryWatch {
	/** At once: an answer that is asked for now is there at a later look. */
	read(): Pick<Sight, "supply" | "batteryFraction">;
}

/** Makes a watch. Asks nobody at the first look, which may show that a better source tells. */
export function watchBattery(deps: BatteryDeps): BatteryWatch {
	const { platform, clock, log, isSupplyTold } = deps;
	const ask = deps.askBattery ?? askSystemInformation;
	let reading: BatteryReading | null = null;
	let isAsking = false;
	let askAgainMs: number | null = null;

	async function askOnce(): Promise<void> {
		isAsking = true;
		try {
			reading = await ask();
		} catch (error) {
			reading = null;
			log.debug({ error: String(error) }, "the battery could not be read");
		}
		isAsking = false;
	}

	function isWorthAsking(): boolean {
		if (!canTell(platform) || isSupplyTold() || isAsking) return false;
		// A computer without a battery gets none.
		return reading === null || reading.hasBattery;
	}

	return {
		read() {
			// Linux has a folder of batteries and adapters; where nobody has the say, there are none in it.
			if (platform === "linux") return isSupplyTold() ? {} : { supply: "mains", batteryFraction: null };
			const nowMs = clock.monotonicMs();
			askAgainMs ??= nowMs + 1;
			if (nowMs >= askAgainMs && isWorthAsking()) {
				askAgainMs = nowMs + ASK_EVERY_MS;
				void askOnce();
			}
			return reading === null ? {} : tell(reading);
		},
	};
}

/** Elsewhere systeminformation has no answer, knows only some names of batteries (Linux), or has mains the wrong way round (BSDs). */
function canTell(platform: NodeJS.Platform): boolean {
	return platform === "win32" || platform === "darwin";
}

function tell({ hasBattery, acConnected, percent }: BatteryReading): Pick<Sight, "supply" | "batteryFraction"> {
	if (!hasBattery) return { supply: "mains", batteryFraction: null };
	const batteryFraction = percent >= 0 && percent <= 100 ? percent / 100 : null;
	if (acConnected) return { supply: "mains", batteryFraction };
	// Windows says only "full" of a full battery, on mains or not.
	return { supply: percent >= 100 ? null : "battery", batteryFraction };
}

async function askSystemInformation(): Promise<BatteryReading> {
	const { battery } = await import("systeminformation");
	return battery();
}
