/** All of Electron that the entry imports, stateful: one desk with a tray, windows, dialogs and notifications, and somebody before it. */
import { existsSync } from "node:fs";
import type { ActivationArguments, NotificationConstructorOptions } from "electron";
import type { Host } from "../host.ts";
import { FakeApp, type FakeAppOptions } from "./fake-app.ts";
import { FakeDialog } from "./fake-dialog.ts";
import { FakeIpcMain } from "./fake-ipc-main.ts";
import { createFakeMenus, type FakeMenu } from "./fake-menu.ts";
import { createFakeNativeImage, type FakeNativeImage } from "./fake-native-image.ts";
import { FakeNativeTheme } from "./fake-native-theme.ts";
import { FakeNotification, FakeNotifications } from "./fake-notification.ts";
import { FakePowerMonitor } from "./fake-power-monitor.ts";
import { FakePowerSaveBlocker } from "./fake-power-save-blocker.ts";
import type { FakeProcess } from "./fake-process.ts";
import { FakeScreen } from "./fake-screen.ts";
import { FakeShell } from "./fake-shell.ts";
import { FakeTray } from "./fake-tray.ts";
import { FakeUpdater } from "./fake-updater.ts";
import { createFakeDesk } from "./fake-window.ts";

/** Electron's class of notifications. */
export interface NotificationClass {
	new (options: NotificationConstructorOptions): FakeNotification;
	isSupported(): boolean;
	handleActivation(callback: (details: ActivationArguments) => void): void;
	getHistory(): Promise<FakeNotification[]>;
}

/** Makes it, with nothing shown yet. */
export function createFakeElectron(options: FakeAppOptions) {
	const app = new FakeApp(options);
	const desk = createFakeDesk();
	desk.onContents((contents) => app.emit("web-contents-created", {}, contents));
	const notified = new FakeNotifications();
	const trays: FakeTray[] = [];
	const Notification: NotificationClass = class extends FakeNotification {
		static isSupported = (): boolean => notified.isSupported;
		static handleActivation = notified.handleActivation;
		static getHistory = async (): Promise<FakeNotification[]> => [];
		constructor(options: NotificationConstructorOptions) {
			super(notified, options);
		}
	};
	const Tray: new (image: FakeNativeImage, guid?: string) => FakeTray = class extends FakeTray {
		constructor(image: FakeNativeImage, guid?: string) {
			super(image, guid);
			trays.push(this);
		}
	};
	return {
		app,
		desk,
		notified,
		/** Icons that were put into the tray. */
		trays,
		BrowserWindow: desk.BrowserWindow,
		dialog: new FakeDialog(),
		ipcMain: new FakeIpcMain(),
		Menu: createFakeMenus(),
		Notification,
		nativeImage: createFakeNativeImage(existsSync),
		nativeTheme: new FakeNativeTheme(),
		powerMonitor: new FakePowerMonitor(),
		powerSaveBlocker: new FakePowerSaveBlocker(),
		screen: new FakeScreen(),
		session: { defaultSession: desk.session },
		shell: new FakeShell(),
		Tray,
		autoUpdater: new FakeUpdater(app.getVersion(), () => app.quit()),
	};
}

/** The fake where the entry puts Electron. */
export function hostOf(
	fake: ReturnType<typeof createFakeElectron>,
	process: FakeProcess,
	programDir: string,
): Host<FakeNativeImage, FakeMenu> {
	return {
		...{
			app: fake.app,
			dialog: fake.dialog,
			ipc: fake.ipcMain,
			menus: fake.Menu,
			desktop: fake.shell,
			screen: fake.screen,
		},
		...{
			theme: fake.nativeTheme,
			powerMonitor: fake.powerMonitor,
			powerSaveBlocker: fake.powerSaveBlocker,
			programDir,
		},
		popUpMenu: (menu) => menu.popup(),
		notifications: fake.Notification,
		session: () => fake.session.defaultSession,
		loadUpdater: () => fake.autoUpdater,
		createWindow: (options) => new fake.BrowserWindow(options),
		createNotification: (options) => new fake.Notification(options),
		createImage: (path) => fake.nativeImage.createFromPath(path),
		createTray: (image, guid) => new fake.Tray(image, guid),
		process,
		runProgram: process.programs.run,
	};
}
