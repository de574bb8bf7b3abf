/** A GPU of AMD or Intel in /sys: what it is, found once, and what it does, read at each look. */
import { realpathSync } from "node:fs";
import { basename, join } from "node:path";
import { errorCode } from "../../base/base.ts";
import type { SeenGpu, SeenProcess } from "../source.ts";
import { listNow, readNow, readNumber, readSoon } from "./kernel-files.ts";
import { namePciDevice } from "./pci-names.ts";

/** What stays the same. */
export interface DrmCard {
	readonly vendor: "amd" | "intel";
	readonly name: string;
	/** Folder of the device. */
	readonly device: string;
	/** Folder of the card, e.g. `/sys/class/drm/card1`. */
	readonly card: string;
	/** Folder of its sensors; null: it has none. */
	readonly sensors: string | null;
	readonly pciAddress: string;
	/** Its memories by the kernel's names; what has none of its own uses a part of the main memory. */
	readonly memories: readonly ("vram" | "gtt")[];
	readonly totalBytes: number | null;
	readonly powerLimitWatts: number | null;
}

/** Numbers of the vendors at PCI-SIG. NVIDIA's cards are NVML's to tell. */
const VENDORS: Readonly<Record<string, DrmCard["vendor"]>> = { "0x1002": "amd", "0x8086": "intel" };
const VENDOR_NAMES = { amd: "AMD", intel: "Intel" } as const;

const MICROWATTS = 1e6;
const MILLIDEGREES = 1e3;
const HERTZ_PER_MEGAHERTZ = 1e6;
const PERCENT = 100;

/** All of this computer. */
export async function findCards(root: string): Promise<readonly DrmCard[]> {
	const folder = join(root, "sys/class/drm");
	const cards = listNow(folder).filter((name) => /^card\d+$/.test(name));
	const found = await Promise.all(cards.map((name) => describe(root, join(folder, name))));
	return found.filter((card) => card !== null);
}

async function describe(root: string, card: string): Promise<DrmCard | null> {
	const device = join(card, "device");
	const vendorId = (await readSoon(join(device, "vendor")))?.trim() ?? "";
	const vendor = VENDORS[vendorId];
	const path = realPath(device);
	if (vendor === undefined || path === null) return null;
	const deviceId = (await readSoon(join(device, "device")))?.trim().slice(2) ?? "";
	const hwmon = listNow(join(device, "hwmon")).find((name) => name.startsWith("hwmon"));
	const sensors = hwmon === undefined ? null : join(device, "hwmon", hwmon);
	// Of main memory a processor's own GPU gets a fixed part (`vram`) and as much of the rest as it needs (`gtt`).
	const memories: DrmCard["memories"] = isApu(device, sensors) ? ["vram", "gtt"] : ["vram"];
	const limit = sensors === null ? null : await readNumber(join(sensors, "power1_cap"));
	return {
		vendor,
		name: await nameOf(root, device, vendor, [vendorId.slice(2), deviceId]),
		device,
		card,
		sensors,
		pciAddress: basename(path).toLowerCase(),
		memories,
		totalBytes: await readMemory(device, memories, "total"),
		powerLimitWatts: limit === null ? null : limit / MICROWATTS,
	};
}

async function nameOf(root: string, device: string, vendor: DrmCard["vendor"], ids: [string, string]): Promise<string> {
	const told = (await readSoon(join(device, "product_name")))?.trim() ?? "";
	const name = told !== "" ? told : ((await namePciDevice(root, ...ids)) ?? `GPU ${ids.join(":")}`);
	return name.startsWith(VENDOR_NAMES[vendor]) ? name : `${VENDOR_NAMES[vendor]} ${name}`;
}

/** amdgpu tells a power limit only for cards, and a maker of the memory only where there are chips of its own. */
function isApu(device: string, sensors: string | null): boolean {
	if (sensors !== null && readNow(join(sensors, "power1_cap")) !== null) return false;
	const maker = readNow(join(device, "mem_info_vram_vendor"))?.trim() ?? "unknown";
	return maker === "unknown";
}

function realPath(path: string): string | null {
	try {
		return realpathSync(path);
	} catch (error) {
		if (errorCode(error) === "") throw error;
		return null;
	}
}

/** Reads what it does now. A card that is switched off to save power is left asleep: asking its sensors would wake it. */
export async function readCard(card: DrmCard, processes: readonly SeenProcess[]): Promise<SeenGpu> {
	const status = (await readSoon(join(card.device, "power/runtime_status")))?.trim();
	const isAsleep = status === "suspended" || status === "suspending";
	const [usedBytes, busyPercent, sensors] = await Promise.all([
		card.totalBytes === null ? null : readMemory(card.device, card.memories, "used"),
		isAsleep ? 0 : readNumber(join(card.device, "gpu_busy_percent")),
		isAsleep ? ASLEEP : readSensors(card),
	]);
	return {
		id: `pci:${card.pciAddress}`,
		name: card.name,
		vendor: card.vendor,
		pciAddress: card.pciAddress,
		totalBytes: card.totalBytes,
		usedBytes,
		busyFraction: busyPercent === null ? null : Math.min(1, busyPercent / PERCENT),
		powerLimitWatts: card.powerLimitWatts,
		...sensors,
		processes,
	};
}

/** Null: the driver does not tell; Intel's don't. */
async function readMemory(device: string, kinds: DrmCard["memories"], what: "total" | "used"): Promise<number | null> {
	const parts = await Promise.all(kinds.map((kind) => readNumber(join(device, `mem_info_${kind}_${what}`))));
	return parts.reduce((sum, part) => (sum === null || part === null ? null : sum + part), 0);
}

type Sensors = Pick<SeenGpu, "powerWatts" | "temperatureCelsius" | "clockMegahertz">;

const ASLEEP: Sensors = { powerWatts: null, temperatureCelsius: null, clockMegahertz: null };

/** Kernel documentation: Documentation/gpu/amdgpu/thermal.rst; Intel's clock is `gt_act_freq_mhz` of the card. */
async function readSensors(card: DrmCard): Promise<Sensors> {
	if (card.vendor === "intel") {
		return { ...ASLEEP, clockMegahertz: await readNumber(join(card.card, "gt_act_freq_mhz")) };
	}
	const { sensors } = card;
	if (sensors === null) return ASLEEP;
	const sensor = async (name: string, unit: number): Promise<number | null> => {
		const value = await readNumber(join(sensors, name));
		return value === null ? null : value / unit;
	};
	const [average, temperature, clock] = await Promise.all([
		sensor("power1_average", MICROWATTS),
		sensor("temp1_input", MILLIDEGREES),
		sensor("freq1_input", HERTZ_PER_MEGAHERTZ),
	]);
	return {
		// Newer cards have one, older ones the other.
		powerWatts: average ?? (await sensor("power1_input", MICROWATTS)),
		temperatureCelsius: temperature,
		clockMegahertz: clock,
	};
}
