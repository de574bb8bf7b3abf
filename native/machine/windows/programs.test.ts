import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { canStandIn, question } from "../stand-in-testing.ts";
import { programName } from "./process-names.ts";
import { createWindowsProgramsSource } from "./programs.ts";
import { startWindows, type WindowsStandIn } from "./testing.ts";

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

describe.skipIf(!canStandIn)("Windows' programs", () => {
	test("are looked for when somebody asks, and every 10 s at most", async () => {
		let nowMs = 1_000;
		const source = createWindowsProgramsSource(windows.libraries, { nowMs: () => 0, monotonicMs: () => nowMs });
		expect(await source.look(question())).toEqual({ ok: true, value: {} });
		expect(windows.get("snapshots")).toBe(0);
		const asked = question({ programs: ["blender"] });
		const told = { ok: true, value: { programs: ["system", "blender", "steam"] } };
		expect(await source.look(asked)).toEqual(told);
		nowMs += 9_999;
		expect(await source.look(asked)).toEqual(told);
		expect(windows.get("snapshots")).toBe(1);
		nowMs += 1;
		expect(await source.look(asked)).toEqual(told);
		expect(windows.get("snapshots")).toBe(2);
		expect(windows.get("handlesOpen")).toBe(0);
	});

	test("are called by their file, without `.exe`", () => {
		expect(programName("C:\\Program Files\\Blender Foundation\\Blender.EXE")).toBe("Blender");
		expect(programName("steam.exe")).toBe("steam");
		expect(programName("a.exe.bin")).toBe("a.exe.bin");
		expect(programName("System")).toBe("System");
	});
});
