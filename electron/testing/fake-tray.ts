/** An icon in the tray: what of it is seen, and how often it was touched, for each touch is a redraw of somebody's panel. */
import { EventEmitter } from "node:events";
import type { Point, Rectangle } from "electron";
import type { TrayPort } from "../tray/ports.ts";
import { FakeEvent } from "./fake-contents.ts";
import type { FakeMenu } from "./fake-menu.ts";
import type { FakeNativeImage } from "./fake-native-image.ts";

/** An icon. */
export class FakeTray extends EventEmitter implements TrayPort<FakeNativeImage, FakeMenu> {
	image: FakeNativeImage;
	readonly guid: string | undefined;
	tooltip = "";
	/** Every tooltip so far. */
	readonly tooltips: string[] = [];
	title = "";
	/** The menu that is set; on macOS one that is set swallows clicks. */
	contextMenu: FakeMenu | null = null;
	/** The menu that is open. */
	openMenu: FakeMenu | null = null;
	bounds: Rectangle = { x: 1_600, y: 1_040, width: 24, height: 32 };
	isDestroyed = false;
	ignoresDoubleClicks = false;
	/** Changes of what is seen. */
	touches = 0;

	constructor(image: FakeNativeImage, guid?: string) {
		super();
		this.image = image;
		this.guid = guid;
	}

	setImage(image: FakeNativeImage): void {
		this.#touch();
		this.image = image;
	}

	setToolTip(text: string): void {
		this.#touch();
		this.tooltip = text;
		this.tooltips.push(text);
	}

	setTitle(text: string, _options?: { readonly fontType: string }): void {
		this.#touch();
		this.title = text;
	}

	setContextMenu(menu: FakeMenu | null): void {
		this.#touch();
		this.contextMenu = menu;
	}

	popUpContextMenu(menu?: FakeMenu, _position?: Point): void {
		this.#check();
		this.openMenu = menu ?? this.contextMenu;
	}

	setIgnoreDoubleClickEvents(isIgnored: boolean): void {
		this.ignoresDoubleClicks = isIgnored;
	}

	getBounds(): Rectangle {
		this.#check();
		return { ...this.bounds };
	}

	destroy(): void {
		this.isDestroyed = true;
	}

	/** Somebody clicks on it. */
	click(): void {
		this.emit("click", new FakeEvent(), this.getBounds(), { x: 0, y: 0 });
	}

	/** Somebody clicks on it with the other button. */
	rightClick(): void {
		this.emit("right-click", new FakeEvent(), this.getBounds());
	}

	/** Somebody drops files on it. */
	drop(paths: readonly string[]): void {
		this.emit("drop-files", new FakeEvent(), [...paths]);
	}

	#touch(): void {
		this.#check();
		this.touches++;
	}

	#check(): void {
		if (this.isDestroyed) throw new TypeError("Object has been destroyed");
	}
}
