/**
 * The menus of the program beside the tray's: the bar of macOS and the menu of its Dock icon. Pure. The other systems have neither;
 * their windows copy and paste without.
 */
import type { MenuItemConstructorOptions } from "electron";
import type { Platform } from "../base/base.ts";
import { windowWords } from "../words/windows.ts";

/** Makes menus and hangs them up; Electron's `Menu` is one. */
export interface MenuBarPort<Menu> {
	buildFromTemplate(template: MenuItemConstructorOptions[]): Menu;
	setApplicationMenu(menu: Menu | null): void;
}

/** What somebody wants who chose an item. */
export type AppMenuAction = "open" | "choose-files" | "settings" | "quit";

/**
 * Hangs up the bar on macOS, and takes Electron's own away elsewhere: that one is behind the Alt key and loads pages anew. Call it once
 * the program is ready, before there is a window.
 */
export function hangMenuBar<Menu>(
	menus: MenuBarPort<Menu>,
	platform: Platform,
	onAction: (action: AppMenuAction) => void,
): void {
	menus.setApplicationMenu(platform === "darwin" ? menus.buildFromTemplate(appMenu(onAction)) : null);
}

/**
 * The bar. Without one of its own a program gets Electron's, which opens developer tools; without any, ⌘C and ⌘V do nothing.
 */
function appMenu(onAction: (action: AppMenuAction) => void): MenuItemConstructorOptions[] {
	const { menu, product } = windowWords;
	return [
		{
			label: product,
			submenu: [
				{ role: "about" },
				{ type: "separator" },
				{ label: menu.settings, accelerator: "Cmd+,", click: () => onAction("settings") },
				{ type: "separator" },
				{ role: "hide" },
				{ role: "hideOthers" },
				{ role: "unhide" },
				{ type: "separator" },
				// Not the role: quitting while work is running is asked about first.
				{ label: menu.quit, accelerator: "Cmd+Q", click: () => onAction("quit") },
			],
		},
		{
			label: menu.file,
			submenu: [
				{ label: menu.newBatch, accelerator: "Cmd+N", click: () => onAction("choose-files") },
				{ type: "separator" },
				{ role: "close" },
			],
		},
		{ role: "editMenu" },
		{
			label: menu.view,
			submenu: [
				{ role: "resetZoom" },
				{ role: "zoomIn" },
				{ role: "zoomOut" },
				{ type: "separator" },
				{ role: "togglefullscreen" },
			],
		},
		{ role: "windowMenu" },
	];
}

/** The menu of the Dock icon, to which macOS adds its own items. */
export function dockMenu(onAction: (action: AppMenuAction) => void): MenuItemConstructorOptions[] {
	const { menu } = windowWords;
	return [
		{ label: menu.open, click: () => onAction("open") },
		{ label: menu.newBatch, click: () => onAction("choose-files") },
	];
}
