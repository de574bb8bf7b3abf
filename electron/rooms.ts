/**
 * The shell's composition root: builds every room around one link to the service, in order, and starts them. Nothing else constructs a
 * room. Must never hold logic of its own.
 */
import { dirname, join } from "node:path";
import { createActions } from "./actions.ts";
import { type Platform, platformOf } from "./base/base.ts";
import { type Bridge, createBridge, startFolder } from "./bridge/bridge.ts";
import { createFirewall, type Firewall } from "./firewall/firewall.ts";
import type { Host } from "./host.ts";
import type { Log } from "./log.ts";
import { createLoginItem, wasStartedHidden } from "./login-item/login-item.ts";
import { createMemory } from "./memory/create-memory.ts";
import type { Memory } from "./memory/memory.ts";
import { createNotifications, type Notifications, ownCard } from "./notifications/notifications.ts";
import { createOpen, type Inbox } from "./open/open.ts";
import { type Places, placesIn } from "./places.ts";
import { createPower } from "./power/power.ts";
import { createQuit, type Quit } from "./quit/quit.ts";
import { screens } from "./screens.ts";
import { guardApp, pagePreferences } from "./security/security.ts";
import { createTrustedIpc, createTrustedSenders } from "./security/trusted-ipc.ts";
import { createLink, type OwnedLink } from "./service/create-link.ts";
import type { ServicePhase, ShellState } from "./state/state.ts";
import type { MenuAction } from "./tray/menu.ts";
import type { ImagePort } from "./tray/ports.ts";
import { createTrayIcon, type TrayIcon } from "./tray/tray.ts";
import { trayLookOf } from "./tray/tray-look.ts";
import { readPackageType } from "./updates/package-kind.ts";
import { createUpdates, type Updates } from "./updates/updates.ts";
import { dockMenu, hangMenuBar } from "./windows/app-menu.ts";
import { isPageOf } from "./windows/page-address.ts";
import { watchTaskbarProgress } from "./windows/taskbar.ts";
import { createWindows, type Windows } from "./windows/windows.ts";
import { shellWords } from "./words/shell.ts";
import { windowWords } from "./words/windows.ts";

/** What every room may be made from. */
interface Base<Image extends ImagePort, Menu> {
	readonly host: Host<Image, Menu>;
	readonly platform: Platform;
	readonly places: Places;
	readonly log: Log;
	readonly memory: Memory;
	readonly link: OwnedLink;
}

/** What the app's life needs of its rooms. */
export interface Rooms {
	readonly link: OwnedLink;
	readonly exampleBatch: string;
	/** Opens the main window; resolves when it shows the service's page. */
	showPage(): Promise<void>;
	/** Ends everything of ours; resolves when every process is gone. */
	end(): Promise<void>;
}

/** Builds the rooms, and starts the service. Once the app is ready. */
export function openRooms<Image extends ImagePort, Menu>(host: Host<Image, Menu>, inbox: Inbox, log: Log): Rooms {
	const base = openBase(host, log);
	const { link, memory, platform, places } = base;
	const { app, process, desktop, powerMonitor: monitor, powerSaveBlocker: blocker } = host;
	const environment = process.env;
	// Rooms that let somebody do something are made before those that do it.
	const late: Late = { act() {}, sessionEnd() {} };
	const act = (action: MenuAction): void => late.act(action);
	hangMenus(base, act);
	const { windows, bridge } = openPages(base, late);
	const notifications = openNotifications(base, windows);
	const { quit, updates } = openEnds(base, windows);
	late.sessionEnd = quit.sessionEnd;
	const firewall = openFirewall(base, notifications);
	late.act = createActions({ windows, bridge, inbox, link, notifications, updates, firewall, quit, desktop, log });

	const onSystemEnd = quit.systemEnd;
	const power = createPower({ monitor, blocker, link, onSystemEnd, log, platform, environment });
	const onProblem = (message: string | null): void => {
		if (message !== null) notifications.tell(ownCard("login-item", shellWords.loginItem, message, screens.settings));
	};
	const loginItem = createLoginItem({
		app,
		link,
		memory,
		platform,
		environment,
		execPath: process.execPath,
		onProblem,
	});
	watchTaskbarProgress(link, (progress) => windows.main.showProgress(progress));
	const tray = openTray(base, { windows, updates, firewall, inbox, act });
	app.on("activate", () => windows.main.open());
	for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, quit.systemEnd);
	const open = createOpen({
		link,
		inbox,
		show: (hash) => windows.main.open(hash ?? undefined),
		tell: notifications.tell,
		startsHidden: wasStartedHidden(process.argv, app.getLoginItemSettings()),
	});
	app.on("will-quit", () => {
		for (const room of [power, loginItem, open, updates, firewall, notifications]) room.stop();
		tray.end();
	});
	void link.start();
	return {
		link,
		exampleBatch: places.exampleBatch,
		showPage: () => showPage(base, windows),
		end: quit.makeWay,
	};
}

function openBase<Image extends ImagePort, Menu>(host: Host<Image, Menu>, log: Log): Base<Image, Menu> {
	const { app, process, programDir } = host;
	const onProblem = (message: string): void => log.warn({}, message);
	const places = placesIn(programDir);
	const memory = createMemory({ path: join(app.getPath("userData"), "shell.json"), onProblem });
	const link = createLink({
		entryPath: places.serviceEntry,
		environment: process.env,
		platform: process.platform,
		memory,
		onProblem,
	});
	link.watch(logPhases(log));
	return { host, platform: platformOf(process.platform), places, log, memory, link };
}

/** Writes down how it stands with the service, whenever that changes. */
function logPhases(log: Log): (state: ShellState) => void {
	let written: ServicePhase | null = null;
	return ({ service }) => {
		if (service === written) return;
		written = service;
		log.info({ service }, "the service");
	};
}

/** What can be done only once all rooms are there. */
interface Late {
	act(action: MenuAction): void;
	sessionEnd(): void;
}

interface Pages {
	readonly windows: Windows;
	readonly bridge: Bridge;
}

/** Windows, what their pages may do, and what they may ask for. */
function openPages<Image extends ImagePort, Menu>(
	{ host, platform, places, log, memory, link }: Base<Image, Menu>,
	late: Late,
): Pages {
	const { app, ipc, dialog, desktop, menus, screen, theme } = host;
	const { preload, downPage, icon } = places;
	const session = host.session();
	const origin = (): string | null => originOf(link.state.service);
	const firstFolder = app.getPath("documents");
	const downloads = {
		folder: () => startFolder(memory, app.getPath("downloads")),
		savedAt: (path: string) => memory.remember({ lastFolder: dirname(path) }),
		title: windowWords.saveAs,
	};
	guardApp(app, session, { origin, downPage, external: desktop, log, downloads });
	const senders = createTrustedSenders();
	const windows = createWindows({
		...{ platform, senders, screen, theme, memory, icon, session, downPage, log },
		service: link,
		createWindow(options) {
			const window = host.createWindow(options);
			// Windows tells only its windows that the user logs out.
			window.on("session-end", () => late.sessionEnd());
			return window;
		},
		preferences: pagePreferences(preload, app.isPackaged),
		dock: app,
		popUpMenu: (template) => host.popUpMenu(menus.buildFromTemplate(template)),
		codeAddress: link.pageAddress,
		onDownAction: (kind) => late.act({ kind }),
	});
	const ipcOfPages = createTrustedIpc({ ipc, senders, origin, log });
	const { windowOf, popover } = windows;
	const verbs = {
		platform,
		ipc: ipcOfPages,
		dialog,
		fileManager: desktop,
		memory,
		windowOf,
		popover,
		firstFolder,
		log,
	};
	return { windows, bridge: createBridge(verbs) };
}

function originOf(service: ServicePhase): string | null {
	return service.kind === "up" ? new URL(service.url).origin : null;
}

function openNotifications<Image extends ImagePort, Menu>(
	{ host, platform, memory, link, log }: Base<Image, Menu>,
	windows: Windows,
): Notifications {
	const { notifications, createNotification: create } = host;
	return createNotifications({
		...{ link, memory, platform, create, log },
		isSupported: () => notifications.isSupported(),
		handleActivation: platform === "win32" ? (callback) => notifications.handleActivation(callback) : null,
		history: platform === "darwin" ? () => notifications.getHistory() : null,
		seenHash: () => windows.seenHash,
		open: (hash) => windows.main.open(hash),
	});
}

/** The two rooms that end the program: quitting, and making way for a newer version. */
function openEnds<Image extends ImagePort, Menu>(
	{ host, platform, memory, link, log }: Base<Image, Menu>,
	windows: Windows,
): { readonly quit: Quit; readonly updates: Updates } {
	const { app, dialog, process, loadUpdater } = host;
	const quit = createQuit({
		...{ app, dialog, link, memory, log },
		async stopService() {
			// Windows keep themselves open when they are closed; a program that quits has to end them.
			windows.end();
			await link.stop();
			const pids = await link.pids();
			if (pids.length > 0) log.warn({ pids }, "processes of the service can't be ended by anybody");
		},
		toBackground() {
			windows.main.close();
			windows.popover.hide();
		},
	});
	const { env: environment, execPath } = process;
	const packageType = process.resourcesPath === undefined ? null : readPackageType(process.resourcesPath);
	const installation = { platform, environment, execPath, packageType, isPackaged: app.isPackaged };
	function startService(): void {
		windows.beginAgain();
		void link.start();
	}
	const updates = createUpdates({
		...{ loadUpdater, installation, link, dialog, quit, startService },
		random: Math.random,
		log,
	});
	return { quit, updates };
}

function openFirewall<Image extends ImagePort, Menu>(
	{ host, platform, link, log }: Base<Image, Menu>,
	{ tell }: Notifications,
): Firewall {
	const { app, process, runProgram: run } = host;
	const { env: environment, execPath } = process;
	return createFirewall({ link, run, platform, isPackaged: app.isPackaged, execPath, environment, tell, log });
}

interface TrayNeighbours {
	readonly windows: Windows;
	readonly updates: Updates;
	readonly firewall: Firewall;
	readonly inbox: Inbox;
	act(action: MenuAction): void;
}

function openTray<Image extends ImagePort, Menu>(
	{ host, platform, places, log, link }: Base<Image, Menu>,
	{ windows, updates, firewall, inbox, act }: TrayNeighbours,
): TrayIcon {
	const { createImage, createTray, menus, screen } = host;
	const { assetsDir } = places;
	const tray = createTrayIcon({
		...{ platform, assetsDir, createImage, createTray, screen, log },
		buildMenu: (template) => menus.buildFromTemplate(template),
		onClick: (bounds) => windows.popover.toggle(bounds),
		onAction: act,
		onFiles: (paths) => inbox.files(paths),
		onHidden(isHidden) {
			// Somebody who hid the icon still has to find the program that just started.
			if (isHidden) windows.main.open();
		},
	});
	function show(): void {
		const offers = { update: updates.view, isFirewallOffered: firewall.isOffered };
		tray.show(trayLookOf(link.state, offers, Date.now()));
	}
	show();
	link.watch(show);
	updates.watch(show);
	firewall.watch(show);
	return tray;
}

function hangMenus<Image extends ImagePort, Menu>(
	{ host, platform }: Base<Image, Menu>,
	act: (action: MenuAction) => void,
): void {
	const { menus, app } = host;
	hangMenuBar(menus, platform, (kind) => act({ kind }));
	app.dock?.setMenu(menus.buildFromTemplate(dockMenu((kind) => act({ kind }))));
}

function showPage<Image extends ImagePort, Menu>({ link }: Base<Image, Menu>, windows: Windows): Promise<void> {
	const { promise, resolve } = Promise.withResolvers<void>();
	windows.main.open(screens.home);
	const contents = windows.main.window?.webContents;
	contents?.on("did-finish-load", () => {
		const { service } = link.state;
		if (service.kind === "up" && isPageOf(contents.getURL(), service.url)) resolve();
	});
	return promise;
}
