/**
 * The functions of NVIDIA's management library that are used here, with their C prototypes and what is read from memory. From
 * `nvml.h` and https://docs.nvidia.com/deploy/nvml-api. All return `nvmlReturn_t`, an int. Must never decide what a figure or a
 * code means for us.
 *
 * Every call runs on another thread: a driver may hang.
 */
import { err, ok } from "../../base/base.ts";
import type { Library, NativeFunction } from "../library.ts";
import { type Answer, answerOf, invoke, type NvmlDevice, nvmlCode } from "./nvml-codes.ts";
import { type BusySample, type ListedProcess, listProcesses, listSamples } from "./nvml-lists.ts";

/** The library's functions. Sizes in bytes; text as the driver writes it. */
export interface NvmlCalls {
	init(): Answer<null>;
	shutdown(): Answer<null>;
	/** The library's own words for a code; null: it has none. */
	describe(code: number): Promise<string | null>;
	driverVersion(): Answer<string>;
	deviceCount(): Answer<number>;
	deviceByIndex(index: number): Answer<NvmlDevice>;
	/** e.g. `GPU-5f2b…`. */
	uuid(device: NvmlDevice): Answer<string>;
	name(device: NvmlDevice): Answer<string>;
	/** e.g. `0000:03:00.0`, as the system writes it. */
	pciAddress(device: NvmlDevice): Answer<string>;
	memory(device: NvmlDevice): Answer<{ readonly totalBytes: number; readonly usedBytes: number }>;
	/** Percent of the last moments, a sixth of a second to a second. */
	busyPercent(device: NvmlDevice): Answer<number>;
	powerMilliwatts(device: NvmlDevice): Answer<number>;
	powerLimitMilliwatts(device: NvmlDevice): Answer<number>;
	celsius(device: NvmlDevice): Answer<number>;
	clockMegahertz(device: NvmlDevice): Answer<number>;
	computeProcesses(device: NvmlDevice): Answer<readonly ListedProcess[]>;
	graphicsProcesses(device: NvmlDevice): Answer<readonly ListedProcess[]>;
	/** Those after a moment in microseconds, 0: all that are kept; `notFound`: none. */
	processSamples(device: NvmlDevice, sinceUs: bigint): Answer<readonly BusySample[]>;
}

/** NVML_DEVICE_UUID_V2_BUFFER_SIZE and NVML_DEVICE_NAME_V2_BUFFER_SIZE; the driver's version needs 80. */
const TEXT_SIZE = 96;
/** `nvmlPciInfo_t`: char busIdLegacy[16]; unsigned int domain, bus, device, pciDeviceId, pciSubSystemId; char busId[32]. */
const PCI_INFO = { size: 68, domain: 16, bus: 20, device: 24 } as const;
/** `nvmlMemory_t`: unsigned long long total, free, used. What the driver keeps for itself is part of `used`. */
const MEMORY_1 = { size: 24, total: 0, used: 16 } as const;
/** `nvmlMemory_v2_t`: unsigned int version; unsigned long long total, reserved, free, used. */
const MEMORY_2 = { size: 40, version: 0, total: 8, reserved: 16, free: 24 } as const;
/** NVML_STRUCT_VERSION(Memory, 2): the size, and the version in the highest byte. */
const MEMORY_2_VERSION = MEMORY_2.size + 2 * 2 ** 24;
/** `nvmlUtilization_t`: unsigned int gpu, memory. */
const UTILIZATION = { size: 8, gpu: 0 } as const;
/** NVML_TEMPERATURE_GPU of `nvmlTemperatureSensors_t`. */
const TEMPERATURE_GPU = 0;
/** NVML_CLOCK_GRAPHICS of `nvmlClockType_t`. */
const CLOCK_GRAPHICS = 0;
/** NVML_VALUE_NOT_AVAILABLE as an unsigned int. */
const NOT_AVAILABLE = 0xffff_ffff;

/** Takes the functions from the library. Each may be missing, depending on the driver's age. */
export function bindNvml(library: Library): NvmlCalls {
	const { find } = library;
	const init = find("int nvmlInit_v2(void)");
	const shutdown = find("int nvmlShutdown(void)");
	const describe = find("const char *nvmlErrorString(int result)");
	const version = find("int nvmlSystemGetDriverVersion(_Out_ void *version, unsigned int length)");
	const count = find("int nvmlDeviceGetCount_v2(_Out_ void *deviceCount)");
	const byIndex = find("int nvmlDeviceGetHandleByIndex_v2(unsigned int index, _Out_ void *device)");
	const uuid = find("int nvmlDeviceGetUUID(void *device, _Out_ void *uuid, unsigned int length)");
	const name = find("int nvmlDeviceGetName(void *device, _Out_ void *name, unsigned int length)");
	const utilization = find("int nvmlDeviceGetUtilizationRates(void *device, _Out_ void *utilization)");
	const power = find("int nvmlDeviceGetPowerUsage(void *device, _Out_ void *power)");
	const powerLimit = find("int nvmlDeviceGetEnforcedPowerLimit(void *device, _Out_ void *limit)");
	const temperature = find("int nvmlDeviceGetTemperature(void *device, int sensorType, _Out_ void *temp)");
	const clock = find("int nvmlDeviceGetClockInfo(void *device, int type, _Out_ void *clock)");
	return {
		init: async () => answerOf(await invoke(init), () => null),
		shutdown: async () => answerOf(await invoke(shutdown), () => null),
		async describe(code) {
			const words = await describe?.call(code);
			return typeof words === "string" && words !== "" ? words : null;
		},
		driverVersion: () => readText((text) => invoke(version, text, TEXT_SIZE)),
		deviceCount: () => readNumber((number) => invoke(count, number)),
		async deviceByIndex(index) {
			const device = Buffer.alloc(8);
			return answerOf(await invoke(byIndex, index, device), () => device.readBigUInt64LE());
		},
		uuid: (device) => readText((text) => invoke(uuid, device, text, TEXT_SIZE)),
		name: (device) => readText((text) => invoke(name, device, text, TEXT_SIZE)),
		pciAddress: readPciAddress(library),
		memory: readMemory(library),
		async busyPercent(device) {
			const rates = Buffer.alloc(UTILIZATION.size);
			return answerOf(await invoke(utilization, device, rates), () => rates.readUInt32LE(UTILIZATION.gpu));
		},
		powerMilliwatts: (device) => readNumber((number) => invoke(power, device, number)),
		powerLimitMilliwatts: (device) => readNumber((number) => invoke(powerLimit, device, number)),
		celsius: (device) => readNumber((number) => invoke(temperature, device, TEMPERATURE_GPU, number)),
		clockMegahertz: (device) => readNumber((number) => invoke(clock, device, CLOCK_GRAPHICS, number)),
		computeProcesses: listProcesses(library, "nvmlDeviceGetComputeRunningProcesses"),
		graphicsProcesses: listProcesses(library, "nvmlDeviceGetGraphicsRunningProcesses"),
		processSamples: listSamples(library),
	};
}

/** What a function writes into an `unsigned int *`. */
async function readNumber(call: (number: Buffer) => Promise<number>): Answer<number> {
	const number = Buffer.alloc(4);
	const code = await call(number);
	if (code !== nvmlCode.success) return err(code);
	const value = number.readUInt32LE();
	return value === NOT_AVAILABLE ? err(nvmlCode.noData) : ok(value);
}

/** What a function writes into a `char *`, up to the zero that ends it. */
async function readText(call: (text: Buffer) => Promise<number>): Answer<string> {
	const text = Buffer.alloc(TEXT_SIZE);
	return answerOf(await call(text), () => text.toString("utf8").split("\0", 1)[0] ?? "");
}

/** The second version has the same structure as far as it is read here. */
function readPciAddress({ find }: Library): NvmlCalls["pciAddress"] {
	const pciInfo: NativeFunction | null =
		find("int nvmlDeviceGetPciInfo_v3(void *device, _Out_ void *pci)") ??
		find("int nvmlDeviceGetPciInfo_v2(void *device, _Out_ void *pci)");
	return async (device) => {
		const pci = Buffer.alloc(PCI_INFO.size);
		const part = (offset: number, digits: number) => pci.readUInt32LE(offset).toString(16).padStart(digits, "0");
		return answerOf(
			await invoke(pciInfo, device, pci),
			() => `${part(PCI_INFO.domain, 4)}:${part(PCI_INFO.bus, 2)}:${part(PCI_INFO.device, 2)}.0`,
		);
	};
}

/**
 * The second version (driver 510 and newer) tells what the driver keeps for itself. Whether that is part of its `used` the header
 * and the library don't agree on, so that figure is not read.
 */
function readMemory({ find }: Library): NvmlCalls["memory"] {
	const second = find("int nvmlDeviceGetMemoryInfo_v2(void *device, _Inout_ void *memory)");
	const first = find("int nvmlDeviceGetMemoryInfo(void *device, _Out_ void *memory)");
	return async (device) => {
		const memory = Buffer.alloc(MEMORY_2.size);
		const size = (offset: number) => Number(memory.readBigUInt64LE(offset));
		memory.writeUInt32LE(MEMORY_2_VERSION, MEMORY_2.version);
		const code = await invoke(second, device, memory);
		if (code === nvmlCode.success) {
			const totalBytes = size(MEMORY_2.total);
			return ok({ totalBytes, usedBytes: Math.max(0, totalBytes - size(MEMORY_2.reserved) - size(MEMORY_2.free)) });
		}
		const isTooNew = code === nvmlCode.functionNotFound || code === nvmlCode.argumentVersionMismatch;
		if (!isTooNew && code !== nvmlCode.notSupported) return err(code);
		return answerOf(await invoke(first, device, memory), () => ({
			totalBytes: size(MEMORY_1.total),
			usedBytes: size(MEMORY_1.used),
		}));
	};
}
