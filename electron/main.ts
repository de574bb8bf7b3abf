/**
 * Entry of the desktop app: hands Electron's own objects to the shell. With the preload script the only file that imports values of
 * Electron; must never decide anything.
 */
import { join } from "node:path";
import {
	app,
	BrowserWindow,
	dialog,
	ipcMain,
	Menu,
	Notification,
	nativeImage,
	nativeTheme,
	powerMonitor,
	powerSaveBlocker,
	screen,
	session,
	shell,
	Tray,
} from "electron";
import updater from "electron-updater";
import { runProgram } from "./firewall/firewall.ts";
import { startShell } from "./shell.ts";

startShell({
	app,
	dialog,
	ipc: ipcMain,
	menus: Menu,
	popUpMenu: (menu) => menu.popup(),
	desktop: shell,
	theme: nativeTheme,
	screen,
	powerMonitor,
	powerSaveBlocker,
	notifications: Notification,
	session: () => session.defaultSession,
	loadUpdater: () => updater.autoUpdater,
	createWindow: (options) => new BrowserWindow(options),
	createNotification: (options) => new Notification(options),
	createImage: (path) => nativeImage.createFromPath(path),
	createTray: (image, guid) => (guid === undefined ? new Tray(image) : new Tray(image, guid)),
	process,
	runProgram,
	programDir: join(import.meta.dirname, "..", ".."),
});
