/**
 * The small window at the tray. Owns when it is seen and where; must never be the only way to anything. Where the system lets no
 * program place its windows (Linux) it is a small window like any other: one that only looks like a popover would be in the way.
 */
import type { BrowserWindowConstructorOptions, Rectangle } from "electron";
import { windowWords } from "../words/windows.ts";
import { giveContextMenu } from "./context-menu.ts";
import { backgroundOf, followTheme } from "./look.ts";
import { createPageHost, type PageHost, type PageWindowDeps } from "./page-host.ts";
import { fitSize, place } from "./placement.ts";
import type { WindowPort } from "./ports.ts";

/** The popover. */
export interface Popover {
	/** Shows it at the tray icon (null: nobody knows where that is), or puts it away. */
	toggle(trayBounds: Rectangle | null): void;
	show(trayBounds: Rectangle | null): void;
	hide(): void;
	readonly isVisible: boolean;
	/** The window, as the parent of dialogs; null: it was never needed. */
	readonly window: WindowPort | null;
	/** Keeps it in sight until this has ended, for a dialog of its own takes the focus from it. */
	keepOpenDuring<Value>(work: () => Promise<Value>): Promise<Value>;
	/** Ends it, for the program quits; from then on it does not open. */
	end(): void;
	/** Nothing came of that: it is as it was at first. */
	beginAgain(): void;
}

/** The width the page is made for, and as much of a list as most screens have room for. */
const SIZE = { width: 380, height: 640 } as const;
/**
 * The tray is clicked while the popover is open: `blur` comes first and hides it, then `click`, which would open it again. Windows
 * does so; between the two are some 100 to 200 ms.
 */
export const REOPEN_PAUSE_MS = 250;

/** Makes the popover; on Windows and macOS with its window, hidden, so that it is there at the first click. */
export function createPopover(deps: PageWindowDeps): Popover {
	return new TrayPopover(deps);
}

class TrayPopover implements Popover {
	readonly #deps: PageWindowDeps;
	/** The system lets us place it at the tray. */
	readonly #isPlaced: boolean;
	#window: WindowPort | null = null;
	#host: PageHost | null = null;
	#hiddenByBlurAtMs = Number.NEGATIVE_INFINITY;
	#reasonsToStay = 0;
	#isOver = false;

	constructor(deps: PageWindowDeps) {
		this.#deps = deps;
		this.#isPlaced = deps.platform !== "linux";
		followTheme(deps.theme, () => (this.#window === null ? [] : [this.#window]));
		if (!this.#isPlaced) return;
		// Where it was is somewhere else now, or nowhere.
		for (const event of ["display-metrics-changed", "display-added", "display-removed"] as const) {
			deps.screen.on(event, () => this.hide());
		}
		this.#open();
	}

	get isVisible(): boolean {
		return this.#window !== null && !this.#window.isDestroyed() && this.#window.isVisible();
	}

	get window(): WindowPort | null {
		return this.#window;
	}

	toggle(trayBounds: Rectangle | null): void {
		if (this.isVisible && (this.#isPlaced || this.#window?.isFocused() === true)) this.hide();
		else if (performance.now() - this.#hiddenByBlurAtMs >= REOPEN_PAUSE_MS) this.show(trayBounds);
	}

	show(trayBounds: Rectangle | null): void {
		if (this.#isOver) return;
		const window = this.#window ?? this.#open();
		if (this.#isPlaced) window.setBounds(this.#boundsAt(trayBounds));
		else if (window.isMinimized()) window.restore();
		window.show();
		window.focus();
	}

	hide(): void {
		if (this.isVisible) this.#window?.hide();
	}

	async keepOpenDuring<Value>(work: () => Promise<Value>): Promise<Value> {
		this.#reasonsToStay++;
		try {
			return await work();
		} finally {
			this.#reasonsToStay--;
		}
	}

	end(): void {
		this.#isOver = true;
		this.#window?.destroy();
	}

	beginAgain(): void {
		this.#isOver = false;
		if (this.#isPlaced && this.#window === null) this.#open();
	}

	#boundsAt(trayBounds: Rectangle | null): Rectangle {
		const { screen } = this.#deps;
		const display =
			trayBounds !== null && trayBounds.width > 0 ? screen.getDisplayMatching(trayBounds) : screen.getPrimaryDisplay();
		const size = fitSize(SIZE, display.workArea);
		return { ...place(trayBounds, display, size), ...size };
	}

	#open(): WindowPort {
		const { createWindow, senders } = this.#deps;
		const window = createWindow(this.#options());
		const { webContents } = window;
		senders.add(webContents);
		giveContextMenu(webContents, this.#deps.popUpMenu);
		if (this.#isPlaced) this.#behaveAsPopover(window);
		window.on("close", (event) => {
			if (this.#isOver) return;
			// It is kept: the next click shall find it.
			event.preventDefault();
			window.hide();
		});
		window.on("closed", () => {
			senders.delete(webContents);
			this.#host?.end();
			this.#host = null;
			this.#window = null;
		});
		this.#window = window;
		this.#host = createPageHost(window, "popover", this.#deps);
		return window;
	}

	#behaveAsPopover(window: WindowPort): void {
		// Also over a program in full screen. The process' type is main-window.ts' affair; changing it here makes the Dock flash.
		if (this.#deps.platform === "darwin") {
			window.setVisibleOnAllWorkspaces(true, { visibleOnFullScreen: true, skipTransformProcessType: true });
		}
		window.on("blur", () => {
			if (this.#reasonsToStay > 0 || !window.isVisible()) return;
			this.#hiddenByBlurAtMs = performance.now();
			window.hide();
		});
		window.webContents.on("before-input-event", (event, { type, key }) => {
			if (type !== "keyDown" || key !== "Escape") return;
			event.preventDefault();
			this.hide();
		});
	}

	#options(): BrowserWindowConstructorOptions {
		const { platform, preferences, theme, icon } = this.#deps;
		const common: BrowserWindowConstructorOptions = {
			...SIZE,
			title: windowWords.product,
			show: false,
			fullscreenable: false,
			maximizable: false,
			backgroundColor: backgroundOf(theme),
			webPreferences: preferences,
		};
		if (!this.#isPlaced) return { ...common, icon, minWidth: 320, minHeight: 400, autoHideMenuBar: true };
		return {
			...common,
			frame: false,
			resizable: false,
			movable: false,
			minimizable: false,
			skipTaskbar: true,
			alwaysOnTop: true,
			...(platform === "darwin" ? { type: "panel", hiddenInMissionControl: true } : { icon }),
		};
	}
}
