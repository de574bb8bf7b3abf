/**
 * Compiles only while Electron's and electron-updater's own objects fit where notifications, power, login item, opening, updates and
 * quitting want them, and while the fakes do too. Types alone; nothing of it runs.
 */
import type { App, Dialog, Notification, PowerMonitor, PowerSaveBlocker } from "electron";
import type { AppUpdater } from "electron-updater";
import type { LoginItemAppPort } from "../login-item/login-item.ts";
import type { NotificationPort, StandingPort } from "../notifications/notifications.ts";
import type { OpenAppPort } from "../open/open.ts";
import type { PowerSaveBlockerPort } from "../power/keep-awake.ts";
import type { PowerMonitorPort } from "../power/power.ts";
import type { MessageBoxPort, QuitAppPort } from "../quit/quit.ts";
import type { UpdaterPort } from "../updates/updates.ts";
import type { FakeApp } from "./fake-app.ts";

type Fits<Port, Real extends Port> = Real;

/** All that fit. */
export type RealRoomsFit = [
	Fits<NotificationPort, Notification>,
	Fits<StandingPort, Notification>,
	Fits<PowerMonitorPort, PowerMonitor>,
	Fits<PowerSaveBlockerPort, PowerSaveBlocker>,
	Fits<QuitAppPort, App>,
	Fits<OpenAppPort, App>,
	Fits<LoginItemAppPort, App>,
	Fits<MessageBoxPort, Dialog>,
	Fits<UpdaterPort, AppUpdater>,
	Fits<QuitAppPort & OpenAppPort & LoginItemAppPort, FakeApp>,
];
