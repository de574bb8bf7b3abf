import { expect, it } from "vitest";
import { createFakeMenus } from "../testing/fake-menu.ts";
import { type AppMenuAction, dockMenu, hangMenuBar } from "./app-menu.ts";

it("the bar of macOS has settings, a new batch and quitting as the program does it, and no developer tools", () => {
	const actions: AppMenuAction[] = [];
	const menus = createFakeMenus();
	hangMenuBar(menus, "darwin", (action) => void actions.push(action));
	const menu = menus.getApplicationMenu();
	if (menu === null) throw new Error("There is no bar.");
	for (const label of ["Settings…", "New Batch…", "Quit Nightshift"]) menu.choose(label);
	expect(actions).toEqual(["settings", "choose-files", "quit"]);
	const roles = menu.template.flatMap(({ role, submenu }) => [
		role,
		...(Array.isArray(submenu) ? submenu.map((item) => item.role) : []),
	]);
	expect(roles).toContain("editMenu");
	for (const role of ["quit", "viewMenu", "toggleDevTools", "reload", "forceReload"]) expect(roles).not.toContain(role);
});

it("the Dock icon's menu opens the window and takes files", () => {
	const actions: AppMenuAction[] = [];
	const menu = createFakeMenus().buildFromTemplate(dockMenu((action) => void actions.push(action)));
	for (const label of menu.labels) menu.choose(label);
	expect(actions).toEqual(["open", "choose-files"]);
});

it.each(["win32", "linux"] as const)("no other system has a bar, least of all Electron's own (%s)", (platform) => {
	const menus = createFakeMenus();
	menus.setApplicationMenu(menus.buildFromTemplate([{ role: "viewMenu" }]));
	hangMenuBar(menus, platform, () => {});
	expect(menus.getApplicationMenu()).toBeNull();
});
