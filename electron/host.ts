/** What the shell is given: Electron as its rooms use it, and the process it runs in. The real objects fit as they are; so do a test's. */
import type { App, Dialog, Notification, NotificationConstructorOptions, Shell } from "electron";
import type { OpenDialogPort } from "./bridge/bridge.ts";
import type { RunProgram } from "./firewall/firewall.ts";
import type { LoginItemAppPort } from "./login-item/login-item.ts";
import type { NotificationPort } from "./notifications/notifications.ts";
import type { StandingPort } from "./notifications/shown.ts";
import type { OpenAppPort } from "./open/open.ts";
import type { PowerSaveBlockerPort } from "./power/keep-awake.ts";
import type { PowerMonitorPort } from "./power/ports.ts";
import type { MessageBoxPort, QuitAppPort } from "./quit/quit.ts";
import type { GuardedApp, GuardedSession, IpcPort } from "./security/ports.ts";
import type { ImagePort, TrayMakers } from "./tray/ports.ts";
import type { UpdaterPort } from "./updates/updates.ts";
import type { MenuBarPort } from "./windows/app-menu.ts";
import type { CreateWindow, DockPort, ScreenPort, ThemePort } from "./windows/ports.ts";
import type { CookieFetch } from "./windows/sign-in.ts";

/** Electron's app as far as no single room owns it. */
interface LifePort extends Pick<App, "getPath" | "setPath" | "exit" | "setAppUserModelId" | "setToastActivatorCLSID"> {
	whenReady(): Promise<void>;
	requestSingleInstanceLock(additionalData: Record<string, unknown>): boolean;
	/** `activate`: macOS, somebody opened the program again or clicked its icon in the Dock. */
	on(event: "window-all-closed" | "activate" | "will-quit", listener: () => void): unknown;
}

/** Electron's app. */
export type AppPort = LifePort & OpenAppPort & QuitAppPort & DockPort & GuardedApp & LoginItemAppPort;

/** The process the shell runs in. */
export interface ProcessPort extends Pick<NodeJS.Process, "argv" | "env" | "execPath" | "cwd"> {
	readonly stdout: { write(text: string): unknown };
	readonly stderr: { write(text: string): unknown };
	readonly platform: NodeJS.Platform;
	/** Folder of Electron's own resources in a package; where there is no Electron, nothing. */
	readonly resourcesPath?: string;
	on(event: "SIGINT" | "SIGTERM", listener: () => void): unknown;
}

/** Everything around the shell. `Menu` and `Image` are whatever the makers make. */
export interface Host<Image extends ImagePort, Menu> extends Omit<TrayMakers<Image, Menu>, "buildMenu"> {
	readonly app: AppPort & { readonly dock?: { setMenu(menu: Menu): void } | undefined };
	readonly dialog: OpenDialogPort & MessageBoxPort & Pick<Dialog, "showErrorBox">;
	readonly ipc: IpcPort;
	readonly menus: MenuBarPort<Menu>;
	/** Shows a menu where the pointer is. */
	readonly popUpMenu: (menu: Menu) => void;
	/** Opens things with other programs. */
	readonly desktop: Pick<Shell, "openExternal" | "showItemInFolder">;
	readonly theme: ThemePort;
	/** Not to be used before the app is ready, like all that follow. */
	readonly screen: ScreenPort;
	readonly powerMonitor: PowerMonitorPort;
	readonly powerSaveBlocker: PowerSaveBlockerPort;
	readonly notifications: Pick<typeof Notification, "isSupported" | "handleActivation"> & {
		getHistory(): Promise<readonly StandingPort[]>;
	};
	/** The session all windows share. */
	readonly session: () => GuardedSession & CookieFetch;
	readonly loadUpdater: () => UpdaterPort;
	readonly createWindow: CreateWindow;
	readonly createNotification: (options: NotificationConstructorOptions) => NotificationPort;
	readonly process: ProcessPort;
	/** Runs a program of the system. */
	readonly runProgram: RunProgram;
	/** The folder with `dist/` and `assets/`: the repository, or the package's archive. */
	readonly programDir: string;
}
