import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Platform } from "../base/base.ts";
import { pagePreferences } from "../security/security.ts";
import { usualDisplay } from "../testing/fake-screen.ts";
import type { FakeWindow } from "../testing/fake-window.ts";
import { createPopover, REOPEN_PAUSE_MS } from "./popover.ts";
import { serviceUrl, setDesk } from "./testing.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const trayBounds = { x: 1_600, y: 1_040, width: 24, height: 32 };
const settle = () => vi.advanceTimersByTimeAsync(1);

function setUp(platform: Platform) {
	const all = setDesk();
	const popover = createPopover({
		...all,
		...all.page,
		platform,
		createWindow: all.desk.createWindow,
		preferences: pagePreferences("/app/preload.cjs", true),
		icon: "/app/icon.png",
	});
	const theWindow = (): FakeWindow => {
		const [window] = all.desk.windows;
		if (window === undefined) throw new Error("There is no window.");
		return window;
	};
	return { ...all, popover, theWindow };
}

describe.each(["win32", "darwin"] as const)("the popover (%s)", (platform) => {
	it("is there before the first click, unseen, with its page", async () => {
		const { desk, theWindow, popover } = setUp(platform);
		await settle();
		expect(desk.windows).toHaveLength(1);
		expect(popover.isVisible).toBe(false);
		expect(theWindow().address).toBe(`${serviceUrl}/?popover`);
	});

	it("opens at the icon, with the focus, and a second click puts it away", () => {
		const { desk, popover, theWindow } = setUp(platform);
		popover.toggle(trayBounds);
		expect(popover.isVisible).toBe(true);
		expect(desk.focused).toBe(theWindow());
		expect(theWindow().getBounds()).toEqual({ x: 1_422, y: 384, width: 380, height: 640 });
		popover.toggle(trayBounds);
		expect(popover.isVisible).toBe(false);
	});

	it("goes when somebody clicks elsewhere", () => {
		const { desk, popover } = setUp(platform);
		popover.toggle(trayBounds);
		desk.clickElsewhere();
		expect(popover.isVisible).toBe(false);
	});

	it("stays away when the click that took its focus was on the icon", async () => {
		const { desk, popover } = setUp(platform);
		popover.toggle(trayBounds);
		desk.clickElsewhere();
		await vi.advanceTimersByTimeAsync(REOPEN_PAUSE_MS - 50);
		popover.toggle(trayBounds);
		expect(popover.isVisible).toBe(false);
		await vi.advanceTimersByTimeAsync(50);
		popover.toggle(trayBounds);
		expect(popover.isVisible).toBe(true);
	});

	it("opens at once after Escape, which is no click on the icon", () => {
		const { popover, theWindow } = setUp(platform);
		popover.toggle(trayBounds);
		expect(theWindow().webContents.press("a")).toBe(true);
		expect(popover.isVisible).toBe(true);
		expect(theWindow().webContents.press("Escape")).toBe(false);
		expect(popover.isVisible).toBe(false);
		popover.toggle(trayBounds);
		expect(popover.isVisible).toBe(true);
	});

	it("goes when the screens change", () => {
		const { popover, screen } = setUp(platform);
		popover.toggle(trayBounds);
		screen.become([{ bounds: usualDisplay.bounds, workArea: usualDisplay.bounds }]);
		expect(popover.isVisible).toBe(false);
	});

	it("stays while a dialog of its own has the focus", async () => {
		const { desk, popover } = setUp(platform);
		popover.toggle(trayBounds);
		const { promise, resolve } = Promise.withResolvers<string>();
		const chosen = popover.keepOpenDuring(() => promise);
		desk.clickElsewhere();
		expect(popover.isVisible).toBe(true);
		resolve("a file");
		expect(await chosen).toBe("a file");
		popover.show(trayBounds);
		desk.clickElsewhere();
		expect(popover.isVisible).toBe(false);
	});

	it("is kept when somebody closes it, and ends with the program", () => {
		const { desk, popover, theWindow, senders } = setUp(platform);
		const { webContents } = theWindow();
		popover.toggle(trayBounds);
		theWindow().close();
		expect(popover.isVisible).toBe(false);
		expect(desk.windows).toHaveLength(1);
		expect(senders.has(webContents)).toBe(true);
		popover.end();
		popover.toggle(trayBounds);
		expect(desk.windows).toEqual([]);
		expect(senders.has(webContents)).toBe(false);
	});

	it("stands on the screen the icon is on, and is no taller than there is room", () => {
		const { popover, screen, theWindow } = setUp(platform);
		const bounds = { x: -1_280, y: 0, width: 1_280, height: 600 };
		screen.become([usualDisplay, { bounds, workArea: { ...bounds, height: 560 } }]);
		popover.show({ x: -200, y: 570, width: 24, height: 24 });
		expect(theWindow().getBounds()).toEqual({ x: -380, y: 8, width: 380, height: 544 });
	});

	it("does not flash: its colour is that of the page in the system's theme", () => {
		const { theme, theWindow } = setUp(platform);
		expect(theWindow().backgroundColor).toBe("#f4f4f1");
		theme.become("dark");
		expect(theWindow().backgroundColor).toBe("#131419");
	});

	it("runs its page in a sandbox, without developer tools in the product", () => {
		const { theWindow } = setUp(platform);
		expect(theWindow().options).toMatchObject({ frame: false, skipTaskbar: true, resizable: false, show: false });
		expect(theWindow().options.webPreferences).toMatchObject({
			sandbox: true,
			contextIsolation: true,
			devTools: false,
		});
	});
});

it("on macOS the popover is over programs in full screen", () => {
	const { theWindow } = setUp("darwin");
	expect(theWindow().options).toMatchObject({ type: "panel", hiddenInMissionControl: true });
	expect(theWindow().isOnAllWorkspaces).toBe(true);
});

describe("on Linux, where no program places its windows, it is a small window", () => {
	it("that is made when it is first asked for", () => {
		const { desk, popover } = setUp("linux");
		expect(desk.windows).toEqual([]);
		popover.toggle(null);
		expect(popover.isVisible).toBe(true);
		expect(desk.windows[0]?.options.frame).not.toBe(false);
	});

	it("that stays when somebody clicks elsewhere or presses Escape, and comes forward at the next click", () => {
		const { desk, popover, theWindow } = setUp("linux");
		popover.toggle(null);
		expect(theWindow().webContents.press("Escape")).toBe(true);
		desk.clickElsewhere();
		expect(popover.isVisible).toBe(true);
		popover.toggle(null);
		expect(desk.focused).toBe(theWindow());
		popover.toggle(null);
		expect(popover.isVisible).toBe(false);
	});

	it("that comes out of the taskbar", () => {
		const { popover, theWindow } = setUp("linux");
		popover.toggle(null);
		theWindow().minimize();
		popover.show(null);
		expect(theWindow().isMinimized()).toBe(false);
	});
});
