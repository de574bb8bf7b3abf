import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Platform } from "../base/base.ts";
import { createFakeLog } from "../testing/fake-log.ts";
import { FakeMenu } from "../testing/fake-menu.ts";
import { createFakeNativeImage } from "../testing/fake-native-image.ts";
import { FakeScreen } from "../testing/fake-screen.ts";
import { FakeTray } from "../testing/fake-tray.ts";
import { initialLook, type TrayLook } from "./look.ts";
import type { MenuAction } from "./menu.ts";
import { FIGURES_INTERVAL_MS } from "./set-menu.ts";
import { createTrayIcon, HIDDEN_CHECK_DELAY_MS, UPDATE_INTERVAL_MS } from "./tray.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setUp(platform: Platform, isThere: (path: string) => boolean = () => true) {
	const trays: FakeTray[] = [];
	const actions: MenuAction[] = [];
	const clicks: unknown[] = [];
	const files: (readonly string[])[] = [];
	const hidden: boolean[] = [];
	const log = createFakeLog();
	const icon = createTrayIcon({
		platform,
		assetsDir: "/assets",
		createImage: createFakeNativeImage(isThere).createFromPath,
		createTray: (image, guid) => {
			const tray = new FakeTray(image, guid);
			trays.push(tray);
			return tray;
		},
		buildMenu: (template) => new FakeMenu(template),
		screen: new FakeScreen(),
		onClick: (bounds) => void clicks.push(bounds),
		onAction: (action) => void actions.push(action),
		onFiles: (paths) => void files.push(paths),
		onHidden: (isHidden) => void hidden.push(isHidden),
		log,
	});
	const [tray] = trays;
	if (tray === undefined) throw new Error("There is no icon.");
	return { icon, tray, trays, actions, clicks, files, hidden, warnings: log.warnings };
}

function working(fraction: number): TrayLook {
	return {
		...initialLook,
		kind: "working",
		progress: { done: fraction * 1_000, total: 1_000, fraction, linesPerSecond: null, readyByMs: null },
	};
}

describe("the tray icon", () => {
	it.each(["darwin", "win32", "linux"] as const)("is one, whatever is shown (%s)", (platform) => {
		const { icon, trays, tray } = setUp(platform);
		for (const kind of ["idle", "working", "yielding", "paused", "attention", "down"] as const) {
			icon.show({ ...initialLook, kind });
			vi.advanceTimersByTime(UPDATE_INTERVAL_MS);
		}
		expect(trays).toHaveLength(1);
		expect(tray.image.path).toContain("ttention");
		expect(tray.tooltip).toBe("Nightshift: not running");
	});

	it("shows at once what has changed after a quiet time", () => {
		const { icon, tray } = setUp("win32");
		icon.show(working(0.42));
		expect(tray.tooltip).toContain("42 %");
		expect(tray.image.path).toBe("/assets/tray/win32/working.ico");
	});

	it("is touched a few times a second at most, and shows the last of many changes", () => {
		const { icon, tray } = setUp("darwin");
		const before = tray.touches;
		for (let step = 1; step <= 1_000; step++) {
			icon.show(working(step / 1_000));
			vi.advanceTimersByTime(2);
		}
		vi.advanceTimersByTime(UPDATE_INTERVAL_MS);
		expect(tray.title).toBe("100 %");
		expect(tray.tooltip).toContain("100 %");
		// Two seconds: at once, then twice a second; each time title and tooltip, once the picture.
		expect(tray.touches - before).toBeLessThanOrEqual(5 * 2 + 1);
	});

	it.each(["darwin", "win32", "linux"] as const)("is not touched when nothing has changed (%s)", (platform) => {
		const { icon, tray } = setUp(platform);
		icon.show(working(0.421));
		vi.advanceTimersByTime(UPDATE_INTERVAL_MS);
		const before = tray.touches;
		icon.show(working(0.421));
		vi.advanceTimersByTime(UPDATE_INTERVAL_MS);
		expect(tray.touches).toBe(before);
	});

	it("shows no title but on macOS", () => {
		const [mac, windows] = [setUp("darwin"), setUp("win32")];
		for (const { icon } of [mac, windows]) icon.show(working(0.42));
		expect([mac.tray.title, windows.tray.title]).toEqual(["42 %", ""]);
	});

	it("that can't be seen is written down", () => {
		const { warnings } = setUp("linux", () => false);
		expect(warnings).toEqual(["a picture of the tray is missing; the icon can't be seen"]);
	});

	it("is gone for good when the program quits", () => {
		const { icon, tray } = setUp("darwin");
		icon.show(working(0.1));
		icon.show(working(0.2));
		icon.end();
		icon.show(working(0.3));
		icon.end();
		vi.advanceTimersByTime(HIDDEN_CHECK_DELAY_MS);
		expect(tray.isDestroyed).toBe(true);
	});
});

describe("clicks on the icon", () => {
	it.each(["darwin", "win32"] as const)(
		"tell where it is, and the other button opens the menu as it is now (%s)",
		(platform) => {
			const { icon, tray, clicks, actions } = setUp(platform);
			tray.click();
			expect(clicks).toEqual([tray.bounds]);
			expect(tray.openMenu).toBeNull();
			icon.show(working(0.1));
			icon.show(working(0.42));
			tray.rightClick();
			expect(tray.openMenu?.labels[0]).toBe("Nightshift: working, 42 %");
			tray.openMenu?.choose("Quit Nightshift");
			expect(actions).toEqual([{ kind: "quit" }]);
		},
	);

	it("are clicks on macOS, where a menu that is set would swallow them", () => {
		const { icon, tray } = setUp("darwin");
		icon.show(working(0.42));
		expect(tray.contextMenu).toBeNull();
		expect(tray.ignoresDoubleClicks).toBe(true);
		expect(tray.guid).toMatch(/^[0-9a-f-]{36}$/);
	});

	it("on Linux find a menu that is set, and set again after every change", () => {
		const { icon, tray, clicks } = setUp("linux");
		const first = tray.contextMenu;
		expect(first?.labels[0]).toBe("Nightshift: starting");
		icon.show(working(0.42));
		expect(tray.contextMenu).not.toBe(first);
		expect(tray.contextMenu?.labels[0]).toBe("Nightshift: working, 42 %");
		tray.click();
		expect(clicks).toEqual([null]);
	});

	it("on Linux find figures that are a little old rather than a menu that is taken away while it is read", () => {
		const { icon, tray } = setUp("linux");
		icon.show(working(0.1));
		const menu = tray.contextMenu;
		for (let step = 1; step <= 10; step++) {
			vi.advanceTimersByTime(UPDATE_INTERVAL_MS);
			icon.show(working(0.1 + step / 100));
		}
		expect(tray.contextMenu).toBe(menu);
		expect(tray.tooltip).toContain("20 %");
		vi.advanceTimersByTime(FIGURES_INTERVAL_MS);
		expect(tray.contextMenu?.labels[0]).toBe("Nightshift: working, 20 %");
	});

	it("on Linux find at once what else there is to choose", () => {
		const { icon, tray } = setUp("linux");
		icon.show(working(0.1));
		vi.advanceTimersByTime(UPDATE_INTERVAL_MS);
		icon.show({
			...working(0.11),
			update: { line: null, actions: [{ action: "restart", label: "Restart to update" }] },
		});
		expect(tray.contextMenu?.offers("Restart to update")).toBe(true);
		expect(tray.contextMenu?.labels[0]).toBe("Nightshift: working, 11 %");
	});

	it("on Linux find the same menu as long as nothing in it changes", () => {
		const { icon, tray } = setUp("linux");
		icon.show(working(0.42));
		const menu = tray.contextMenu;
		icon.show(working(0.42));
		vi.advanceTimersByTime(2 * FIGURES_INTERVAL_MS);
		expect(tray.contextMenu).toBe(menu);
	});
});

describe("on macOS", () => {
	it("files that are dropped on the icon are taken", () => {
		const { tray, files } = setUp("darwin");
		tray.drop(["/Users/me/tickets.jsonl"]);
		expect(files).toEqual([["/Users/me/tickets.jsonl"]]);
	});

	it("an icon that the user has hidden is told of, and told of again when it is back", () => {
		const { icon, tray, hidden } = setUp("darwin");
		tray.bounds = { x: 1_000, y: 1_080, width: 24, height: 24 };
		vi.advanceTimersByTime(HIDDEN_CHECK_DELAY_MS);
		expect(hidden).toEqual([true]);
		tray.bounds = { x: 1_000, y: 0, width: 24, height: 24 };
		icon.show(working(0.5));
		expect(hidden).toEqual([true, false]);
	});

	it("an icon at its place is never told of", () => {
		const { tray, hidden } = setUp("darwin");
		tray.bounds = { x: 1_000, y: 0, width: 24, height: 24 };
		vi.advanceTimersByTime(HIDDEN_CHECK_DELAY_MS);
		expect(hidden).toEqual([]);
	});
});
