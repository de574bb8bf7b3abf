/** Mains and battery, out of /sys/class/power_supply. Kernel documentation: Documentation/ABI/testing/sysfs-class-power. */
import { join } from "node:path";
import { type Clock, err, ok, type Result } from "../../base/base.ts";
import type { Sight, Source, SourceFault } from "../source.ts";
import { listNow, numberIn, readSoon } from "./kernel-files.ts";

/** One supply, as far as it matters. */
interface Supply {
	readonly folder: string;
	readonly kind: "line" | "battery";
	readonly isOnline: boolean;
	readonly status: string;
	/** Weight of a battery among several: what it holds when full, or 1 where that is not told. */
	readonly full: number;
	readonly fraction: number | null;
}

const PERCENT = 100;

/** A battery may have to be asked over a slow wire, and changes slowly; a plug is looked at each time. */
const READ_EVERY_MS = 30_000;

/** Makes the source. */
export function createPowerSupplySource(root: string, clock: Clock): Source {
	const folder = join(root, "sys/class/power_supply");
	let supplies: readonly Supply[] = [];
	let readAtMs = Number.NEGATIVE_INFINITY;

	async function readAll(): Promise<readonly Supply[]> {
		const found = await Promise.all(listNow(folder).map((name) => readSupply(join(folder, name))));
		readAtMs = clock.monotonicMs();
		return found.filter((supply) => supply !== null);
	}

	/** Whether everything is plugged as it was. Without a plug to ask, nothing but the batteries tell. */
	async function isAsBefore(): Promise<boolean> {
		const lines = supplies.filter(({ kind }) => kind === "line");
		if (lines.length === 0) return false;
		const now = await Promise.all(lines.map((line) => isOnline(line.folder)));
		return lines.every((line, index) => line.isOnline === now[index]);
	}

	async function look(): Promise<Result<Sight, SourceFault>> {
		const isOld = clock.monotonicMs() - readAtMs >= READ_EVERY_MS;
		if (isOld || !(await isAsBefore())) supplies = await readAll();
		if (supplies.length === 0)
			return err({ kind: "absent", message: "no battery and no mains adapter in /sys/class/power_supply" });
		return ok({ supply: supplyOf(supplies), batteryFraction: fractionOf(supplies) });
	}

	return { name: "power supply", tells: "mains and battery", look, stop: () => Promise.resolve() };
}

/** Null: it supplies something else than this computer, or is not there. */
async function readSupply(folder: string): Promise<Supply | null> {
	const read = async (name: string): Promise<string> => (await readSoon(join(folder, name)))?.trim() ?? "";
	const [type, scope, isPresent] = await Promise.all([read("type"), read("scope"), read("present")]);
	// Mice, keyboards and headsets have batteries too.
	if (type === "" || scope === "Device") return null;
	if (type !== "Battery" && type !== "UPS") {
		return { folder, kind: "line", isOnline: await isOnline(folder), status: "", full: 1, fraction: null };
	}
	if (isPresent === "0") return null;
	const names = ["status", "capacity", "energy_full", "charge_full"];
	const [status, capacity, energy, charge] = await Promise.all(names.map(read));
	const percent = numberIn(capacity ?? null);
	return {
		folder,
		kind: "battery",
		isOnline: false,
		status: status ?? "",
		full: numberIn(energy ?? null) ?? numberIn(charge ?? null) ?? 1,
		fraction: percent === null ? null : Math.min(1, Math.max(0, percent / PERCENT)),
	};
}

async function isOnline(folder: string): Promise<boolean> {
	return (await readSoon(join(folder, "online")))?.trim() === "1";
}

function supplyOf(supplies: readonly Supply[]): "mains" | "battery" | null {
	const batteries = supplies.filter(({ kind }) => kind === "battery");
	if (batteries.length === 0 || supplies.some(({ isOnline }) => isOnline)) return "mains";
	if (batteries.some(({ status }) => status === "Discharging")) return "battery";
	// Some boards have no adapter to ask, but a battery is only ever charged, or kept from it, on mains.
	if (batteries.some(({ status }) => ["Charging", "Full", "Not charging"].includes(status))) return "mains";
	return supplies.length > batteries.length ? "battery" : null;
}

function fractionOf(supplies: readonly Supply[]): number | null {
	let held = 0;
	let full = 0;
	for (const supply of supplies) {
		if (supply.fraction === null) continue;
		held += supply.fraction * supply.full;
		full += supply.full;
	}
	return full === 0 ? null : held / full;
}
