/** How far the work is, in the taskbar or the Dock. */
import type { ServiceLink } from "../service/link.ts";
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

/** The bar of a state: all open batches together; it stands where work may not run. */
export function progressOf(state: Pick<ShellState, "service" | "batches" | "machine">): TaskbarProgress {
	const { batches, lines, finishedLines, isRunning } = workOf(state);
	if (batches === 0 || state.service.kind !== "up") return noBar;
	// A value above 1 draws a bar that only says that something goes on: lines are still being counted.
	if (lines === 0) return { fraction: isRunning ? 2 : -1, mode: isRunning ? "indeterminate" : "none" };
	return { fraction: Math.floor((finishedLines / lines) * STEPS) / STEPS, mode: isRunning ? "normal" : "paused" };
}

/** Calls whenever it looks otherwise, and at once; answers a function that ends it. */
export function watchTaskbarProgress(
	link: Pick<ServiceLink, "state" | "watch">,
	show: (progress: TaskbarProgress) => void,
): () => void {
	let shown = "";
	function look(state: ShellState): void {
		const progress = progressOf(state);
		const text = JSON.stringify(progress);
		if (text === shown) return;
		shown = text;
		show(progress);
	}
	look(link.state);
	return link.watch(look);
}
