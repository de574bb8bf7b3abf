/** Mains or battery. */
import { err, ok, type Result } from "../../base/base.ts";
import { bind, createNativeSource } from "../native-source.ts";
import type { Sight, Source, SourceFault } from "../source.ts";
import type { WindowsLibraries } from "./libraries.ts";
import { isTrue } from "./memory.ts";

/**
 * `SYSTEM_POWER_STATUS`: `BYTE ACLineStatus, BatteryFlag, BatteryLifePercent, SystemStatusFlag; DWORD BatteryLifeTime,
 * BatteryFullLifeTime`.
 */
const POWER_STATUS_BYTES = 12;

/**
 * Makes the source. From learn.microsoft.com, "GetSystemPowerStatus" and "SYSTEM_POWER_STATUS" (winbase.h):
 *
 *     BOOL GetSystemPowerStatus(LPSYSTEM_POWER_STATUS lpSystemPowerStatus);
 */
export function createWindowsPowerSource({ kernel32 }: WindowsLibraries): Source {
	return createNativeSource({
		name: "Windows power",
		tells: "mains and battery",
		open: () => bind((need) => need(kernel32, "int GetSystemPowerStatus(void *lpSystemPowerStatus)")),
		async look(getSystemPowerStatus): Promise<Result<Sight, SourceFault>> {
			const status = Buffer.alloc(POWER_STATUS_BYTES);
			if (isTrue(getSystemPowerStatus.callHere(status))) return ok(readPowerStatus(status));
			return err({ kind: "failed", message: "GetSystemPowerStatus says it can't tell" });
		},
	});
}

const OFFLINE = 0;
const ONLINE = 1;
const UNKNOWN = 255;
/** Bits of `BatteryFlag`; 255 is unknown. */
const NO_BATTERY = 128;
const MOST_PERCENT = 100;

/** Reads the structure. */
export function readPowerStatus(status: Buffer): Pick<Sight, "supply" | "batteryFraction"> {
	const line = status.readUInt8(0);
	const flag = status.readUInt8(1);
	const percent = status.readUInt8(2);
	const hasNoBattery = flag !== UNKNOWN && (flag & NO_BATTERY) !== 0;
	const supply = line === ONLINE || hasNoBattery ? "mains" : line === OFFLINE ? "battery" : null;
	const isKnown = !hasNoBattery && percent <= MOST_PERCENT;
	return { supply, batteryFraction: isKnown ? percent / MOST_PERCENT : null };
}
