/**
 * Whether somebody sits before this Mac, and whether it presents something. macOS has no documented way to tell other programs of
 * its game mode or of what fills the screen.
 */
import { ok, type Result } from "../../base/base.ts";
import type { NativeFunction } from "../library.ts";
import { bind, createNativeSource, type Need } from "../native-source.ts";
import type { Sight, Source, SourceFault } from "../source.ts";
import { type CoreFoundation, needCoreFoundation, pointerOf } from "./core-foundation.ts";
import type { MacosLibraries } from "./libraries.ts";

interface Functions {
	readonly secondsSinceInput: NativeFunction;
	readonly copySession: NativeFunction;
	readonly copyAssertions: NativeFunction;
	readonly objects: CoreFoundation;
}

/** `kCGEventSourceStateHIDSystemState` of CGEventTypes.h: what the hardware says, not what programs pretend. */
const HARDWARE_STATE = 1;
/** `kCGAnyInputEventType`. */
const ANY_INPUT = 0xffff_ffff;

/** Makes the source. */
export function createMacosUserSource(libraries: MacosLibraries): Source {
	return createNativeSource({
		name: "macOS desktop",
		tells: "whether somebody sits before this Mac, and whether a program keeps the screen on",
		open: () => bind((need) => take(need, libraries)),
		look,
	});
}

/**
 * From CGEventSource.h and CGSession.h of CoreGraphics, IOPMLib.h of IOKit:
 *
 *     CFTimeInterval CGEventSourceSecondsSinceLastEventType(CGEventSourceStateID stateID, CGEventType eventType);
 *     CFDictionaryRef CGSessionCopyCurrentDictionary(void);
 *     IOReturn IOPMCopyAssertionsStatus(CFDictionaryRef *AssertionsStatus);
 */
async function take(need: Need, libraries: MacosLibraries): Promise<Functions> {
	return {
		secondsSinceInput: await need(
			libraries.coreGraphics,
			"double CGEventSourceSecondsSinceLastEventType(int32_t stateID, uint32_t eventType)",
		),
		copySession: await need(libraries.coreGraphics, "void *CGSessionCopyCurrentDictionary(void)"),
		copyAssertions: await need(libraries.ioKit, "int IOPMCopyAssertionsStatus(void *AssertionsStatus)"),
		objects: await needCoreFoundation(need, libraries),
	};
}

/** Other processes answer (the window server, powerd), so these are called on threads of their own. */
async function look(functions: Functions): Promise<Result<Sight, SourceFault>> {
	const { objects } = functions;
	const session = pointerOf(await functions.copySession.call());
	// No session with a screen: a daemon, or somebody by way of SSH.
	if (session === null) return ok({ hasDesktop: false });
	// Documented as `kCGSessionOnConsoleKey`; the lock is in no header, but has been there since 10.7 while it is locked.
	const isOnScreen = objects.truth(objects.value(session, "kCGSSessionOnConsoleKey"));
	const isLocked = objects.truth(objects.value(session, "CGSSessionScreenIsLocked")) ?? false;
	objects.release(session);
	// Another user has the screen: of them nothing can be seen from here but that.
	if (isOnScreen === false) return ok({ hasDesktop: true, idleMs: null, isLocked: false, foreground: null });
	return ok({
		hasDesktop: true,
		idleMs: await readIdleMs(functions.secondsSinceInput),
		isLocked,
		foreground: await readForeground(functions),
	});
}

async function readIdleMs(secondsSinceInput: NativeFunction): Promise<number | null> {
	const seconds = await secondsSinceInput.call(HARDWARE_STATE, ANY_INPUT);
	return typeof seconds === "number" && seconds >= 0 ? Math.round(seconds * 1_000) : null;
}

/** `kIOPMAssertionTypePreventUserIdleDisplaySleep` and the older `kIOPMAssertionTypeNoDisplaySleep`: films, calls, slides. */
const SCREEN_STAYS_ON = ["PreventUserIdleDisplaySleep", "NoDisplaySleepAssertion"];

async function readForeground({
	copyAssertions,
	objects,
}: Functions): Promise<NonNullable<Sight["foreground"]> | null> {
	const pointer = Buffer.alloc(8);
	if ((await copyAssertions.call(pointer)) !== 0) return null;
	const assertions = pointerOf(pointer.readBigUInt64LE());
	if (assertions === null) return { kind: "nothing", name: null };
	const isPresenting = SCREEN_STAYS_ON.some((name) => (objects.number(objects.value(assertions, name)) ?? 0) > 0);
	objects.release(assertions);
	return { kind: isPresenting ? "presentation" : "nothing", name: null };
}
