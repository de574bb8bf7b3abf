import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { canStandIn, question } from "../stand-in-testing.ts";
import { startWindows, type WindowsStandIn } from "./testing.ts";
import { createWindowsUserSource, ticksBetween } from "./user.ts";

let windows: WindowsStandIn;
beforeAll(async () => {
	if (canStandIn) windows = await startWindows();
});
afterAll(() => {
	if (canStandIn) windows.whole.remove();
});
beforeEach(() => {
	if (!canStandIn) return;
	windows.whole.clear();
	// A desktop in session 1, unlocked, the last input 5 s ago.
	windows.set({ session: 1, console: 1, sessionFlags: 1, notification: 5, ticks: 65_000, lastInput: 60_000 });
});

async function look() {
	const seen = await createWindowsUserSource(windows.libraries).look(question());
	expect(windows.get("handlesOpen")).toBe(0);
	expect(windows.get("blocksOpen")).toBe(0);
	if (!seen.ok) throw new Error(seen.error.message);
	return seen.value;
}

describe.skipIf(!canStandIn)("Windows' desktop", () => {
	test("tells how long nobody touched anything, that it is unlocked and nothing fills the screen", async () => {
		expect(await look()).toEqual({
			hasDesktop: true,
			idleMs: 5_000,
			isLocked: false,
			foreground: { kind: "nothing", name: null },
		});
	});

	test("counts idle time over the wrapping of the 32-bit counter", async () => {
		windows.set({ lastInput: 0xffff_ff00, ticks: 0x200 });
		expect(await look()).toMatchObject({ idleMs: 0x300 });
		expect(ticksBetween(0x8000_0000, 0x9000_0000)).toBe(0x1000_0000);
	});

	test("takes input between its two readings for no idle time, not for 49 days", async () => {
		windows.set({ lastInput: 65_010 });
		expect(await look()).toMatchObject({ idleMs: 0 });
	});

	test("says that it can't tell idle time where Windows does not", async () => {
		windows.set({ noInput: 1 });
		expect(await look()).toMatchObject({ hasDesktop: true, idleMs: null, isLocked: false });
	});

	test.each([
		[2, "full-screen", "großes Spiel"],
		[3, "game", "großes Spiel"],
		[4, "presentation", "großes Spiel"],
		[6, "nothing", null],
		[7, "nothing", null],
	])("notification state %i is %s, by the program in front", async (notification, kind, name) => {
		windows.set({ notification, windowPid: 101 });
		expect(await look()).toMatchObject({ foreground: { kind, name } });
	});

	test("names no program where the window went or its process can't be opened", async () => {
		windows.set({ notification: 3 });
		expect(await look()).toMatchObject({ foreground: { kind: "game", name: null } });
		windows.set({ windowPid: 9_999 });
		expect(await look()).toMatchObject({ foreground: { kind: "game", name: null } });
	});

	test("can't tell what fills the screen where the shell fails or says something new", async () => {
		windows.set({ notificationStatus: -2147467259 });
		expect(await look()).toMatchObject({ foreground: null });
		windows.set({ notificationStatus: 0, notification: 42 });
		expect(await look()).toMatchObject({ foreground: null });
	});

	test("is locked when the session says so", async () => {
		windows.set({ sessionFlags: 0, notification: 1 });
		expect(await look()).toMatchObject({ isLocked: true, foreground: { kind: "nothing" } });
	});

	test("is not locked by a screen saver, but it is where only the shell can tell", async () => {
		windows.set({ sessionFlags: 1, notification: 1 });
		expect(await look()).toMatchObject({ isLocked: false });
		windows.set({ sessionFlags: -1 });
		expect(await look()).toMatchObject({ isLocked: true });
	});

	test("that was left for the log-on screen is locked", async () => {
		// WTSDisconnected; the screen's own session is only WTSConnected.
		windows.set({ sessionState: 4, console: 3, consoleState: 1 });
		expect(await look()).toMatchObject({ hasDesktop: true, isLocked: true, idleMs: 5_000 });
	});

	test("that another user took the screen from has somebody before it of whom nothing is known", async () => {
		windows.set({ sessionState: 4, console: 3, consoleState: 0, consoleFlags: 1 });
		expect(await look()).toEqual({ hasDesktop: true, idleMs: null, isLocked: false, foreground: null });
	});

	test("is none for a service", async () => {
		windows.set({ session: 0 });
		expect(await look()).toEqual({ hasDesktop: false });
	});

	test("is absent where a library is missing, and says which", async () => {
		const source = createWindowsUserSource({ ...windows.libraries, wtsapi32: "/nowhere/wtsapi32.dll" });
		const seen = await source.look(question());
		expect(seen).toMatchObject({ ok: false, error: { kind: "absent", message: expect.stringContaining("wtsapi32") } });
	});

	test("is absent where a function is missing, and says which", async () => {
		const source = createWindowsUserSource({ ...windows.libraries, shell32: "libc.so.6" });
		const seen = await source.look(question());
		expect(seen).toMatchObject({
			ok: false,
			error: { kind: "absent", message: "libc.so.6 has no SHQueryUserNotificationState" },
		});
	});
});
