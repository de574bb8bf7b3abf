/** Menus that people choose from by what they read. */
import { EventEmitter } from "node:events";
import type { MenuItemConstructorOptions } from "electron";

/** A menu. */
export class FakeMenu extends EventEmitter {
	readonly template: readonly MenuItemConstructorOptions[];

	constructor(template: readonly MenuItemConstructorOptions[] = []) {
		super();
		this.template = template;
	}

	/** It was opened where the pointer is. */
	isOpen = false;

	popup(): void {
		this.isOpen = true;
	}

	/** What one reads in it, in order; items of submenus behind the item that opens them. Separators are left out. */
	get labels(): readonly string[] {
		return this.#items().flatMap(({ label, type }) =>
			type === "separator" ? [] : [(label ?? "").replaceAll("&&", "&")],
		);
	}

	/** Tells whether an item is there and can be chosen. */
	offers(label: string): boolean {
		const item = this.#find(label);
		return item !== undefined && item.enabled !== false;
	}

	/** Chooses an item by what one reads. */
	choose(label: string): void {
		const item = this.#find(label);
		if (item === undefined) throw new Error(`The menu has no "${label}", only: ${this.labels.join(" | ")}`);
		if (item.enabled === false) throw new Error(`"${label}" can't be chosen.`);
		// Electron hands over what was clicked and with which keys; nothing of ours reads it.
		const click: unknown = item.click;
		if (typeof click !== "function") throw new Error(`Choosing "${label}" does nothing.`);
		click();
	}

	#items(): readonly MenuItemConstructorOptions[] {
		return this.template.flatMap((item) => [item, ...(Array.isArray(item.submenu) ? item.submenu : [])]);
	}

	#find(label: string): MenuItemConstructorOptions | undefined {
		return this.#items().find((item) => item.label?.replaceAll("&&", "&") === label);
	}
}

/** Stands for Electron's `Menu`, the bar of the program among it. */
export function createFakeMenus() {
	let bar: FakeMenu | null = null;
	return {
		buildFromTemplate: (template: MenuItemConstructorOptions[]) => new FakeMenu(template),
		setApplicationMenu(menu: FakeMenu | null): void {
			bar = menu;
		},
		getApplicationMenu: (): FakeMenu | null => bar,
	};
}
