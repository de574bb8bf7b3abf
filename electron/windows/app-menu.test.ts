import { expect, it } from "vitest";
import { createFakeMenus } from "../testing/fake-menu.ts";
import { type AppMenuAction, appMenu, dockMenu } from "./app-menu.ts";

it("the bar of macOS has settings, a new batch and quitting as the program does it, and no developer tools", () => {
	const actions: AppMenuAction[] = [];
	const menu = createFakeMenus().buildFromTemplate(appMenu((action) => void actions.push(action)));
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
