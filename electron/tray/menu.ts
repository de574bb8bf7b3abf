/** The tray's menu as a function of what the tray shows, pure. Every way into the program that does not need a window is here. */
import type { MenuItemConstructorOptions } from "electron";
import type { RestRequest } from "../../native/contract/contract.ts";
import type { UpdateAction } from "../updates/view.ts";
import { formatPercent, trayWords } from "../words/tray.ts";
import { progressLine, statusLine, type TrayBatch, type TrayLook } from "./look.ts";
import { shorten, shortenMiddle } from "./shorten.ts";

/** What somebody wants who chose an item. */
export type MenuAction =
	| { readonly kind: "open" }
	| { readonly kind: "open-batch"; readonly id: string }
	| { readonly kind: "open-jobs" }
	| { readonly kind: "choose-files" }
	| { readonly kind: "rest"; readonly request: RestRequest }
	| { readonly kind: "try-again" }
	| { readonly kind: "update"; readonly action: UpdateAction }
	| { readonly kind: "allow-firewall" }
	| { readonly kind: "settings" }
	| { readonly kind: "logs" }
	| { readonly kind: "quit" };

/** Batches that get a line each: a menu is no list of jobs, and one that reaches the screen's end scrolls. */
export const MOST_BATCHES = 5;
/** Characters of a line: wider menus cover what people look at. */
const MOST_LINE_LENGTH = 72;
/** Characters of a batch's name, for the figure behind it has to be seen. */
const MOST_NAME_LENGTH = 40;

/** The menu. Equal looks make equal menus but for their functions, which `id` stands for. `nowMs` is Unix milliseconds. */
export function trayMenu(
	look: TrayLook,
	nowMs: number,
	onAction: (action: MenuAction) => void,
): MenuItemConstructorOptions[] {
	const item = itemsFor(onAction);
	const groups = [
		[...status(look, nowMs), ...(look.canTryAgain ? [item(trayWords.tryAgain, { kind: "try-again" })] : [])],
		batchItems(look.batches, item),
		[
			item(trayWords.open, { kind: "open" }),
			...(look.kind === "down" ? [] : [item(trayWords.newBatch, { kind: "choose-files" })]),
		],
		look.kind === "down" || look.kind === "starting" ? [] : restItems(look, item),
		look.isFirewallOffered ? [item(trayWords.allowFirewall, { kind: "allow-firewall" })] : [],
		updateItems(look, item),
		[item(trayWords.settings, { kind: "settings" }), item(trayWords.logs, { kind: "logs" })],
		[item(trayWords.quit, { kind: "quit" })],
	];
	return groups
		.filter((group) => group.length > 0)
		.flatMap((group, index) => (index === 0 ? group : [{ type: "separator" } as const, ...group]));
}

type MakeItem = (label: string, action: MenuAction) => MenuItemConstructorOptions;

function itemsFor(onAction: (action: MenuAction) => void): MakeItem {
	return (label, action) => ({
		id: JSON.stringify(action),
		label: asLabel(label, MOST_LINE_LENGTH),
		click: () => onAction(action),
	});
}

/** Words only; a choice that does nothing must not look like one. */
function line(text: string): MenuItemConstructorOptions {
	return { label: asLabel(text, MOST_LINE_LENGTH), enabled: false };
}

function status(look: TrayLook, nowMs: number): MenuItemConstructorOptions[] {
	const progress = progressLine(look, nowMs);
	return [
		line(statusLine(look)),
		...(progress === null ? [] : [line(progress)]),
		...(look.machines === null ? [] : [line(machinesLine(look.machines))]),
		...(look.attentionCount === 0 ? [] : [line(trayWords.waitingJobs(look.attentionCount))]),
	];
}

function machinesLine({ online, working }: NonNullable<TrayLook["machines"]>): string {
	return online < 2 ? trayWords.alone : trayWords.machines(online, working);
}

function batchItems(batches: readonly TrayBatch[], item: MakeItem): MenuItemConstructorOptions[] {
	const shown = batches.slice(0, MOST_BATCHES).map(({ id, name, fraction }) => {
		const short = shortenMiddle(name, MOST_NAME_LENGTH);
		const label = fraction === null ? short : trayWords.batch(short, formatPercent(fraction));
		return item(label, { kind: "open-batch", id });
	});
	const rest = batches.length - shown.length;
	return rest === 0 ? shown : [...shown, item(trayWords.moreBatches(rest), { kind: "open-jobs" })];
}

const snoozes = ["1h", "3h", "12h", "tomorrow"] as const;

function restItems({ rest }: TrayLook, item: MakeItem): MenuItemConstructorOptions[] {
	const isResting = rest.isPaused || rest.snoozedUntilMs !== null;
	const resume = item(trayWords.resume, { kind: "rest", request: { action: "resume" } });
	const pause: MenuItemConstructorOptions = {
		id: "pause",
		label: trayWords.pause,
		submenu: [
			...snoozes.map((length) =>
				item(trayWords.snooze[length], { kind: "rest", request: { action: "snooze", for: length } }),
			),
			{ type: "separator" },
			item(trayWords.pauseUntilResumed, { kind: "rest", request: { action: "pause" } }),
		],
	};
	return isResting ? [resume, pause] : [pause];
}

function updateItems({ update }: TrayLook, item: MakeItem): MenuItemConstructorOptions[] {
	return [
		...(update.line === null ? [] : [line(update.line)]),
		...update.actions.map(({ action, label }) => item(label, { kind: "update", action })),
	];
}

/** Menus take `&` for the mark of the key that chooses an item, and two of them for one: names of files have real ones. */
function asLabel(text: string, mostLength: number): string {
	return shorten(text, mostLength).replaceAll("&", "&&");
}
