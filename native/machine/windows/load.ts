/** Processor and main memory: the computer's and our own. */
import { err, ok, type Result } from "../../base/base.ts";
import type { NativeFunction } from "../library.ts";
import { bind, createNativeSource, type Need } from "../native-source.ts";
import type { Question, Sight, Source, SourceFault } from "../source.ts";
import type { WindowsLibraries } from "./libraries.ts";
import { durationMsAt, isTrue, pointerOf } from "./memory.ts";

interface Functions {
	readonly getSystemTimes: NativeFunction;
	readonly globalMemoryStatus: NativeFunction;
	readonly openProcess: NativeFunction;
	readonly getProcessTimes: NativeFunction;
	readonly getProcessMemoryInfo: NativeFunction;
	readonly closeHandle: NativeFunction;
}

/** Processor time of all cores up to now, and of our processes by pid. */
interface Times {
	readonly totalMs: number;
	readonly busyMs: number;
	readonly ownMs: ReadonlyMap<number, number>;
}

/** Makes the source. */
export function createWindowsLoadSource({ kernel32 }: WindowsLibraries): Source {
	let before: Times | null = null;
	return createNativeSource({
		name: "Windows load",
		tells: "processor and main memory, the computer's and our own",
		open: () => bind((need) => take(need, kernel32)),
		async look(functions, question): Promise<Result<Sight, SourceFault>> {
			const memory = readMemory(functions.globalMemoryStatus);
			const own = readOwn(functions, question);
			const system = readSystemTimes(functions.getSystemTimes);
			if (memory === null || system === null) {
				return err({ kind: "failed", message: "GlobalMemoryStatusEx or GetSystemTimes says it can't tell" });
			}
			const now: Times = { ...system, ownMs: own.times };
			const since = before;
			before = now;
			return ok({
				memory,
				ownMemoryBytes: own.memoryBytes,
				cpu: { totalFraction: since === null ? null : part(now.busyMs - since.busyMs, now, since) },
				ownCpuFraction: since === null ? null : part(ownBetween(since, now), now, since),
			});
		},
	});
}

/**
 * From learn.microsoft.com, "GetSystemTimes", "OpenProcess", "GetProcessTimes" (processthreadsapi.h), "GlobalMemoryStatusEx"
 * (sysinfoapi.h), "GetProcessMemoryInfo" (psapi.h; kernel32 exports it as K32...), "CloseHandle" (handleapi.h):
 *
 *     BOOL GetSystemTimes(PFILETIME lpIdleTime, PFILETIME lpKernelTime, PFILETIME lpUserTime);
 *     BOOL GlobalMemoryStatusEx(LPMEMORYSTATUSEX lpBuffer);
 *     HANDLE OpenProcess(DWORD dwDesiredAccess, BOOL bInheritHandle, DWORD dwProcessId);
 *     BOOL GetProcessTimes(HANDLE hProcess, LPFILETIME lpCreationTime, LPFILETIME lpExitTime, LPFILETIME lpKernelTime,
 *         LPFILETIME lpUserTime);
 *     BOOL K32GetProcessMemoryInfo(HANDLE Process, PPROCESS_MEMORY_COUNTERS ppsmemCounters, DWORD cb);
 *     BOOL CloseHandle(HANDLE hObject);
 */
async function take(need: Need, kernel32: string): Promise<Functions> {
	return {
		getSystemTimes: await need(kernel32, "int GetSystemTimes(void *lpIdleTime, void *lpKernelTime, void *lpUserTime)"),
		globalMemoryStatus: await need(kernel32, "int GlobalMemoryStatusEx(void *lpBuffer)"),
		openProcess: await need(
			kernel32,
			"void *OpenProcess(uint32_t dwDesiredAccess, int bInheritHandle, uint32_t dwProcessId)",
		),
		getProcessTimes: await need(
			kernel32,
			"int GetProcessTimes(void *hProcess, void *lpCreationTime, void *lpExitTime, void *lpKernelTime, void *lpUserTime)",
		),
		getProcessMemoryInfo: await need(
			kernel32,
			"int K32GetProcessMemoryInfo(void *Process, void *ppsmemCounters, uint32_t cb)",
		),
		closeHandle: await need(kernel32, "int CloseHandle(void *hObject)"),
	};
}

/** `MEMORYSTATUSEX`: `DWORD dwLength, dwMemoryLoad; DWORDLONG ullTotalPhys, ullAvailPhys`, and five more of 8 bytes. */
const MEMORY_STATUS_BYTES = 64;
const TOTAL_AT = 8;
const AVAILABLE_AT = 16;

function readMemory(globalMemoryStatus: NativeFunction): NonNullable<Sight["memory"]> | null {
	const status = Buffer.alloc(MEMORY_STATUS_BYTES);
	status.writeUInt32LE(MEMORY_STATUS_BYTES, 0);
	if (!isTrue(globalMemoryStatus.callHere(status))) return null;
	return {
		totalBytes: Number(status.readBigUInt64LE(TOTAL_AT)),
		availableBytes: Number(status.readBigUInt64LE(AVAILABLE_AT)),
	};
}

const FILETIME_BYTES = 8;

/** The kernel's time includes the idle one. */
function readSystemTimes(getSystemTimes: NativeFunction): Pick<Times, "totalMs" | "busyMs"> | null {
	const idle = Buffer.alloc(FILETIME_BYTES);
	const kernel = Buffer.alloc(FILETIME_BYTES);
	const user = Buffer.alloc(FILETIME_BYTES);
	if (!isTrue(getSystemTimes.callHere(idle, kernel, user))) return null;
	const totalMs = durationMsAt(kernel, 0) + durationMsAt(user, 0);
	return { totalMs, busyMs: totalMs - durationMsAt(idle, 0) };
}

/** `PROCESS_QUERY_LIMITED_INFORMATION` and `PROCESS_VM_READ` of winnt.h, which the documentation asks for. */
const READ_OWN = 0x1000 | 0x0010;
/** `PROCESS_MEMORY_COUNTERS`: two DWORDs and eight SIZE_Ts; the second of those is `WorkingSetSize`. */
const MEMORY_COUNTERS_BYTES = 72;
const WORKING_SET_AT = 16;

/** A process that is gone takes nothing. */
function readOwn(functions: Functions, question: Question): { times: Map<number, number>; memoryBytes: number } {
	const times = new Map<number, number>();
	let memoryBytes = 0;
	for (const pid of question.ownProcessIds) {
		const handle = pointerOf(functions.openProcess.callHere(READ_OWN, 0, pid));
		if (handle === null) continue;
		const ms = readProcessMs(functions.getProcessTimes, handle);
		if (ms !== null) times.set(pid, ms);
		memoryBytes += readWorkingSet(functions.getProcessMemoryInfo, handle);
		functions.closeHandle.callHere(handle);
	}
	return { times, memoryBytes };
}

function readProcessMs(getProcessTimes: NativeFunction, handle: bigint): number | null {
	const unused = Buffer.alloc(FILETIME_BYTES);
	const kernel = Buffer.alloc(FILETIME_BYTES);
	const user = Buffer.alloc(FILETIME_BYTES);
	if (!isTrue(getProcessTimes.callHere(handle, unused, unused, kernel, user))) return null;
	return durationMsAt(kernel, 0) + durationMsAt(user, 0);
}

function readWorkingSet(getProcessMemoryInfo: NativeFunction, handle: bigint): number {
	const counters = Buffer.alloc(MEMORY_COUNTERS_BYTES);
	counters.writeUInt32LE(MEMORY_COUNTERS_BYTES, 0);
	if (!isTrue(getProcessMemoryInfo.callHere(handle, counters, MEMORY_COUNTERS_BYTES))) return 0;
	return Number(counters.readBigUInt64LE(WORKING_SET_AT));
}

/** Of those that were there at both looks; one that just began counts from the next look. */
function ownBetween(before: Times, now: Times): number {
	let sumMs = 0;
	for (const [pid, ms] of now.ownMs) sumMs += Math.max(0, ms - (before.ownMs.get(pid) ?? ms));
	return sumMs;
}

function part(partMs: number, now: Times, before: Times): number | null {
	const passedMs = now.totalMs - before.totalMs;
	return passedMs > 0 ? Math.min(1, Math.max(0, partMs / passedMs)) : null;
}
