/** Names of programs by the ids of their processes. */
import { win32 } from "node:path";
import type { NativeFunction } from "../library.ts";
import type { Need } from "../native-source.ts";
import { isTrue, pointerOf, textOf } from "./memory.ts";

/** Names of processes. */
export interface ProcessNames {
	/** The program's file name without `.exe`, as it is spelled, e.g. `blender`; null: gone, or the system doesn't tell. */
	nameOf(pid: number): string | null;
	/** As `nameOf`, from what was asked before while the process stays in the list that is asked for. */
	namesOf(pids: ReadonlySet<number>): ReadonlyMap<number, string | null>;
}

/** `PROCESS_QUERY_LIMITED_INFORMATION` of winnt.h: also for programs of other users and protected ones. */
const QUERY_LIMITED_INFORMATION = 0x1000;
/** Longest path that Windows knows, in characters; `\\?\` paths end there. */
const LONGEST_PATH = 32_767;

/**
 * Takes the functions. From learn.microsoft.com, "OpenProcess" (processthreadsapi.h), "QueryFullProcessImageNameW" (winbase.h),
 * "CloseHandle" (handleapi.h):
 *
 *     HANDLE OpenProcess(DWORD dwDesiredAccess, BOOL bInheritHandle, DWORD dwProcessId);
 *     BOOL QueryFullProcessImageNameW(HANDLE hProcess, DWORD dwFlags, LPWSTR lpExeName, PDWORD lpdwSize);
 *     BOOL CloseHandle(HANDLE hObject);
 */
export async function needProcessNames(need: Need, kernel32: string): Promise<ProcessNames> {
	const open = await need(
		kernel32,
		"void *OpenProcess(uint32_t dwDesiredAccess, int bInheritHandle, uint32_t dwProcessId)",
	);
	const query = await need(
		kernel32,
		"int QueryFullProcessImageNameW(void *hProcess, uint32_t dwFlags, void *lpExeName, void *lpdwSize)",
	);
	const close = await need(kernel32, "int CloseHandle(void *hObject)");
	return createNames(open, query, close);
}

function createNames(open: NativeFunction, query: NativeFunction, close: NativeFunction): ProcessNames {
	const path = Buffer.alloc(LONGEST_PATH * 2);
	const size = Buffer.alloc(4);
	let known = new Map<number, string | null>();

	function nameOf(pid: number): string | null {
		const handle = pointerOf(open.callHere(QUERY_LIMITED_INFORMATION, 0, pid));
		if (handle === null) return null;
		size.writeUInt32LE(LONGEST_PATH);
		const isTold = isTrue(query.callHere(handle, 0, path, size));
		close.callHere(handle);
		return isTold ? programName(textOf(path.subarray(0, size.readUInt32LE() * 2))) : null;
	}

	return {
		nameOf,
		namesOf(pids) {
			const names = new Map<number, string | null>();
			for (const pid of pids) {
				const before = known.get(pid);
				names.set(pid, before === undefined ? nameOf(pid) : before);
			}
			known = names;
			return names;
		},
	};
}

/** `C:\Games\Blender.exe` is `Blender`. */
export function programName(path: string): string {
	const file = win32.basename(path);
	return /\.exe$/i.test(file) ? file.slice(0, -4) : file;
}
