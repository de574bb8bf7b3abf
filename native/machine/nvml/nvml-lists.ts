/**
 * The functions of NVIDIA's management library that fill lists, with their C prototypes and what is read from memory. From `nvml.h`
 * and https://docs.nvidia.com/deploy/nvml-api. A list may grow between two calls, and the size of its entries differs between
 * drivers that have the same function.
 */
import { err, ok } from "../../base/base.ts";
import type { Library, NativeFunction, NativeValue } from "../library.ts";
import { type Answer, invoke, type NvmlDevice, nvmlCode } from "./nvml-codes.ts";

/** A process that has something on a GPU. */
export interface ListedProcess {
	readonly pid: number;
	/** Null: the driver can't tell; on Windows the system manages the memory. */
	readonly memoryBytes: number | null;
	/** Which part of a GPU that was divided (MIG); the same for all where none was. */
	readonly part: string;
}

/** How busy a process kept a GPU for a moment. */
export interface BusySample {
	readonly pid: number;
	readonly atMicroseconds: bigint;
	/** Of the arithmetic units. */
	readonly percent: number;
}

/**
 * `nvmlProcessInfo_t`: unsigned int pid; unsigned long long usedGpuMemory; and since version 2 unsigned int gpuInstanceId,
 * computeInstanceId; and in drivers 535.43 to 535.86 and some later ones, with nothing else to tell by, unsigned long long
 * usedGpuCcProtectedMemory.
 */
const PROCESS = { sizes: [16, 24, 32], pid: 0, usedMemory: 8, gpuInstance: 16, computeInstance: 20 } as const;
/** The entries end before the two instances. */
const SMALLEST_PROCESS = PROCESS.sizes[0];
const LARGEST_PROCESS = PROCESS.sizes[2];
/** `nvmlProcessUtilizationSample_t`: unsigned int pid; unsigned long long timeStamp; unsigned int smUtil, memUtil, encUtil, decUtil. */
const SAMPLE = { size: 32, pid: 0, timeStamp: 8, smUtil: 16 } as const;
/** NVML_VALUE_NOT_AVAILABLE as an unsigned long long. */
const NOT_AVAILABLE = 2n ** 64n - 1n;
/** Fills memory before a call, so that it can be seen how far the driver wrote. No pid, size or id ends in this byte. */
const UNTOUCHED = 0xaa;

/** Room for so many entries at first: more processes than use a GPU in a home. */
const FIRST_ROOM = 32;
/** Entries to spare beside those that are there: the list may grow before the next call. */
const SPARE_ROOM = 8;
/** A list that was too long for its room so often grows faster than it can be read. */
const MOST_TRIES = 5;
/** More than any computer has processes on a GPU: beyond it the driver's count is rubbish. */
const MOST_ENTRIES = 16_384;

/**
 * `int <name>_v3(nvmlDevice_t device, unsigned int *infoCount, nvmlProcessInfo_t *infos)`, of drivers before 510 `_v2`, before 450
 * without a version.
 */
export function listProcesses(
	{ find }: Library,
	name: string,
): (device: NvmlDevice) => Answer<readonly ListedProcess[]> {
	const parameters = "(void *device, _Inout_ void *infoCount, _Inout_ void *infos)";
	const found =
		find(`int ${name}_v3${parameters}`) ?? find(`int ${name}_v2${parameters}`) ?? find(`int ${name}${parameters}`);
	const fill = createFiller(found, LARGEST_PROCESS, (device, count, infos) => [device, count, infos]);
	return async (device) => {
		const filled = await fill(device, 0n);
		return filled.ok ? ok(readProcesses(filled.value.entries, filled.value.count)) : filled;
	};
}

/**
 * `int nvmlDeviceGetProcessUtilization(nvmlDevice_t device, nvmlProcessUtilizationSample_t *utilization, unsigned int
 * *processSamplesCount, unsigned long long lastSeenTimeStamp)`.
 */
export function listSamples({ find }: Library): (device: NvmlDevice, sinceUs: bigint) => Answer<readonly BusySample[]> {
	const parameters = "(void *device, _Inout_ void *samples, _Inout_ void *count, unsigned long long lastSeenTimeStamp)";
	const found = find(`int nvmlDeviceGetProcessUtilization${parameters}`);
	const fill = createFiller(found, SAMPLE.size, (device, count, samples, sinceUs) => [device, samples, count, sinceUs]);
	return async (device, sinceUs) => {
		const filled = await fill(device, sinceUs);
		return filled.ok ? ok(readSamples(filled.value.entries, filled.value.count)) : filled;
	};
}

/** How a function of a list takes its arguments. */
type Arguments = (device: NvmlDevice, count: Buffer, entries: Buffer, sinceUs: bigint) => readonly NativeValue[];

/** Calls the function with more and more room, until the list fits. */
function createFiller(found: NativeFunction | null, entrySize: number, toArguments: Arguments) {
	let room = FIRST_ROOM;
	return async (device: NvmlDevice, sinceUs: bigint): Answer<{ readonly entries: Buffer; readonly count: number }> => {
		for (let tries = 0; tries < MOST_TRIES; tries++) {
			const count = Buffer.alloc(4);
			count.writeUInt32LE(room);
			const entries = Buffer.alloc(room * entrySize, UNTOUCHED);
			const code = await invoke(found, ...toArguments(device, count, entries, sinceUs));
			const told = count.readUInt32LE();
			if (code === nvmlCode.success) return ok({ entries, count: Math.min(told, room) });
			if (code !== nvmlCode.insufficientSize) return err(code);
			room = Math.min(Math.max(told + SPARE_ROOM, room * 2), MOST_ENTRIES);
		}
		return err(nvmlCode.insufficientSize);
	};
}

/** Reads entries of the size the driver wrote. */
export function readProcesses(entries: Buffer, count: number): readonly ListedProcess[] {
	if (count === 0) return [];
	const written = entries.findLastIndex((byte) => byte !== UNTOUCHED) + 1;
	const size = PROCESS.sizes.find((each) => each * count >= written) ?? LARGEST_PROCESS;
	return Array.from({ length: count }, (_, index) => {
		const entry = entries.subarray(index * size, (index + 1) * size);
		const used = entry.readBigUInt64LE(PROCESS.usedMemory);
		return {
			pid: entry.readUInt32LE(PROCESS.pid),
			memoryBytes: used === NOT_AVAILABLE ? null : Number(used),
			part: size === SMALLEST_PROCESS ? "" : entry.toString("hex", PROCESS.gpuInstance, PROCESS.computeInstance + 4),
		};
	});
}

function readSamples(entries: Buffer, count: number): readonly BusySample[] {
	return Array.from({ length: count }, (_, index) => {
		const entry = entries.subarray(index * SAMPLE.size, (index + 1) * SAMPLE.size);
		return {
			pid: entry.readUInt32LE(SAMPLE.pid),
			atMicroseconds: entry.readBigUInt64LE(SAMPLE.timeStamp),
			percent: entry.readUInt32LE(SAMPLE.smUtil),
		};
	});
}
