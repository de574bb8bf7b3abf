/** Whether somebody sits before this computer, and what fills the screen. */
import { ok, type Result } from "../../base/base.ts";
import type { ForegroundKind } from "../../contract/contract.ts";
import type { NativeFunction } from "../library.ts";
import { bind, createNativeSource, type Need } from "../native-source.ts";
import type { Sight, Source, SourceFault } from "../source.ts";
import type { WindowsLibraries } from "./libraries.ts";
import { isTrue, pointerOf } from "./memory.ts";
import { needProcessNames, type ProcessNames } from "./process-names.ts";
import { isSomebodyElseHere, needSessions, type SessionState, type Sessions } from "./sessions.ts";

interface Functions {
	readonly getLastInputInfo: NativeFunction;
	readonly getTickCount: NativeFunction;
	readonly queryNotificationState: NativeFunction;
	readonly getForegroundWindow: NativeFunction;
	readonly getWindowThreadProcessId: NativeFunction;
	readonly names: ProcessNames;
	readonly sessions: Sessions;
}

/** Makes the source. */
export function createWindowsUserSource(libraries: WindowsLibraries): Source {
	return createNativeSource({
		name: "Windows desktop",
		tells: "whether somebody sits before this computer, and what fills the screen",
		open: () => bind((need) => take(need, libraries)),
		look,
	});
}

/**
 * From learn.microsoft.com, "GetLastInputInfo", "GetForegroundWindow", "GetWindowThreadProcessId" (winuser.h), "GetTickCount"
 * (sysinfoapi.h), "SHQueryUserNotificationState" (shellapi.h):
 *
 *     BOOL GetLastInputInfo(PLASTINPUTINFO plii);    typedef struct { UINT cbSize; DWORD dwTime; } LASTINPUTINFO;
 *     DWORD GetTickCount();
 *     HRESULT SHQueryUserNotificationState(QUERY_USER_NOTIFICATION_STATE *pquns);
 *     HWND GetForegroundWindow();
 *     DWORD GetWindowThreadProcessId(HWND hWnd, LPDWORD lpdwProcessId);
 */
async function take(need: Need, { kernel32, user32, shell32, wtsapi32 }: WindowsLibraries): Promise<Functions> {
	return {
		getLastInputInfo: await need(user32, "int GetLastInputInfo(void *plii)"),
		getTickCount: await need(kernel32, "uint32_t GetTickCount(void)"),
		queryNotificationState: await need(shell32, "int32_t SHQueryUserNotificationState(void *pquns)"),
		getForegroundWindow: await need(user32, "void *GetForegroundWindow(void)"),
		getWindowThreadProcessId: await need(user32, "uint32_t GetWindowThreadProcessId(void *hWnd, void *lpdwProcessId)"),
		names: await needProcessNames(need, kernel32),
		sessions: await needSessions(need, { kernel32, wtsapi32 }),
	};
}

async function look(functions: Functions): Promise<Result<Sight, SourceFault>> {
	const session = functions.sessions.ownSession();
	// Session 0 is for services; it has had no desktop since Vista.
	if (session === 0) return ok({ hasDesktop: false });
	const own = session === null ? null : await functions.sessions.stateOf(session);
	if (session !== null && own !== null && (await isSomebodyElseHere(functions.sessions, session, own))) {
		// Of their keys and screen nothing can be seen from here: somebody is there, and that is all.
		return ok({ hasDesktop: true, idleMs: null, isLocked: false, foreground: null });
	}
	const state = await notificationState(functions.queryNotificationState);
	const kind = state === null ? null : kindOf(state);
	return ok({
		hasDesktop: true,
		idleMs: readIdleMs(functions),
		isLocked: isLocked(own, state),
		foreground: kind === null ? null : { kind, name: kind === "nothing" ? null : foregroundName(functions) },
	});
}

/** Its own away from the keyboard counts, and so does a session that another one has taken the screen from. */
function isLocked(own: SessionState | null, notificationState: number | null): boolean | null {
	if (own !== null && !own.isActive) return true;
	if (own !== null && own.isLocked !== null) return own.isLocked;
	return notificationState === null ? null : notificationState === NOT_PRESENT;
}

const LAST_INPUT_INFO_BYTES = 8;
const TICKS_MODULUS = 2 ** 32;
/** Input between the two readings, or clocks a tick apart, make a difference just below zero. */
const SLACK_MS = 1_000;

/** Both count milliseconds since the start in 32 bits, which are full after 49.7 days. */
function readIdleMs(functions: Functions): number | null {
	const info = Buffer.alloc(LAST_INPUT_INFO_BYTES);
	info.writeUInt32LE(LAST_INPUT_INFO_BYTES, 0);
	if (!isTrue(functions.getLastInputInfo.callHere(info))) return null;
	const nowMs = functions.getTickCount.callHere();
	return typeof nowMs === "number" ? ticksBetween(info.readUInt32LE(4), nowMs) : null;
}

/** Milliseconds from one reading of a 32-bit counter to another, over its wrapping. */
export function ticksBetween(beforeMs: number, nowMs: number): number {
	const passedMs = (nowMs - beforeMs) >>> 0;
	return passedMs > TICKS_MODULUS - SLACK_MS ? 0 : passedMs;
}

/** On a thread of its own: the shell answers, and that may hang. */
async function notificationState(query: NativeFunction): Promise<number | null> {
	const state = Buffer.alloc(4);
	const status = await query.call(state);
	return typeof status === "number" && status >= 0 ? state.readInt32LE() : null;
}

/** `QUNS_NOT_PRESENT`: locked, a screen saver, or another user's session on the screen. */
const NOT_PRESENT = 1;

/** `QUERY_USER_NOTIFICATION_STATE` of shellapi.h. */
function kindOf(state: number): ForegroundKind | null {
	switch (state) {
		case 2: // QUNS_BUSY: a full-screen program, also a game in a window without borders
			return "full-screen";
		case 3: // QUNS_RUNNING_D3D_FULL_SCREEN
			return "game";
		case 4: // QUNS_PRESENTATION_MODE
			return "presentation";
		case NOT_PRESENT:
		case 5: // QUNS_ACCEPTS_NOTIFICATIONS
		case 6: // QUNS_QUIET_TIME: the first hour of a new user
		case 7: // QUNS_APP: a program of the store
			return "nothing";
		default:
			return null;
	}
}

function foregroundName(functions: Functions): string | null {
	const window = pointerOf(functions.getForegroundWindow.callHere());
	if (window === null) return null;
	const pid = Buffer.alloc(4);
	const thread = functions.getWindowThreadProcessId.callHere(window, pid);
	return isTrue(thread) ? functions.names.nameOf(pid.readUInt32LE()) : null;
}
