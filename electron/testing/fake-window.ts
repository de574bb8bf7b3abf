/** Windows, of which one at most has the focus. Stateful: tests read what people would see. */
import { EventEmitter } from "node:events";
import type { BrowserWindowConstructorOptions, Rectangle } from "electron";
import type { WindowPort } from "../windows/ports.ts";
import { FakeContents, FakeEvent, type FakeWeb } from "./fake-contents.ts";
import { FakeSession } from "./fake-session.ts";

/** All windows of one test, and what they share. */
export interface FakeDesk {
	readonly web: FakeWeb;
	readonly session: FakeSession;
	/** Those that are not closed, oldest first. */
	readonly windows: readonly FakeWindow[];
	readonly focused: FakeWindow | null;
	/** Makes a window; `new desk.BrowserWindow(options)` does the same. */
	createWindow(options: BrowserWindowConstructorOptions): FakeWindow;
	/** Stands for Electron's own class. */
	readonly BrowserWindow: new (
		options?: BrowserWindowConstructorOptions,
	) => FakeWindow;
	/** Calls for each window's contents as it is made, as the app's `web-contents-created` does. */
	onContents(listener: (contents: FakeContents) => void): void;
	/** Somebody clicks on another program. */
	clickElsewhere(): void;
}

/** What a window and its desk tell each other. */
interface Place {
	readonly web: FakeWeb;
	readonly windows: FakeWindow[];
	readonly contentsListeners: ((contents: FakeContents) => void)[];
	focused: FakeWindow | null;
}

/** Makes a desk without windows. */
export function createFakeDesk(): FakeDesk {
	const session = new FakeSession();
	const place: Place = {
		web: { session, unreachable: new Set(), codes: null, lastId: 0 },
		windows: [],
		contentsListeners: [],
		focused: null,
	};
	return {
		web: place.web,
		session,
		windows: place.windows,
		get focused() {
			return place.focused;
		},
		createWindow: (options) => new FakeWindow(place, options),
		BrowserWindow: class extends FakeWindow {
			constructor(options: BrowserWindowConstructorOptions = {}) {
				super(place, options);
			}
		},
		onContents: (listener) => void place.contentsListeners.push(listener),
		clickElsewhere: () => moveFocus(place, null),
	};
}

/** The one that loses it hears of it first, as it is on Windows. */
function moveFocus(place: Place, window: FakeWindow | null): void {
	const before = place.focused;
	if (before === window) return;
	place.focused = window;
	if (before !== null && !before.isDestroyed()) before.emit("blur");
	// Whoever lost it may have given it on.
	if (place.focused === window) window?.emit("focus");
}

/** A window. */
export class FakeWindow extends EventEmitter implements WindowPort {
	readonly options: BrowserWindowConstructorOptions;
	readonly #place: Place;
	readonly #contents: FakeContents;
	#bounds: Rectangle;
	#isVisible: boolean;
	#isDestroyed = false;
	#isMinimized = false;
	#isMaximized = false;
	#wasReady = false;
	backgroundColor: string;
	/** Below 0: none. */
	progress = -1;
	isOnAllWorkspaces = false;

	constructor(place: Place, options: BrowserWindowConstructorOptions) {
		super();
		this.options = options;
		this.#place = place;
		const { x = 0, y = 0, width = 800, height = 600 } = options;
		this.#bounds = { x, y, width, height };
		this.#isVisible = options.show ?? true;
		this.backgroundColor = options.backgroundColor ?? "#ffffff";
		this.#contents = new FakeContents(place.web);
		this.#contents.on("did-finish-load", () => {
			if (this.#isDestroyed || this.#wasReady) return;
			this.#wasReady = true;
			this.emit("ready-to-show");
		});
		place.windows.push(this);
		for (const listener of place.contentsListeners) listener(this.#contents);
	}

	get webContents(): FakeContents {
		// Electron gives nothing of a window that is gone.
		if (this.#isDestroyed) throw new TypeError("Object has been destroyed");
		return this.#contents;
	}

	/** What is shown, in short: the screen's address, the file of a local page, or nothing. */
	get address(): string {
		return this.#contents.getURL();
	}

	show(): void {
		this.#check();
		this.#isVisible = true;
		this.#isMinimized = false;
		this.emit("show");
		this.focus();
	}

	hide(): void {
		this.#check();
		if (!this.#isVisible) return;
		this.#isVisible = false;
		if (this.#place.focused === this) moveFocus(this.#place, null);
		this.emit("hide");
	}

	focus(): void {
		this.#check();
		if (this.#isVisible) moveFocus(this.#place, this);
	}

	close(): void {
		this.#check();
		const event = new FakeEvent();
		this.emit("close", event);
		if (!event.defaultPrevented) this.destroy();
	}

	destroy(): void {
		if (this.#isDestroyed) return;
		this.#isDestroyed = true;
		this.#isVisible = false;
		if (this.#place.focused === this) this.#place.focused = null;
		this.#place.windows.splice(this.#place.windows.indexOf(this), 1);
		this.#contents.destroy();
		this.emit("closed");
	}

	isDestroyed(): boolean {
		return this.#isDestroyed;
	}

	isVisible(): boolean {
		this.#check();
		return this.#isVisible;
	}

	isFocused(): boolean {
		this.#check();
		return this.#place.focused === this;
	}

	isMinimized(): boolean {
		this.#check();
		return this.#isMinimized;
	}

	/** Somebody puts it into the taskbar. */
	minimize(): void {
		this.#isMinimized = true;
		if (this.#place.focused === this) moveFocus(this.#place, null);
	}

	restore(): void {
		this.#isMinimized = false;
	}

	isMaximized(): boolean {
		this.#check();
		return this.#isMaximized;
	}

	maximize(): void {
		this.#check();
		this.#isMaximized = true;
		this.#isVisible = true;
		this.emit("resize");
	}

	getBounds(): Rectangle {
		this.#check();
		return { ...this.#bounds };
	}

	getNormalBounds(): Rectangle {
		return this.getBounds();
	}

	setBounds(bounds: Rectangle): void {
		this.#check();
		for (const value of Object.values(bounds)) {
			if (!Number.isInteger(value)) throw new TypeError("Error processing argument at index 0, conversion failure");
		}
		this.#bounds = { ...bounds };
		this.emit("resize");
		this.emit("move");
	}

	setBackgroundColor(color: string): void {
		this.#check();
		this.backgroundColor = color;
	}

	setProgressBar(fraction: number): void {
		this.#check();
		this.progress = fraction;
	}

	setVisibleOnAllWorkspaces(isVisible: boolean): void {
		this.#check();
		this.isOnAllWorkspaces = isVisible;
	}

	/** Its page does nothing any more, or does again. */
	becomeUnresponsive(): void {
		this.emit("unresponsive");
	}

	becomeResponsive(): void {
		this.emit("responsive");
	}

	#check(): void {
		if (this.#isDestroyed) throw new TypeError("Object has been destroyed");
	}
}
