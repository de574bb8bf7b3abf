import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { silentLog } from "../../base/base.ts";
import { canStandIn } from "../stand-in-testing.ts";
import { startWindows, type WindowsStandIn } from "./testing.ts";
import { createWindowsWakefulness } from "./wakefulness.ts";

let windows: WindowsStandIn;
beforeAll(async () => {
	if (canStandIn) windows = await startWindows();
});
afterAll(() => {
	if (canStandIn) windows.whole.remove();
});
beforeEach(() => {
	if (canStandIn) windows.whole.clear();
});

const CONTINUOUS = 0x8000_0000;
const make = () => createWindowsWakefulness({ log: silentLog, kernel32: windows.libraries.kernel32 });

describe.skipIf(!canStandIn)("Windows", () => {
	test("is kept awake, but not its screen, until told otherwise", async () => {
		const wakefulness = make();
		expect(await wakefulness.keepAwake(true)).toEqual({ kind: "done" });
		expect(windows.get("executionState")).toBe(CONTINUOUS + 1);
		expect(await wakefulness.keepAwake(false)).toEqual({ kind: "done" });
		expect(windows.get("executionState")).toBe(CONTINUOUS);
	});

	test("is not told what it knows already", async () => {
		const wakefulness = make();
		expect(await wakefulness.keepAwake(false)).toEqual({ kind: "done" });
		expect(windows.get("executionState")).toBe(0);
		await wakefulness.keepAwake(true);
		windows.set({ executionState: 7 });
		await wakefulness.keepAwake(true);
		expect(windows.get("executionState")).toBe(7);
	});

	test("that refuses to stay awake is asked again the next time", async () => {
		const wakefulness = make();
		windows.set({ stateFails: 1 });
		expect(await wakefulness.keepAwake(true)).toMatchObject({ kind: "impossible" });
		windows.set({ stateFails: 0 });
		expect(await wakefulness.keepAwake(true)).toEqual({ kind: "done" });
	});

	test("wakes at a moment in UTC, by one timer that is moved", async () => {
		const wakefulness = make();
		expect(await wakefulness.wakeAt(0)).toEqual({ kind: "done" });
		// The beginning of 1970 in units of 100 ns since 1601.
		expect(windows.get("timerDue")).toBe(116_444_736_000_000_000);
		expect(windows.get("timerResume")).toBe(1);
		await wakefulness.wakeAt(Date.UTC(2026, 10, 22, 1, 30));
		expect(windows.get("timerDue")).toBe(116_444_736_000_000_000 + Date.UTC(2026, 10, 22, 1, 30) * 10_000);
		expect(windows.get("timersOpen")).toBe(1);
		expect(await wakefulness.wakeAt(null)).toEqual({ kind: "done" });
		expect([windows.get("timersOpen"), windows.get("timerDue")]).toEqual([0, 0]);
	});

	test("that can't be woken says so, and an older error is not taken for it", async () => {
		const wakefulness = make();
		windows.set({ timerCantWake: 1 });
		expect(await wakefulness.wakeAt(1)).toMatchObject({
			kind: "impossible",
			message: expect.stringContaining("can't be woken by a timer"),
		});
		expect(windows.get("timersOpen")).toBe(0);
		windows.set({ timerCantWake: 0, lastError: 50 });
		expect(await wakefulness.wakeAt(1)).toEqual({ kind: "done" });
	});

	test("that can't set a timer says with which error", async () => {
		windows.set({ timerFails: 1 });
		expect(await make().wakeAt(1)).toEqual({ kind: "impossible", message: "the timer can't be set (error 87)" });
	});

	test("is let go of at the end", async () => {
		const wakefulness = make();
		await wakefulness.keepAwake(true);
		await wakefulness.wakeAt(1);
		await wakefulness.stop();
		expect([windows.get("executionState"), windows.get("timersOpen")]).toEqual([CONTINUOUS, 0]);
	});

	test("without the library can't be kept awake, and letting go of nothing is fine", async () => {
		const wakefulness = createWindowsWakefulness({ log: silentLog, kernel32: "/nowhere/kernel32.dll" });
		expect(await wakefulness.keepAwake(true)).toMatchObject({
			kind: "impossible",
			message: expect.stringContaining("/nowhere/kernel32.dll"),
		});
		await wakefulness.stop();
	});
});
