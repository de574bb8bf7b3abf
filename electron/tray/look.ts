/**
 * What the tray shows of a state: icon, tooltip, title. Owns the rules of it, pure. Must never say anything by the icon alone: some
 * desktops show it late or not at all.
 */
import type { Rest } from "../../native/contract/contract.ts";
import type { SummaryProgress } from "../state/progress.ts";
import type { SummaryKind } from "../state/summary.ts";
import type { UpdateView } from "../updates/view.ts";
import { formatCount, formatMoment, formatPercent, formatRate, trayWords } from "../words/tray.ts";
import { shorten } from "./shorten.ts";

/** A batch as the menu names it. */
export interface TrayBatch {
	readonly id: string;
	readonly name: string;
	/** 0 to 1; null: it has not been counted yet. */
	readonly fraction: number | null;
}

/** All that the tray shows, in its words or the service's. */
export interface TrayLook {
	readonly kind: SummaryKind;
	/** Null: nothing is being worked on. */
	readonly progress: SummaryProgress | null;
	/** Why, in words, e.g. `Blender uses 6.1 GB of GPU memory`; empty where there is nothing to say. */
	readonly reason: string;
	/** Jobs that need somebody. */
	readonly attentionCount: number;
	/** How it stands with a newer version. */
	readonly update: UpdateView;
	/** Those being worked on, the one at work first. */
	readonly batches: readonly TrayBatch[];
	readonly rest: Rest;
	/** The service was given up and starts again only when somebody says so. */
	readonly canTryAgain: boolean;
	/** How many machines are there and work, this one among them; null: it works by itself. */
	readonly machines: { readonly online: number; readonly working: number } | null;
	/** A firewall keeps other machines out, and can be told to let them in. */
	readonly isFirewallOffered: boolean;
}

/** Before anything is known. */
export const initialLook: TrayLook = {
	kind: "starting",
	progress: null,
	reason: "",
	attentionCount: 0,
	update: { line: null, actions: [] },
	batches: [],
	rest: { isPaused: false, snoozedUntilMs: null },
	canTryAgain: false,
	machines: null,
	isFirewallOffered: false,
};

/** The pictures there are. */
export type TrayIconName = "idle" | "working" | "yielding" | "paused" | "attention";

/** What is set on the tray. */
export interface TrayAppearance {
	readonly icon: TrayIconName;
	readonly tooltip: string;
	/** Stands beside the icon on macOS, the only system that has room for it; empty: nothing does. */
	readonly title: string;
}

/**
 * Windows holds 128 UTF-16 units of a tooltip, the closing zero among them (`NOTIFYICONDATAW.szTip`), and Electron cuts what is
 * longer wherever that falls.
 */
export const MOST_TOOLTIP_LENGTH = 127;

/** What a tray shows of this look. `nowMs` is Unix milliseconds. */
export function appearanceOf(look: TrayLook, nowMs: number): TrayAppearance {
	return {
		icon: iconOf(look.kind),
		tooltip: shorten([statusLine(look), ...detailLines(look, nowMs)].join("\n"), MOST_TOOLTIP_LENGTH),
		title: look.kind === "working" && look.progress !== null ? formatPercent(look.progress.fraction) : "",
	};
}

/** The state in one line: first of the tooltip, and first of the menu. */
export function statusLine({ kind, progress, reason }: TrayLook): string {
	const state = trayWords.states[kind];
	if (kind === "working" && progress !== null) {
		const share = `${state}, ${formatPercent(progress.fraction)}`;
		return trayWords.headline(reason === "" ? share : `${share}, ${reason}`);
	}
	return trayWords.headline(reason === "" || kind === "working" ? state : `${state}, ${reason}`);
}

/** Figures of the work, where there is any. */
export function progressLine({ progress }: TrayLook, nowMs: number): string | null {
	// Of lines that are not counted yet there are no figures.
	if (progress === null || progress.total === 0) return null;
	const { done, total, linesPerSecond, readyByMs } = progress;
	return [
		trayWords.linesOf(formatCount(done), formatCount(total)),
		...(linesPerSecond === null ? [] : [trayWords.rate(formatRate(linesPerSecond))]),
		// A moment that has passed is a forecast that did not hold; it helps nobody.
		...(readyByMs === null || readyByMs <= nowMs ? [] : [trayWords.readyBy(formatMoment(readyByMs, nowMs))]),
	].join(", ");
}

function detailLines(look: TrayLook, nowMs: number): readonly string[] {
	const progress = progressLine(look, nowMs);
	return [
		...(progress === null ? [] : [progress]),
		...(look.attentionCount === 0 ? [] : [trayWords.waitingJobs(look.attentionCount)]),
	];
}

/** A service that starts takes a second or two: a picture that alarms would flash. One that is down needs somebody. */
function iconOf(kind: SummaryKind): TrayIconName {
	switch (kind) {
		case "starting":
		case "idle":
			return "idle";
		case "down":
		case "attention":
			return "attention";
		case "working":
		case "yielding":
		case "paused":
			return kind;
		default:
			return kind satisfies never;
	}
}
