/**
 * The large window. Owns that there is one at most, where it is, and that macOS shows the program in its Dock only while it is open;
 * must never keep the program alive or end it.
 */
import type { BrowserWindowConstructorOptions } from "electron";
import type { Memory, Remembered } from "../memory/memory.ts";
import { windowWords } from "../words/windows.ts";
import { giveContextMenu } from "./context-menu.ts";
import { backgroundOf, followTheme } from "./look.ts";
import { createPageHost, type PageHost, type PageWindowDeps } from "./page-host.ts";
import { restorePlace } from "./placement.ts";
import type { DockPort, ScreenPort, WindowPort } from "./ports.ts";
import { noBar, type TaskbarProgress } from "./taskbar.ts";

/** What the window needs. */
export interface MainWindowDeps extends PageWindowDeps {
	readonly memory: Memory;
	/** Called on macOS only. */
	readonly dock: DockPort;
}

/** The large window. */
export interface MainWindow {
	/** Opens it, or brings it to the front; at a screen, e.g. `#/jobs/batch_1`, or where it was. */
	open(hash?: string): void;
	close(): void;
	readonly isOpen: boolean;
	/** The window, as the parent of dialogs; null: it is closed. */
	readonly window: WindowPort | null;
	/** Shows on its place in the taskbar or the Dock how far work is. */
	showProgress(progress: TaskbarProgress): void;
	/** Ends it, for the program quits: nothing of the page can keep it open. */
	end(): void;
}

/** Opens so large the first time: the page's side bar and a list with its details beside. */
const FIRST_SIZE = { width: 1_100, height: 760 } as const;
/** Narrower than this the page is the popover's; it still works, so the window may be made so small. */
const LEAST_SIZE = { width: 380, height: 480 } as const;
/** Somebody who drags an edge makes dozens of sizes a second; the last is worth remembering. */
const REMEMBER_DELAY_MS = 500;
/** Somebody clicked: a window without its page yet is better than none. */
const SHOW_LIMIT_MS = 1_000;

/** Makes it, closed. It is made when it is opened and gone when it is closed: what it drew with is GPU memory that work can use. */
export function createMainWindow(deps: MainWindowDeps): MainWindow {
	return new PageWindow(deps);
}

interface Opened {
	readonly window: WindowPort;
	readonly host: PageHost;
}

class PageWindow implements MainWindow {
	readonly #deps: MainWindowDeps;
	#opened: Opened | null = null;
	#progress: TaskbarProgress = noBar;
	#showTimer: NodeJS.Timeout | null = null;
	#rememberTimer: NodeJS.Timeout | null = null;

	constructor(deps: MainWindowDeps) {
		this.#deps = deps;
		followTheme(deps.theme, () => (this.#opened === null ? [] : [this.#opened.window]));
	}

	get isOpen(): boolean {
		return this.#opened !== null;
	}

	get window(): WindowPort | null {
		return this.#opened?.window ?? null;
	}

	open(hash?: string): void {
		const { platform, dock } = this.#deps;
		// Before the window: one of a program that is not in the Dock does not get the focus.
		if (platform === "darwin") dock.setActivationPolicy("regular");
		const isThere = this.#opened !== null;
		const { window, host } = this.#opened ?? this.#make();
		if (hash !== undefined) host.goTo(hash);
		if (isThere) this.#bringForward(window);
	}

	close(): void {
		this.#opened?.window.close();
	}

	showProgress(progress: TaskbarProgress): void {
		this.#progress = progress;
		if (this.#opened !== null) drawProgress(this.#opened.window, progress);
	}

	end(): void {
		if (this.#opened === null) return;
		this.#remember(this.#opened.window);
		this.#opened.window.destroy();
	}

	#make(): Opened {
		const { createWindow, memory, senders, platform } = this.#deps;
		const before = memory.current.mainWindow;
		const window = createWindow(this.#options(before));
		const { webContents } = window;
		senders.add(webContents);
		giveContextMenu(webContents, this.#deps.popUpMenu);
		drawProgress(window, this.#progress);
		const host = createPageHost(window, "window", this.#deps);
		const opened: Opened = { window, host };
		this.#opened = opened;
		this.#showWhenReady(window, before?.isMaximized === true);
		window.on("resize", () => this.#rememberSoon(window));
		window.on("move", () => this.#rememberSoon(window));
		window.on("close", () => this.#remember(window));
		window.on("closed", () => {
			senders.delete(webContents);
			host.end();
			this.#stopTimers();
			this.#opened = null;
			if (platform === "darwin") this.#deps.dock.setActivationPolicy("accessory");
		});
		return opened;
	}

	/** `ready-to-show` comes again whenever another page is loaded, which is no reason to come to the front. */
	#showWhenReady(window: WindowPort, isMaximized: boolean): void {
		let isShown = false;
		const show = () => {
			if (isShown || window.isDestroyed()) return;
			isShown = true;
			clearTimeout(limit);
			// Not before: to maximise a window is to show it.
			if (isMaximized) window.maximize();
			this.#bringForward(window);
		};
		const limit = setTimeout(show, SHOW_LIMIT_MS);
		this.#showTimer = limit;
		window.on("ready-to-show", show);
	}

	#bringForward(window: WindowPort): void {
		if (window.isDestroyed()) return;
		if (window.isMinimized()) window.restore();
		window.show();
		window.focus();
		// The window of a program that has just come into the Dock stays behind those of the program in front.
		if (this.#deps.platform === "darwin") this.#deps.dock.focus({ steal: true });
	}

	#rememberSoon(window: WindowPort): void {
		if (this.#rememberTimer !== null) clearTimeout(this.#rememberTimer);
		this.#rememberTimer = setTimeout(() => this.#remember(window), REMEMBER_DELAY_MS);
	}

	#remember(window: WindowPort): void {
		if (window.isDestroyed() || window.isMinimized()) return;
		const { x, y, width, height } = window.getNormalBounds();
		this.#deps.memory.remember({ mainWindow: { x, y, width, height, isMaximized: window.isMaximized() } });
	}

	#stopTimers(): void {
		for (const timer of [this.#showTimer, this.#rememberTimer]) if (timer !== null) clearTimeout(timer);
		this.#showTimer = null;
		this.#rememberTimer = null;
	}

	#options(before: Remembered["mainWindow"]): BrowserWindowConstructorOptions {
		const { screen, preferences, theme, platform, icon } = this.#deps;
		return {
			...restorePlace(before, FIRST_SIZE, displaysOf(screen)),
			minWidth: LEAST_SIZE.width,
			minHeight: LEAST_SIZE.height,
			title: windowWords.product,
			show: false,
			backgroundColor: backgroundOf(theme),
			autoHideMenuBar: true,
			webPreferences: preferences,
			...(platform === "darwin" ? {} : { icon }),
		};
	}
}

/** The primary one first: a window that has lost its screen goes there. */
function displaysOf(screen: ScreenPort): ReturnType<ScreenPort["getAllDisplays"]> {
	return [screen.getPrimaryDisplay(), ...screen.getAllDisplays()];
}

function drawProgress(window: WindowPort, { fraction, mode }: TaskbarProgress): void {
	window.setProgressBar(fraction, { mode });
}
