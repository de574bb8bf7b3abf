/** What of Electron's tray this room needs; the real objects fit as they are. */
import type { MenuItemConstructorOptions, Point, Rectangle } from "electron";
import type { Preventable } from "../base/base.ts";

/** A picture as Electron holds it. */
export interface ImagePort {
	/** The file is not there, or is no picture. */
	isEmpty(): boolean;
}

/** An icon in the tray. */
export interface TrayPort<Image, Menu> {
	setImage(image: Image): void;
	setToolTip(text: string): void;
	setTitle(text: string, options: { readonly fontType: "monospacedDigit" }): void;
	setContextMenu(menu: Menu | null): void;
	popUpContextMenu(menu: Menu, position?: Point): void;
	setIgnoreDoubleClickEvents(isIgnored: boolean): void;
	getBounds(): Rectangle;
	destroy(): void;
	on(event: "click" | "right-click", listener: (event: unknown, bounds: Rectangle) => void): unknown;
	on(event: "drop-files", listener: (event: Preventable, paths: string[]) => void): unknown;
}

/** Makes what a tray is made of. */
export interface TrayMakers<Image extends ImagePort, Menu> {
	readonly createImage: (path: string) => Image;
	/** `guid`: macOS remembers by it where people have put the icon. */
	readonly createTray: (image: Image, guid: string | undefined) => TrayPort<Image, Menu>;
	readonly buildMenu: (template: MenuItemConstructorOptions[]) => Menu;
}
