import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Platform } from "../base/base.ts";
import type { Remembered } from "../memory/memory.ts";
import { pagePreferences } from "../security/security.ts";
import { createFakeMemory } from "../testing/fake-memory.ts";
import { usualDisplay } from "../testing/fake-screen.ts";
import type { FakeWindow } from "../testing/fake-window.ts";
import { createMainWindow } from "./main-window.ts";
import { serviceUrl, setDesk } from "./testing.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const settle = () => vi.advanceTimersByTimeAsync(1);

function setUp(platform: Platform = "win32", remembered: Partial<Remembered> = {}) {
	const all = setDesk();
	const memory = createFakeMemory(remembered);
	const dock = {
		policy: "accessory",
		isInFront: false,
		setActivationPolicy(policy: "regular" | "accessory") {
			this.policy = policy;
		},
		focus() {
			this.isInFront = true;
		},
	};
	const main = createMainWindow({
		...all,
		...all.page,
		platform,
		createWindow: all.desk.createWindow,
		preferences: pagePreferences("/app/preload.cjs", true),
		icon: "/app/icon.png",
		memory,
		dock,
	});
	const theWindow = (): FakeWindow => {
		const [window] = all.desk.windows;
		if (window === undefined) throw new Error("There is no window.");
		return window;
	};
	return { ...all, memory, dock, main, theWindow };
}

describe("the window", () => {
	it("is seen when its page is there, with the focus", async () => {
		const { main, desk, theWindow } = setUp();
		main.open();
		expect(theWindow().isVisible()).toBe(false);
		await settle();
		expect(theWindow().address).toBe(`${serviceUrl}/`);
		expect(theWindow().isVisible()).toBe(true);
		expect(desk.focused).toBe(theWindow());
	});

	it("is seen soon even where its page is not there, for somebody clicked", async () => {
		const { main, service, theWindow } = setUp();
		service.become({ service: { kind: "starting" } });
		main.open();
		await vi.advanceTimersByTimeAsync(1_000);
		expect(theWindow().isVisible()).toBe(true);
	});

	it("is one: opening it again brings it forward, at the screen that is asked for", async () => {
		const { main, desk, theWindow } = setUp();
		main.open("#/jobs/batch_1");
		await settle();
		desk.clickElsewhere();
		theWindow().minimize();
		main.open("#/jobs/batch_2");
		await settle();
		expect(desk.windows).toHaveLength(1);
		expect(desk.focused).toBe(theWindow());
		expect(theWindow().isMinimized()).toBe(false);
		expect(theWindow().address).toBe(`${serviceUrl}/#/jobs/batch_2`);
	});

	it("stays at its screen when none is asked for", async () => {
		const { main, theWindow } = setUp();
		main.open("#/jobs/batch_1");
		await settle();
		main.open();
		await settle();
		expect(theWindow().address).toBe(`${serviceUrl}/#/jobs/batch_1`);
	});

	it("does not come forward by itself when its page is loaded anew", async () => {
		const { main, desk, theWindow } = setUp();
		main.open();
		await settle();
		desk.clickElsewhere();
		theWindow().webContents.crash();
		await settle();
		expect(desk.focused).toBeNull();
	});

	it("is gone when it is closed, trusts nobody any more, and opens again", async () => {
		const { main, desk, theWindow, senders } = setUp();
		main.open();
		await settle();
		const { webContents } = theWindow();
		expect(senders.has(webContents)).toBe(true);
		theWindow().close();
		expect(main.isOpen).toBe(false);
		expect(senders.has(webContents)).toBe(false);
		expect(desk.windows).toEqual([]);
		main.open();
		await settle();
		expect(main.isOpen).toBe(true);
		expect(theWindow().address).toBe(`${serviceUrl}/`);
	});

	it("is closed before its page is there without a trace", async () => {
		const { main, theWindow } = setUp();
		main.open();
		theWindow().close();
		await vi.advanceTimersByTimeAsync(2_000);
		expect(main.isOpen).toBe(false);
	});

	it("shows in the taskbar how far work is, also when it is opened later", async () => {
		const { main, theWindow } = setUp();
		main.showProgress({ fraction: 0.42, mode: "normal" });
		main.open();
		expect(theWindow().progress).toBe(0.42);
		main.showProgress({ fraction: -1, mode: "none" });
		expect(theWindow().progress).toBeLessThan(0);
	});
});

describe("where it is", () => {
	it("is remembered when it is moved, and when it is closed", async () => {
		const { main, memory, theWindow } = setUp();
		main.open();
		await settle();
		theWindow().setBounds({ x: 100, y: 120, width: 900, height: 700 });
		await vi.advanceTimersByTimeAsync(500);
		const place = { x: 100, y: 120, width: 900, height: 700, isMaximized: false };
		expect(memory.current.mainWindow).toEqual(place);
		theWindow().setBounds({ x: 200, y: 120, width: 900, height: 700 });
		theWindow().close();
		expect(memory.current.mainWindow).toEqual({ ...place, x: 200 });
		main.open();
		expect(theWindow().getBounds()).toEqual({ x: 200, y: 120, width: 900, height: 700 });
	});

	it("is not taken from a memory of a screen that is gone", () => {
		const { main, theWindow } = setUp("win32", {
			mainWindow: { x: 3_000, y: 100, width: 900, height: 700, isMaximized: false },
		});
		main.open();
		expect(theWindow().getBounds()).toEqual({ x: 510, y: 166, width: 900, height: 700 });
	});

	it("is a screen that is there when its own is second", () => {
		const { main, screen, theWindow } = setUp("win32", {
			mainWindow: { x: 2_000, y: 100, width: 900, height: 700, isMaximized: false },
		});
		const bounds = { x: 1_920, y: 0, width: 1_920, height: 1_080 };
		screen.become([usualDisplay, { bounds, workArea: bounds }]);
		main.open();
		expect(theWindow().getBounds().x).toBe(2_000);
	});

	it("is all of the screen when it was so, but not before its page is there", async () => {
		const { main, theWindow } = setUp("win32", {
			mainWindow: { x: 0, y: 0, width: 900, height: 700, isMaximized: true },
		});
		main.open();
		expect(theWindow().isVisible()).toBe(false);
		await settle();
		expect(theWindow().isMaximized()).toBe(true);
	});

	it("is remembered when the program quits, which nothing in the window can hold up", async () => {
		const { main, memory, theWindow } = setUp();
		main.open();
		await settle();
		theWindow().setBounds({ x: 10, y: 20, width: 900, height: 700 });
		main.end();
		expect(memory.current.mainWindow).toMatchObject({ x: 10, y: 20 });
		expect(main.isOpen).toBe(false);
	});
});

describe("on macOS", () => {
	it("the program is in the Dock while the window is open, and only then", async () => {
		const { main, dock, theWindow } = setUp("darwin");
		expect(dock.policy).toBe("accessory");
		main.open();
		expect(dock.policy).toBe("regular");
		await settle();
		expect(dock.isInFront).toBe(true);
		theWindow().close();
		expect(dock.policy).toBe("accessory");
	});

	it("no other system hears of a Dock", async () => {
		const { main, dock } = setUp("linux");
		main.open();
		await settle();
		expect(dock).toMatchObject({ policy: "accessory", isInFront: false });
	});
});
