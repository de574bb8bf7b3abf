/** Sessions of users on this computer: ours, and the one on the screen. */
import type { Need } from "../native-source.ts";
import type { WindowsLibraries } from "./libraries.ts";
import { isTrue, type NativeMemory, needMemory, succeeds } from "./memory.ts";

/** How a session stands. */
export interface SessionState {
	/** Somebody is logged on to it, and it has a screen. */
	readonly isActive: boolean;
	/** Null: the system doesn't tell. */
	readonly isLocked: boolean | null;
}

/** Asks for sessions. */
export interface Sessions {
	/** Of this process; null: it can't be told. */
	ownSession(): number | null;
	/** The one on the computer's own screen; null: none now. */
	screenSession(): number | null;
	stateOf(session: number): Promise<SessionState | null>;
}

/** `WTSSessionInfoEx` of wtsapi32.h. */
const SESSION_INFO_EX = 25;
/**
 * Of WTSINFOEXW what is read: `DWORD Level`, 4 bytes of padding, then of WTSINFOEX_LEVEL1_W `ULONG SessionId;
 * WTS_CONNECTSTATE_CLASS SessionState; LONG SessionFlags`.
 */
const LEVEL_AT = 0;
const STATE_AT = 12;
const FLAGS_AT = 16;
const READ_BYTES = 20;
/** `WTSActive`. */
const ACTIVE = 0;
/** `WTS_SESSIONSTATE_LOCK` and `_UNLOCK`. Only Windows 7 had them the wrong way round. */
const LOCKED = 0;
const UNLOCKED = 1;
/** What `WTSGetActiveConsoleSessionId` answers while the screen changes hands. */
const NO_SESSION = 0xffff_ffff;

/**
 * Takes the functions. From learn.microsoft.com, "ProcessIdToSessionId" (processthreadsapi.h), "WTSGetActiveConsoleSessionId"
 * (winbase.h), "WTSQuerySessionInformationW", "WTSFreeMemory", "WTSINFOEX_LEVEL1_W" (wtsapi32.h):
 *
 *     BOOL ProcessIdToSessionId(DWORD dwProcessId, DWORD *pSessionId);
 *     DWORD WTSGetActiveConsoleSessionId();
 *     BOOL WTSQuerySessionInformationW(HANDLE hServer, DWORD SessionId, WTS_INFO_CLASS WTSInfoClass, LPWSTR *ppBuffer,
 *         DWORD *pBytesReturned);
 *     void WTSFreeMemory(PVOID pMemory);
 */
export async function needSessions(
	need: Need,
	{ kernel32, wtsapi32 }: Pick<WindowsLibraries, "kernel32" | "wtsapi32">,
): Promise<Sessions> {
	const toSession = await need(kernel32, "int ProcessIdToSessionId(uint32_t dwProcessId, void *pSessionId)");
	const ofScreen = await need(kernel32, "uint32_t WTSGetActiveConsoleSessionId(void)");
	const query = await need(
		wtsapi32,
		"int WTSQuerySessionInformationW(void *hServer, uint32_t SessionId, int WTSInfoClass, void *ppBuffer, void *pBytesReturned)",
	);
	const free = await need(wtsapi32, "void WTSFreeMemory(void *pMemory)");
	const memory = await needMemory(need, kernel32);
	return {
		ownSession() {
			const session = Buffer.alloc(4);
			return isTrue(toSession.callHere(process.pid, session)) ? session.readUInt32LE() : null;
		},
		screenSession() {
			const session = ofScreen.callHere();
			return typeof session === "number" && session !== NO_SESSION ? session : null;
		},
		async stateOf(session) {
			const pointer = Buffer.alloc(8);
			const size = Buffer.alloc(4);
			if (!(await succeeds(query, null, session, SESSION_INFO_EX, pointer, size))) return null;
			const address = pointer.readBigUInt64LE();
			const state = readState(memory, address, size.readUInt32LE());
			free.callHere(address);
			return state;
		},
	};
}

function readState(memory: NativeMemory, address: bigint, sizeBytes: number): SessionState | null {
	if (sizeBytes < READ_BYTES) return null;
	const info = memory.read(address, READ_BYTES);
	if (info.readUInt32LE(LEVEL_AT) !== 1) return null;
	const flags = info.readInt32LE(FLAGS_AT);
	return {
		isActive: info.readInt32LE(STATE_AT) === ACTIVE,
		isLocked: flags === LOCKED ? true : flags === UNLOCKED ? false : null,
	};
}

/** Whether another user has the screen: then our session is not active, and long idle, though somebody sits there. */
export async function isSomebodyElseHere(sessions: Sessions, session: number, own: SessionState): Promise<boolean> {
	if (own.isActive) return false;
	const onScreen = sessions.screenSession();
	if (onScreen === null || onScreen === session) return false;
	const theirs = await sessions.stateOf(onScreen);
	return theirs?.isActive === true && theirs.isLocked !== true;
}
