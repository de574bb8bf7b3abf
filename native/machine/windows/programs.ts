/** Which programs run. */
import { type Clock, err, ok, type Result, systemClock } from "../../base/base.ts";
import type { NativeFunction } from "../library.ts";
import { bind, createNativeSource, type Need } from "../native-source.ts";
import type { Sight, Source, SourceFault } from "../source.ts";
import type { WindowsLibraries } from "./libraries.ts";
import { isTrue, pointerOf, textOf } from "./memory.ts";
import { programName } from "./process-names.ts";

/** Looking through all processes costs more than all other looking together; programs are opened seldom. */
const LEAST_BETWEEN_MS = 10_000;
/** Far more processes than a computer has; a list that does not end is a fault. */
const MOST_PROCESSES = 65_536;
/** `TH32CS_SNAPPROCESS` of tlhelp32.h. */
const PROCESSES = 0x2;
/** `INVALID_HANDLE_VALUE`. */
const INVALID_HANDLE = 2n ** 64n - 1n;
/** `PROCESSENTRY32W`: `DWORD dwSize`, ten more fields, and from byte 44 `WCHAR szExeFile[MAX_PATH]`. */
const ENTRY_BYTES = 568;
const NAME_AT = 44;
const NAME_BYTES = 260 * 2;

interface Functions {
	readonly snapshot: NativeFunction;
	readonly first: NativeFunction;
	readonly next: NativeFunction;
	readonly close: NativeFunction;
}

/** Makes the source; it tells nothing while nobody asks. */
export function createWindowsProgramsSource({ kernel32 }: WindowsLibraries, clock: Clock = systemClock): Source {
	let last: { readonly atMs: number; readonly programs: readonly string[] } | null = null;
	return createNativeSource({
		name: "Windows programs",
		tells: "which programs run, where settings name some",
		open: () => bind((need) => take(need, kernel32)),
		async look(functions, question): Promise<Result<Sight, SourceFault>> {
			if (question.programs.length === 0) return ok({});
			const nowMs = clock.monotonicMs();
			if (last === null || nowMs - last.atMs >= LEAST_BETWEEN_MS) {
				const programs = await list(functions);
				if (programs === null)
					return err({ kind: "failed", message: "CreateToolhelp32Snapshot makes no list of processes" });
				last = { atMs: nowMs, programs };
			}
			return ok({ programs: last.programs });
		},
	});
}

/**
 * From learn.microsoft.com, "CreateToolhelp32Snapshot", "Process32FirstW", "Process32NextW", "PROCESSENTRY32W" (tlhelp32.h),
 * "CloseHandle" (handleapi.h). Unlike K32EnumProcesses it names programs that this user may not open.
 *
 *     HANDLE CreateToolhelp32Snapshot(DWORD dwFlags, DWORD th32ProcessID);
 *     BOOL Process32FirstW(HANDLE hSnapshot, LPPROCESSENTRY32W lppe);
 *     BOOL Process32NextW(HANDLE hSnapshot, LPPROCESSENTRY32W lppe);
 *     BOOL CloseHandle(HANDLE hObject);
 */
async function take(need: Need, kernel32: string): Promise<Functions> {
	return {
		snapshot: await need(kernel32, "void *CreateToolhelp32Snapshot(uint32_t dwFlags, uint32_t th32ProcessID)"),
		first: await need(kernel32, "int Process32FirstW(void *hSnapshot, void *lppe)"),
		next: await need(kernel32, "int Process32NextW(void *hSnapshot, void *lppe)"),
		close: await need(kernel32, "int CloseHandle(void *hObject)"),
	};
}

async function list({ snapshot, first, next, close }: Functions): Promise<readonly string[] | null> {
	const handle = pointerOf(await snapshot.call(PROCESSES, 0));
	if (handle === null || handle === INVALID_HANDLE) return null;
	const names = new Set<string>();
	const entry = Buffer.alloc(ENTRY_BYTES);
	entry.writeUInt32LE(ENTRY_BYTES, 0);
	let isThere = isTrue(first.callHere(handle, entry));
	for (let count = 0; isThere && count < MOST_PROCESSES; count++) {
		names.add(programName(textOf(entry.subarray(NAME_AT, NAME_AT + NAME_BYTES))).toLowerCase());
		isThere = isTrue(next.callHere(handle, entry));
	}
	close.callHere(handle);
	return [...names];
}
