/**
 * The menu of a tray that can only be set, which is Linux': a change is seen when the menu is set anew, and that takes an open menu
 * from under the pointer of whoever reads it. Owns when it is set: at once when there is something else to choose or to know, now and
 * then when only figures have moved.
 */
import type { MenuItemConstructorOptions } from "electron";
import type { TrayLook } from "./look.ts";
import { type MenuAction, trayMenu } from "./menu.ts";

/** How a menu is set. */
export interface SetMenuDeps {
	readonly set: (template: MenuItemConstructorOptions[]) => void;
	readonly onAction: (action: MenuAction) => void;
}

/** The menu that is set. */
export interface SetMenu {
	show(look: TrayLook): void;
	end(): void;
}

/** Figures in the menu may be so old: longer than anybody reads in it, shorter than it takes to go and look again. */
export const FIGURES_INTERVAL_MS = 15_000;

/** Sets the menu for the first time when it is first shown. */
export function createSetMenu({ set, onAction }: SetMenuDeps): SetMenu {
	let shown: string | null = null;
	let shownChoices = "";
	let setAtMs = 0;
	let timer: NodeJS.Timeout | null = null;
	let latest: TrayLook | null = null;

	function stopWaiting(): void {
		if (timer !== null) clearTimeout(timer);
		timer = null;
	}

	function apply(look: TrayLook): void {
		stopWaiting();
		const template = trayMenu(look, Date.now(), onAction);
		const text = JSON.stringify(template);
		if (text === shown) return;
		shown = text;
		shownChoices = choicesOf(look);
		setAtMs = performance.now();
		set(template);
	}

	return {
		show(look) {
			latest = look;
			const waitedMs = performance.now() - setAtMs;
			if (shown === null || choicesOf(look) !== shownChoices || waitedMs >= FIGURES_INTERVAL_MS) apply(look);
			else timer ??= setTimeout(() => latest !== null && apply(latest), FIGURES_INTERVAL_MS - waitedMs);
		},
		end: stopWaiting,
	};
}

/** The menu without figures, of which reasons are full: what there is to choose, and the state. */
function choicesOf(look: TrayLook): string {
	const batches = look.batches.map((batch) => ({ ...batch, fraction: null }));
	const still: TrayLook = { ...look, progress: null, reason: "", batches };
	return JSON.stringify(trayMenu(still, 0, () => {}));
}
