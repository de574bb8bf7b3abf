/**
 * The icon in the tray, one for the life of the program: a second one is taken by other rules on Linux, and does not work. Owns what
 * is set on it and when; must never decide what is shown (look.ts) or done (whoever hears `onAction`).
 */
import type { Rectangle } from "electron";
import type { Platform } from "../base/base.ts";
import type { ShellLog } from "../log.ts";
import { trayIconPath } from "./icon-path.ts";
import { appearanceOf, initialLook, type TrayAppearance, type TrayLook } from "./look.ts";
import { type MenuAction, trayMenu } from "./menu.ts";
import type { ImagePort, TrayMakers, TrayPort } from "./ports.ts";
import { createSetMenu, type SetMenu } from "./set-menu.ts";

/** What the icon needs. */
export interface TrayIconDeps<Image extends ImagePort, Menu> extends TrayMakers<Image, Menu> {
	readonly platform: Platform;
	/** Folder that has `tray/{platform}/…`. */
	readonly assetsDir: string;
	/** The screens, to tell whether the icon is on one. */
	readonly screen: { getPrimaryDisplay(): { readonly bounds: Rectangle } };
	/** A click on the icon; `bounds` is where it is, null where the system does not say. */
	readonly onClick: (bounds: Rectangle | null) => void;
	readonly onAction: (action: MenuAction) => void;
	/** Files were dropped on the icon (macOS). */
	readonly onFiles: (paths: readonly string[]) => void;
	/** The user has hidden the icon (macOS 26), or shows it again: then there has to be another way in. */
	readonly onHidden: (isHidden: boolean) => void;
	readonly log: ShellLog;
}

/** The icon. */
export interface TrayIcon {
	/** Shows this; soon, if something else was shown a moment ago. */
	show(look: TrayLook): void;
	/** Takes it away, for the program quits. */
	end(): void;
}

/**
 * Between two changes of the icon. Progress comes several times a second; each change is a message to another process, on GNOME it
 * redraws the panel, and nobody reads faster.
 */
export const UPDATE_INTERVAL_MS = 500;
/** macOS does not place an icon at once; before that it is nowhere, which is not hidden. */
export const HIDDEN_CHECK_DELAY_MS = 3_000;

/** Any will do as long as it stays the same: macOS finds the icon's place by it. */
const GUID = "6f2b1c1e-3f6e-4c0b-9a55-2d6a51c7e2d7";

/** Puts the icon into the tray. */
export function createTrayIcon<Image extends ImagePort, Menu>(deps: TrayIconDeps<Image, Menu>): TrayIcon {
	return new Icon(deps);
}

class Icon<Image extends ImagePort, Menu> implements TrayIcon {
	readonly #deps: TrayIconDeps<Image, Menu>;
	readonly #tray: TrayPort<Image, Menu>;
	readonly #hiddenCheck: NodeJS.Timeout | null;
	/** The menu that was opened last: Electron does not keep one that is open, and one that is collected takes its items with it. */
	#openedMenu: Menu | null = null;
	#look: TrayLook = initialLook;
	#shown: TrayAppearance;
	/** On Linux a menu can only be set; elsewhere it is made when it is asked for. */
	readonly #setMenu: SetMenu | null;
	#shownAtMs = Number.NEGATIVE_INFINITY;
	#timer: NodeJS.Timeout | null = null;
	#isHidden = false;
	#isOver = false;

	constructor(deps: TrayIconDeps<Image, Menu>) {
		this.#deps = deps;
		this.#shown = appearanceOf(this.#look, Date.now());
		const isMac = deps.platform === "darwin";
		this.#tray = deps.createTray(this.#image(this.#shown), isMac ? GUID : undefined);
		this.#tray.setToolTip(this.#shown.tooltip);
		this.#setMenu = deps.platform === "linux" ? this.#createSetMenu() : null;
		this.#listen();
		this.#setMenu?.show(this.#look);
		this.#hiddenCheck = isMac ? setTimeout(() => this.#checkHidden(), HIDDEN_CHECK_DELAY_MS) : null;
	}

	show(look: TrayLook): void {
		this.#look = look;
		if (this.#isOver || this.#timer !== null) return;
		const pauseMs = this.#shownAtMs + UPDATE_INTERVAL_MS - performance.now();
		if (pauseMs <= 0) this.#apply();
		else this.#timer = setTimeout(() => this.#apply(), pauseMs);
	}

	end(): void {
		if (this.#isOver) return;
		this.#isOver = true;
		this.#setMenu?.end();
		for (const timer of [this.#timer, this.#hiddenCheck]) if (timer !== null) clearTimeout(timer);
		this.#tray.destroy();
	}

	#apply(): void {
		this.#timer = null;
		const next = appearanceOf(this.#look, Date.now());
		const { icon, tooltip, title } = this.#shown;
		this.#shown = next;
		this.#setMenu?.show(this.#look);
		if (next.icon !== icon) this.#tray.setImage(this.#image(next));
		if (next.tooltip !== tooltip) this.#tray.setToolTip(next.tooltip);
		// Figures of equal width, or everything left of the icon moves with each percent.
		if (this.#deps.platform === "darwin" && next.title !== title) {
			this.#tray.setTitle(next.title, { fontType: "monospacedDigit" });
		}
		const isChanged = next.icon !== icon || next.tooltip !== tooltip || next.title !== title;
		if (isChanged) this.#shownAtMs = performance.now();
		if (this.#deps.platform === "darwin") this.#checkHidden();
	}

	#createSetMenu(): SetMenu {
		const { buildMenu, onAction } = this.#deps;
		return createSetMenu({ set: (template) => this.#tray.setContextMenu(buildMenu(template)), onAction });
	}

	#listen(): void {
		const { platform, onClick, onFiles, onAction, buildMenu } = this.#deps;
		// The second of two fast clicks is a click as well; macOS would keep the first back to see whether another comes.
		if (platform === "darwin") this.#tray.setIgnoreDoubleClickEvents(true);
		// No desktop of Linux tells programs where their icons are.
		this.#tray.on("click", (_event, bounds) => onClick(platform === "linux" ? null : bounds));
		if (platform === "linux") return;
		// Never set: with a menu set macOS opens it at a left click too, and tells of no click.
		this.#tray.on("right-click", () => {
			this.#openedMenu = buildMenu(trayMenu(this.#look, Date.now(), onAction));
			this.#tray.popUpContextMenu(this.#openedMenu);
		});
		if (platform !== "darwin") return;
		this.#tray.on("drop-files", (event, paths) => {
			event.preventDefault();
			onFiles(paths);
		});
	}

	#image({ icon }: TrayAppearance): Image {
		const { assetsDir, platform, createImage, log } = this.#deps;
		const path = trayIconPath(assetsDir, platform, icon);
		const image = createImage(path);
		if (image.isEmpty()) log.warn({ path }, "a picture of the tray is missing; the icon can't be seen");
		return image;
	}

	/** An icon that macOS 26 was told to hide is where the screen ends; everything else about it is as if it were seen. */
	#checkHidden(): void {
		const { height, y } = this.#deps.screen.getPrimaryDisplay().bounds;
		const isHidden = this.#tray.getBounds().y === y + height;
		if (isHidden === this.#isHidden) return;
		this.#isHidden = isHidden;
		this.#deps.onHidden(isHidden);
	}
}
