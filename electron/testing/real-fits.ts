/**
 * Compiles only while Electron's own objects fit where the rooms want them, so that the entry can hand them over as they are. Types
 * alone; nothing of it runs.
 */
import type {
	App,
	BrowserWindow,
	Dialog,
	DownloadItem,
	IpcMain,
	Menu,
	NativeImage,
	NativeTheme,
	Screen,
	Session,
	Shell,
	Tray,
	WebContents,
} from "electron";
import type { OpenDialogPort } from "../bridge/bridge.ts";
import type {
	DownloadPort,
	ExternalPort,
	GuardedApp,
	GuardedContents,
	GuardedSession,
	IpcPort,
} from "../security/ports.ts";
import type { ImagePort, TrayPort } from "../tray/ports.ts";
import type { MenuBarPort } from "../windows/app-menu.ts";
import type { ContentsPort, DockPort, ScreenPort, ThemePort, WindowPort } from "../windows/ports.ts";
import type { CookieFetch } from "../windows/sign-in.ts";

type Fits<Port, Real extends Port> = Real;

/** All that fit. */
export type RealFits = [
	Fits<ContentsPort, WebContents>,
	Fits<GuardedContents, WebContents>,
	Fits<WindowPort, BrowserWindow>,
	Fits<ScreenPort, Screen>,
	Fits<ThemePort, NativeTheme>,
	Fits<DockPort, App>,
	Fits<GuardedApp, App>,
	Fits<GuardedSession, Session>,
	Fits<CookieFetch, Session>,
	Fits<DownloadPort, DownloadItem>,
	Fits<IpcPort, IpcMain>,
	Fits<ExternalPort, Shell>,
	Fits<OpenDialogPort, Dialog>,
	Fits<ImagePort, NativeImage>,
	Fits<TrayPort<NativeImage, Menu>, Tray>,
	Fits<MenuBarPort<Menu>, typeof Menu>,
];
