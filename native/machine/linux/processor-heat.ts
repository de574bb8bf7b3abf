/** Finds the sensor that tells how hot the processor is. */
import { join } from "node:path";
import { listNow, readNow, readNumber } from "./kernel-files.ts";

/** Drivers of the sensors in processors; `zenpower` is a widespread stand-in for `k10temp`. */
const HWMON_NAMES = ["coretemp", "k10temp", "zenpower", "cpu_thermal", "scpi_sensors"];

/** Zones by type. Not `acpitz`: it is the board's, often a constant, and asking it may take milliseconds. */
const ZONE_TYPES = /^(x86_pkg_temp|cpu[-_]?thermal|soc[-_]?thermal|cpu.*)$/i;

const MILLIDEGREES = 1_000;

/** Degrees Celsius; null: it can't be told. */
export type ProcessorHeat = () => Promise<number | null>;

/** Looks for the sensor once: drivers are loaded long before us. */
export function findProcessorHeat(root: string): ProcessorHeat {
	const path = hwmonSensor(join(root, "sys/class/hwmon")) ?? thermalZone(join(root, "sys/class/thermal"));
	if (path === null) return () => Promise.resolve(null);
	return async () => {
		const reading = await readNumber(path);
		return reading === null ? null : reading / MILLIDEGREES;
	};
}

/** `temp1` is the package with Intel's driver and `Tctl` with AMD's. */
function hwmonSensor(folder: string): string | null {
	for (const name of listNow(folder)) {
		const driver = readNow(join(folder, name, "name"))?.trim() ?? "";
		if (HWMON_NAMES.includes(driver) && readNow(join(folder, name, "temp1_input")) !== null) {
			return join(folder, name, "temp1_input");
		}
	}
	return null;
}

function thermalZone(folder: string): string | null {
	for (const name of listNow(folder)) {
		if (ZONE_TYPES.test(readNow(join(folder, name, "type"))?.trim() ?? "")) return join(folder, name, "temp");
	}
	return null;
}
