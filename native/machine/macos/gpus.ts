/** GPUs by what their drivers write into the I/O Registry. */
import { type Clock, err, ok, type Result, systemClock } from "../../base/base.ts";
import type { NativeFunction } from "../library.ts";
import { bind, createNativeSource, type Need } from "../native-source.ts";
import type { Question, SeenGpu, Sight, Source, SourceFault } from "../source.ts";
import { needCoreFoundation, pointerOf } from "./core-foundation.ts";
import { busyBetween, type ClientFunctions, type GpuClient, readClients } from "./gpu-clients.ts";
import type { MacosLibraries } from "./libraries.ts";
import { sharedTotalBytes } from "./shared-memory.ts";
import { needSysctl, type Sysctl } from "./sysctl.ts";

interface Functions extends ClientFunctions {
	readonly matching: NativeFunction;
	readonly getServices: NativeFunction;
	readonly searchProperty: NativeFunction;
	readonly getEntryId: NativeFunction;
	readonly sysctl: Sysctl;
}

/** Clients of a GPU as last read, by the GPU's id. */
type Reading = { readonly atMs: number; readonly clients: ReadonlyMap<number, GpuClient> };

/** Makes the source. How much memory each program has on the GPU can't be seen. */
export function createMacosGpuSource(libraries: MacosLibraries, clock: Clock = systemClock): Source {
	let before = new Map<string, Reading>();
	return createNativeSource({
		name: "macOS I/O Registry",
		tells: "GPUs, the memory they use, how busy they are and by whom",
		open: () => bind((need) => take(need, libraries)),
		async look(functions, question): Promise<Result<Sight, SourceFault>> {
			const now = new Map<string, Reading>();
			const seen = await eachGpu(functions, (entry): SeenGpu => {
				const gpu = readGpu(functions, entry);
				if (!isWorthAsking(gpu, question)) return gpu;
				const clients = readClients(functions, entry);
				if (clients === null) return gpu;
				const reading = { atMs: clock.monotonicMs(), clients };
				now.set(gpu.id, reading);
				const since = before.get(gpu.id);
				if (since === undefined) return gpu;
				return {
					...gpu,
					processes: busyBetween(since.clients, clients, reading.atMs - since.atMs, question.inferenceProcessIds),
				};
			});
			before = now;
			return seen.ok ? ok({ gpus: seen.value }) : seen;
		},
	});
}

/** Below this much nobody is disturbed, and nobody needs a name. */
const BUSY_ENOUGH = 0.1;

/** Reading all clients takes some 2 ms, half of what a look may; so only while it matters whose work it is. */
function isWorthAsking(gpu: SeenGpu, question: Question): boolean {
	return question.inferenceProcessIds.length > 0 || (gpu.busyFraction ?? 0) >= BUSY_ENOUGH;
}

/**
 * From IOKitLib.h of IOKit; `io_object_t`, `io_iterator_t` and `io_registry_entry_t` are 32-bit port names:
 *
 *     CFMutableDictionaryRef IOServiceMatching(const char *name);
 *     kern_return_t IOServiceGetMatchingServices(mach_port_t mainPort, CFDictionaryRef matching, io_iterator_t *existing);
 *         (releases `matching`)
 *     io_object_t IOIteratorNext(io_iterator_t iterator);
 *     kern_return_t IOObjectRelease(io_object_t object);
 *     CFTypeRef IORegistryEntryCreateCFProperty(io_registry_entry_t entry, CFStringRef key, CFAllocatorRef allocator,
 *         IOOptionBits options);
 *     CFTypeRef IORegistryEntrySearchCFProperty(io_registry_entry_t entry, const io_name_t plane, CFStringRef key,
 *         CFAllocatorRef allocator, IOOptionBits options);
 *     kern_return_t IORegistryEntryGetChildIterator(io_registry_entry_t entry, const io_name_t plane, io_iterator_t *iterator);
 *     kern_return_t IORegistryEntryGetRegistryEntryID(io_registry_entry_t entry, uint64_t *entryID);
 */
async function take(need: Need, libraries: MacosLibraries): Promise<Functions> {
	const { ioKit } = libraries;
	const objects = await needCoreFoundation(need, libraries);
	const createProperty = await need(
		ioKit,
		"void *IORegistryEntryCreateCFProperty(uint32_t entry, void *key, void *allocator, uint32_t options)",
	);
	return {
		matching: await need(ioKit, "void *IOServiceMatching(const char *name)"),
		getServices: await need(
			ioKit,
			"int IOServiceGetMatchingServices(uint32_t mainPort, void *matching, void *existing)",
		),
		next: await need(ioKit, "uint32_t IOIteratorNext(uint32_t iterator)"),
		releaseEntry: await need(ioKit, "int IOObjectRelease(uint32_t object)"),
		searchProperty: await need(
			ioKit,
			"void *IORegistryEntrySearchCFProperty(uint32_t entry, const char *plane, void *key, void *allocator, uint32_t options)",
		),
		getEntryId: await need(ioKit, "int IORegistryEntryGetRegistryEntryID(uint32_t entry, void *entryID)"),
		sysctl: await needSysctl(need, libraries),
		getChildren: await need(
			ioKit,
			"int IORegistryEntryGetChildIterator(uint32_t entry, const char *plane, void *iterator)",
		),
		objects,
		withProperty: (entry, key, read) =>
			objects.withString(key, (name) => {
				const object = pointerOf(createProperty.callHere(entry, name, null, 0));
				if (object === null) return null;
				const value = read(object);
				objects.release(object);
				return value;
			}),
	};
}

/** `kIOMainPortDefault`. */
const MAIN_PORT = 0;
/** A Mac Pro takes eight cards of two; more is a list that does not end. */
const MOST_GPUS = 32;

async function eachGpu(
	functions: Functions,
	read: (entry: number) => SeenGpu,
): Promise<Result<readonly SeenGpu[], SourceFault>> {
	const iterator = Buffer.alloc(4);
	const matching = pointerOf(functions.matching.callHere("IOAccelerator"));
	const status = await functions.getServices.call(MAIN_PORT, matching, iterator);
	if (status !== 0) return err({ kind: "failed", message: `IOServiceGetMatchingServices answers ${status}` });
	const gpus: SeenGpu[] = [];
	for (let count = 0; count < MOST_GPUS; count++) {
		const entry = functions.next.callHere(iterator.readUInt32LE());
		if (typeof entry !== "number" || entry === 0) break;
		gpus.push(read(entry));
		functions.releaseEntry.callHere(entry);
	}
	functions.releaseEntry.callHere(iterator.readUInt32LE());
	return ok(gpus);
}

const PERCENT = 100;
const MEGABYTE = 1024 * 1024;

/** Keys as drivers write them; none is documented. `ioreg -r -c IOAccelerator` shows them. */
function readGpu(functions: Functions, entry: number): SeenGpu {
	const { objects } = functions;
	const model = readModel(functions, entry);
	const figures = functions.withProperty(entry, "PerformanceStatistics", (statistics) => {
		const figure = (key: string) => objects.number(objects.value(statistics, key));
		return {
			busyPercent: figure("Device Utilization %") ?? figure("GPU Activity(%)"),
			ownUsedBytes: figure("vramUsedBytes"),
			sharedUsedBytes: figure("In use system memory") ?? figure("Alloc system memory"),
		};
	});
	const busyPercent = figures?.busyPercent ?? null;
	const ownMegabytes = search(functions, entry, "VRAM,totalMB", objects.number);
	return {
		id: readId(functions, entry),
		name: model ?? "GPU without a name",
		vendor: vendorOf(model ?? ""),
		pciAddress: null,
		totalBytes: ownMegabytes === null ? sharedTotalBytes(functions.sysctl) : ownMegabytes * MEGABYTE,
		usedBytes: (ownMegabytes === null ? figures?.sharedUsedBytes : figures?.ownUsedBytes) ?? null,
		busyFraction: busyPercent === null ? null : Math.min(1, Math.max(0, busyPercent / PERCENT)),
		powerWatts: null,
		powerLimitWatts: null,
		temperatureCelsius: null,
		clockMegahertz: null,
		processes: null,
	};
}

/** Of Apple's own it is text at the driver, of cards it is data at the slot above it. */
function readModel(functions: Functions, entry: number): string | null {
	const { text, dataText } = functions.objects;
	return search(functions, entry, "model", (object) => text(object) ?? dataText(object));
}

/** The registry's number of the driver: the same until the next start. */
function readId(functions: Functions, entry: number): string {
	const id = Buffer.alloc(8);
	const isTold = functions.getEntryId.callHere(entry, id) === 0;
	return isTold ? `registry:${id.readBigUInt64LE().toString(16)}` : "registry:unknown";
}

/** `kIORegistryIterateRecursively` and `kIORegistryIterateParents` of IOKitKeys.h. */
const HERE_AND_ABOVE = 0x1 | 0x2;

function search<Value>(
	functions: Functions,
	entry: number,
	key: string,
	read: (object: bigint | null) => Value,
): Value | null {
	return functions.objects.withString(key, (name) => {
		const object = pointerOf(functions.searchProperty.callHere(entry, "IOService", name, null, HERE_AND_ABOVE));
		const value = read(object);
		functions.objects.release(object);
		return value;
	});
}

function vendorOf(model: string): SeenGpu["vendor"] {
	if (/apple/i.test(model)) return "apple";
	if (/amd|radeon/i.test(model)) return "amd";
	if (/intel/i.test(model)) return "intel";
	return /nvidia|geforce/i.test(model) ? "nvidia" : "other";
}
