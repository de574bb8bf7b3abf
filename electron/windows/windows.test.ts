import { expect, it, vi } from "vitest";
import { pagePreferences } from "../security/security.ts";
import { createFakeMemory } from "../testing/fake-memory.ts";
import { serviceUrl, setDesk } from "./testing.ts";
import { createWindows } from "./windows.ts";

function setUp() {
	const all = setDesk();
	const codes: string[] = [];
	const windows = createWindows({
		...all,
		...all.page,
		platform: "win32",
		createWindow: all.desk.createWindow,
		preferences: pagePreferences("/app/preload.cjs", true),
		icon: "/app/icon.png",
		memory: createFakeMemory(),
		dock: { setActivationPolicy: () => {}, focus: () => {} },
		session: all.desk.session,
		codeAddress: async () => {
			codes.push(`code-${codes.length}`);
			return { ok: true, value: `${serviceUrl}/#code=${codes.at(-1)}` };
		},
	});
	return { ...all, windows, codes };
}

it("the windows share one sign-in", async () => {
	const { windows, desk, codes } = setUp();
	await vi.waitFor(() => expect(desk.windows[0]?.address).toBe(`${serviceUrl}/?popover`));
	windows.main.open("#/settings");
	await vi.waitFor(() => expect(desk.windows[1]?.address).toBe(`${serviceUrl}/#/settings`));
	expect(codes).toHaveLength(1);
});

it("a window is found by its contents as long as it is there", async () => {
	const { windows, desk } = setUp();
	windows.main.open();
	const [popover, main] = desk.windows;
	if (popover === undefined || main === undefined) throw new Error("There are two windows.");
	const { id } = main.webContents;
	expect(windows.windowOf(popover.webContents.id)).toBe(popover);
	expect(windows.windowOf(id)).toBe(main);
	main.close();
	expect(windows.windowOf(id)).toBeNull();
});

it("dialogs go before a window that is in sight", async () => {
	const { windows, desk } = setUp();
	expect(windows.inFront).toBeNull();
	windows.popover.show(null);
	expect(windows.inFront).toBe(desk.windows[0]);
	windows.main.open();
	await vi.waitFor(() => expect(windows.inFront).toBe(desk.windows[1]));
	// The popover has gone when the other window took the focus.
	desk.windows[1]?.minimize();
	expect(windows.inFront).toBeNull();
});

it("none is left when the program quits", () => {
	const { windows, desk, senders } = setUp();
	windows.main.open();
	const contents = desk.windows.map(({ webContents }) => webContents);
	windows.end();
	expect(desk.windows).toEqual([]);
	expect(contents.map((each) => senders.has(each))).toEqual([false, false]);
});

it("they are there again when nothing came of quitting", async () => {
	const { windows, desk } = setUp();
	windows.end();
	windows.popover.show(null);
	expect(desk.windows).toEqual([]);
	windows.beginAgain();
	windows.popover.show(null);
	windows.main.open();
	expect(desk.windows).toHaveLength(2);
	expect(windows.popover.isVisible).toBe(true);
});

it("both have the menu of the other mouse button", () => {
	const { windows, desk, menus } = setUp();
	windows.main.open();
	for (const { webContents } of desk.windows) webContents.pointAt("field");
	expect(menus.map(({ template }) => template[0]?.role)).toEqual(["cut", "cut"]);
});
