/** Processor and main memory: the Mac's and our own. */
import { cpus } from "node:os";
import { type Clock, err, ok, type Result, systemClock } from "../../base/base.ts";
import type { NativeFunction } from "../library.ts";
import { bind, createNativeSource, type Need } from "../native-source.ts";
import type { Question, Sight, Source, SourceFault } from "../source.ts";
import type { MacosLibraries } from "./libraries.ts";
import { needSysctl, type Sysctl } from "./sysctl.ts";

interface Functions {
	readonly hostSelf: NativeFunction;
	readonly statistics: NativeFunction;
	readonly statistics64: NativeFunction;
	readonly processUsage: NativeFunction;
	readonly timebase: NativeFunction;
	readonly sysctl: Sysctl;
}

/** Counters at one moment. */
interface Times {
	readonly atMs: number;
	/** User, system, idle, nice; each wraps at 32 bits. */
	readonly ticks: readonly number[];
	readonly ownMs: ReadonlyMap<number, number>;
}

/** Makes the source. */
export function createMacosLoadSource(
	libraries: MacosLibraries,
	clock: Clock = systemClock,
	cores = cpus().length,
): Source {
	let before: Times | null = null;
	let host: number | null = null;
	return createNativeSource({
		name: "macOS load",
		tells: "processor and main memory, the Mac's and our own",
		open: () => bind((need) => take(need, libraries)),
		async look(functions, question): Promise<Result<Sight, SourceFault>> {
			// Once: each call takes another right to the port.
			host ??= Number(functions.hostSelf.callHere());
			const memory = readMemory(functions, host);
			const ticks = readTicks(functions, host);
			if (memory === null || ticks === null) {
				return err({ kind: "failed", message: "host_statistics says it can't tell" });
			}
			const own = readOwn(functions, question);
			const now: Times = { atMs: clock.monotonicMs(), ticks, ownMs: own.times };
			const since = before;
			before = now;
			return ok({
				memory,
				ownMemoryBytes: own.memoryBytes,
				cpu: { totalFraction: since === null ? null : busyBetween(since.ticks, now.ticks) },
				ownCpuFraction: since === null ? null : ownBetween(since, now, cores),
			});
		},
	});
}

/**
 * From mach/mach_host.h, mach/mach_init.h, mach/mach_time.h and libproc.h; all in libSystem:
 *
 *     mach_port_t mach_host_self(void);
 *     kern_return_t host_statistics(host_t host_priv, host_flavor_t flavor, host_info_t host_info_out,
 *         mach_msg_type_number_t *host_info_outCnt);      and host_statistics64 alike
 *     kern_return_t mach_timebase_info(mach_timebase_info_t info);    two uint32_t: numer, denom
 *     int proc_pid_rusage(int pid, int flavor, rusage_info_t *buffer);
 */
async function take(need: Need, libraries: MacosLibraries): Promise<Functions> {
	const { system } = libraries;
	return {
		hostSelf: await need(system, "uint32_t mach_host_self(void)"),
		statistics: await need(system, "int host_statistics(uint32_t host, int flavor, void *out, void *outCnt)"),
		statistics64: await need(system, "int host_statistics64(uint32_t host, int flavor, void *out, void *outCnt)"),
		processUsage: await need(system, "int proc_pid_rusage(int pid, int flavor, void *buffer)"),
		timebase: await need(system, "int mach_timebase_info(void *info)"),
		sysctl: await needSysctl(need, libraries),
	};
}

/** `HOST_CPU_LOAD_INFO` of mach/host_info.h: four counters of 32 bits. */
const CPU_LOAD = 3;
const CPU_STATES = 4;
const IDLE = 2;

function readTicks({ statistics }: Functions, host: number): readonly number[] | null {
	const ticks = askHost(statistics, host, CPU_LOAD, CPU_STATES);
	return ticks === null ? null : [0, 1, 2, 3].map((state) => ticks.readUInt32LE(state * WORD_BYTES));
}

const WORD_BYTES = 4;

function askHost(ask: NativeFunction, host: number, flavor: number, words: number): Buffer | null {
	const answer = Buffer.alloc(words * WORD_BYTES);
	const count = Buffer.alloc(WORD_BYTES);
	count.writeUInt32LE(words);
	return ask.callHere(host, flavor, answer, count) === 0 ? answer : null;
}

/** `HOST_VM_INFO64`. */
const VIRTUAL_MEMORY = 4;
/** Of `vm_statistics64` in mach/vm_statistics.h, 38 words as of macOS 10.9; counts are in pages. */
const VIRTUAL_MEMORY_WORDS = 38;
const FREE_AT = 0;
const WIRED_AT = 12;
const PURGEABLE_AT = 88;
const COMPRESSED_AT = 128;
const INTERNAL_AT = 140;
/** `kern.memorystatus_vm_pressure_level`: 1 normal, 2 warning, 4 critical. */
const NORMAL_PRESSURE = 1;

/**
 * What is not used, as the Activity Monitor counts used: programs' own pages that may not be thrown away, wired ones and the
 * compressor's. Under pressure only free pages count: then the rest is in use though it could be given up.
 */
function readMemory({ statistics64, sysctl }: Functions, host: number): NonNullable<Sight["memory"]> | null {
	const totalBytes = sysctl("hw.memsize");
	const pageBytes = sysctl("hw.pagesize");
	const pages = askHost(statistics64, host, VIRTUAL_MEMORY, VIRTUAL_MEMORY_WORDS);
	if (totalBytes === null || pageBytes === null || pages === null) return null;
	const at = (offset: number) => pages.readUInt32LE(offset) * pageBytes;
	const ownBytes = Math.max(0, at(INTERNAL_AT) - at(PURGEABLE_AT));
	const unusedBytes = Math.max(0, totalBytes - ownBytes - at(WIRED_AT) - at(COMPRESSED_AT));
	const isUnderPressure = (sysctl("kern.memorystatus_vm_pressure_level") ?? NORMAL_PRESSURE) > NORMAL_PRESSURE;
	return { totalBytes, availableBytes: isUnderPressure ? Math.min(unusedBytes, at(FREE_AT)) : unusedBytes };
}

/** `RUSAGE_INFO_V0` of sys/resource.h: a UUID of 16 bytes and ten `uint64_t`. */
const USAGE_VERSION = 0;
const USAGE_BYTES = 96;
const USER_AT = 16;
const SYSTEM_AT = 24;
const RESIDENT_AT = 64;
const FOOTPRINT_AT = 72;

/** A process that is gone takes nothing. Times are in Mach's ticks: 125/3 ns on Apple silicon, 1 ns on Intel. */
function readOwn(functions: Functions, question: Question): { times: Map<number, number>; memoryBytes: number } {
	const times = new Map<number, number>();
	let memoryBytes = 0;
	const timebase = Buffer.alloc(8);
	if (functions.timebase.callHere(timebase) !== 0) return { times, memoryBytes };
	const tickMs = timebase.readUInt32LE(0) / timebase.readUInt32LE(4) / NANOSECONDS_PER_MILLISECOND;
	for (const pid of question.ownProcessIds) {
		const usage = Buffer.alloc(USAGE_BYTES);
		if (functions.processUsage.callHere(pid, USAGE_VERSION, usage) !== 0) continue;
		const at = (offset: number) => Number(usage.readBigUInt64LE(offset));
		times.set(pid, (at(USER_AT) + at(SYSTEM_AT)) * tickMs);
		// The footprint leaves out a mapped model file, resident memory what the GPU has of it.
		memoryBytes += Math.max(at(RESIDENT_AT), at(FOOTPRINT_AT));
	}
	return { times, memoryBytes };
}

const NANOSECONDS_PER_MILLISECOND = 1e6;

function busyBetween(before: readonly number[], now: readonly number[]): number | null {
	const passed = now.map((ticks, state) => (ticks - (before[state] ?? ticks)) >>> 0);
	const all = passed.reduce((sum, ticks) => sum + ticks, 0);
	return all > 0 ? 1 - (passed[IDLE] ?? 0) / all : null;
}

/** Of those that were there at both looks; one that just began counts from the next look. */
function ownBetween(before: Times, now: Times, cores: number): number | null {
	const passedMs = (now.atMs - before.atMs) * cores;
	if (passedMs <= 0) return null;
	let sumMs = 0;
	for (const [pid, ms] of now.ownMs) sumMs += Math.max(0, ms - (before.ownMs.get(pid) ?? ms));
	return Math.min(1, sumMs / passedMs);
}
