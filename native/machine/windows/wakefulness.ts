/** Keeps Windows awake, and wakes it. */
import type { Log, Result } from "../../base/base.ts";
import type { NativeFunction } from "../library.ts";
import type { WakeAnswer, Wakefulness } from "../machine.ts";
import { bind, type Need } from "../native-source.ts";
import type { SourceFault } from "../source.ts";
import { systemLibraries } from "./libraries.ts";
import { fileTimeOf, isTrue, pointerOf } from "./memory.ts";

/** What it needs. */
export interface WindowsWakefulnessDeps {
	readonly log: Log;
	/** Where kernel32 is; the system's own by default. */
	readonly kernel32?: string;
}

interface Functions {
	readonly setThreadExecutionState: NativeFunction;
	readonly createWaitableTimer: NativeFunction;
	readonly setWaitableTimer: NativeFunction;
	readonly cancelWaitableTimer: NativeFunction;
	readonly closeHandle: NativeFunction;
	readonly setLastError: NativeFunction;
	readonly getLastError: NativeFunction;
}

/** `ES_CONTINUOUS` and `ES_SYSTEM_REQUIRED` of winbase.h; without `ES_DISPLAY_REQUIRED` the screen may go dark. */
const CONTINUOUS = 0x8000_0000;
const SYSTEM_REQUIRED = 0x0000_0001;
/** `TIMER_ALL_ACCESS` of winnt.h. */
const ALL_ACCESS = 0x001f_0003;
/** `ERROR_NOT_SUPPORTED`: the timer is set, but the computer can't be woken by it. */
const NOT_SUPPORTED = 50;

const DONE: WakeAnswer = { kind: "done" };

/** Makes it. Everything is called on this thread: Windows keeps the wish to stay awake with the thread that said it. */
export function createWindowsWakefulness({
	log,
	kernel32 = systemLibraries().kernel32,
}: WindowsWakefulnessDeps): Wakefulness {
	let bound: Promise<Result<Functions, SourceFault>> | null = null;
	let isAwake = false;
	let timer: bigint | null = null;

	async function using(act: (functions: Functions) => WakeAnswer): Promise<WakeAnswer> {
		bound ??= bind((need) => take(need, kernel32));
		const functions = await bound;
		return functions.ok ? act(functions.value) : impossible(functions.error.message);
	}

	function letGo(functions: Functions): void {
		if (timer === null) return;
		functions.cancelWaitableTimer.callHere(timer);
		functions.closeHandle.callHere(timer);
		timer = null;
	}

	function setTimer(functions: Functions, atMs: number): WakeAnswer {
		timer ??= pointerOf(functions.createWaitableTimer.callHere(null, null, 0, ALL_ACCESS));
		if (timer === null) return impossible(`no timer can be made (error ${functions.getLastError.callHere()})`);
		const due = Buffer.alloc(8);
		// Positive is a moment in UTC; negative would be a duration.
		due.writeBigInt64LE(fileTimeOf(atMs));
		functions.setLastError.callHere(0);
		const isSet = isTrue(functions.setWaitableTimer.callHere(timer, due, 0, null, null, 1));
		const error = functions.getLastError.callHere();
		if (isSet && error !== NOT_SUPPORTED) return DONE;
		letGo(functions);
		if (isSet) return impossible("this computer can't be woken by a timer; see what `powercfg /waketimers` says");
		return impossible(`the timer can't be set (error ${error})`);
	}

	function keepAwake(isWanted: boolean): Promise<WakeAnswer> {
		if (isWanted === isAwake) return Promise.resolve(DONE);
		return using((functions) => {
			const state = isWanted ? CONTINUOUS + SYSTEM_REQUIRED : CONTINUOUS;
			// It answers the state before, which is never 0.
			if (!isTrue(functions.setThreadExecutionState.callHere(state)))
				return impossible("Windows refuses to stay awake");
			isAwake = isWanted;
			log.debug({ isAwake }, "told Windows whether to stay awake");
			return DONE;
		});
	}

	function wakeAt(atMs: number | null): Promise<WakeAnswer> {
		if (atMs === null && timer === null) return Promise.resolve(DONE);
		return using((functions) => {
			if (atMs !== null) return setTimer(functions, atMs);
			letGo(functions);
			return DONE;
		});
	}

	return {
		keepAwake,
		wakeAt,
		async stop() {
			await keepAwake(false);
			await wakeAt(null);
		},
	};
}

/**
 * From learn.microsoft.com, "SetThreadExecutionState" (winbase.h), "CreateWaitableTimerExW", "SetWaitableTimer",
 * "CancelWaitableTimer" (synchapi.h), "CloseHandle" (handleapi.h), "SetLastError", "GetLastError" (errhandlingapi.h):
 *
 *     EXECUTION_STATE SetThreadExecutionState(EXECUTION_STATE esFlags);
 *     HANDLE CreateWaitableTimerExW(LPSECURITY_ATTRIBUTES lpTimerAttributes, LPCWSTR lpTimerName, DWORD dwFlags,
 *         DWORD dwDesiredAccess);
 *     BOOL SetWaitableTimer(HANDLE hTimer, const LARGE_INTEGER *lpDueTime, LONG lPeriod, PTIMERAPCROUTINE pfnCompletionRoutine,
 *         LPVOID lpArgToCompletionRoutine, BOOL fResume);
 *     BOOL CancelWaitableTimer(HANDLE hTimer);
 */
async function take(need: Need, kernel32: string): Promise<Functions> {
	return {
		setThreadExecutionState: await need(kernel32, "uint32_t SetThreadExecutionState(uint32_t esFlags)"),
		createWaitableTimer: await need(
			kernel32,
			"void *CreateWaitableTimerExW(void *lpTimerAttributes, void *lpTimerName, uint32_t dwFlags, uint32_t dwDesiredAccess)",
		),
		setWaitableTimer: await need(
			kernel32,
			"int SetWaitableTimer(void *hTimer, void *lpDueTime, int32_t lPeriod, void *pfnCompletionRoutine, void *lpArgToCompletionRoutine, int fResume)",
		),
		cancelWaitableTimer: await need(kernel32, "int CancelWaitableTimer(void *hTimer)"),
		closeHandle: await need(kernel32, "int CloseHandle(void *hObject)"),
		setLastError: await need(kernel32, "void SetLastError(uint32_t dwErrCode)"),
		getLastError: await need(kernel32, "uint32_t GetLastError(void)"),
	};
}

function impossible(message: string): WakeAnswer {
	return { kind: "impossible", message };
}
