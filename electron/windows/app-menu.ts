/**
 * The menus of the program beside the tray's: the bar of macOS and the menu of its Dock icon. Pure. The other systems have neither;
 * their windows copy and paste without.
 */
import type { MenuItemConstructorOptions } from "electron";
import { windowWords } from "../words/windows.ts";

/** What somebody wants who chose an item. */
export type AppMenuAction = "open" | "choose-files" | "settings" | "quit";

/**
 * The bar. Without one of its own a program gets Electron's, which opens developer tools; without any, ⌘C and ⌘V do nothing.
 */
export function appMenu(onAction: (action: AppMenuAction) => void): MenuItemConstructorOptions[] {
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
