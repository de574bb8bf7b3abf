/** How far the work is, in the taskbar or the Dock. */
import type { ServiceLink } from "../service/link.ts";
import { doneOf, sumOf, totalOf } from "../state/progress.ts";
import type { ShellState } from "../state/state.ts";
import { workOf } from "../state/work.ts";

/** What is drawn. */
export interface TaskbarProgress {
	/** 0 to 1; -1: no bar. */
	readonly fraction: number;
	readonly mode: "none" | "normal" | "indeterminate" | "paused";
}

/** Nothing is going on. */
export const noBar: TaskbarProgress = { fraction: -1, mode: "none" };
/** Steps of the bar: as fine as anybody sees it; each step costs the desktop a redraw. */
const STEPS = 200;

/** The bar of a state at a moment, Unix milliseconds: of the batches whose progress the tray tells; it stands where work may not run. */
export function taskbarProgressOf(state: ShellState, nowMs: number): TaskbarProgress {
	const { running, isBusy } = workOf(state, nowMs);
	if (running.length === 0 || state.service.kind !== "up") return noBar;
	const lines = sumOf(running, totalOf);
	// A value above 1 draws a bar that only says that something goes on: lines are still being counted.
	if (lines === 0) return isBusy ? { fraction: 2, mode: "indeterminate" } : noBar;
	return {
		fraction: Math.floor((sumOf(running, doneOf) / lines) * STEPS) / STEPS,
		mode: isBusy ? "normal" : "paused",
	};
}

/** Calls whenever it looks otherwise, and at once; answers a function that ends it. */
export function watchTaskbarProgress(
	link: Pick<ServiceLink, "state" | "watch">,
	show: (progress: TaskbarProgress) => void,
): () => void {
	let shown = "";
	function look(state: ShellState): void {
		const progress = taskbarProgressOf(state, Date.now());
		const text = JSON.stringify(progress);
		if (text === shown) return;
		shown = text;
		show(progress);
	}
	look(link.state);
	return link.watch(look);
}
