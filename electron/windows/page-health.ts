/** Whether a window's page lives: ends one that hangs, counts those that end. Owns the limits; must never load anything. */
import type { ShellLog } from "../log.ts";
import type { WindowPort } from "./ports.ts";

/** Ends of a page within `CRASH_WINDOW_MS` before it stays away: one that ends at once would use the processor for ever. */
export const MOST_CRASHES = 3;
/** Crashes that are further apart have nothing to do with each other. */
export const CRASH_WINDOW_MS = 60_000;
/** A page that does nothing for so long is ended: Chromium has waited thirty seconds already before it says so. */
export const HANG_PATIENCE_MS = 15_000;

/** The health of one window's page. */
export interface PageHealth {
	/** Begins to count anew. */
	forgive(): void;
	end(): void;
}

/** Watches a window's page. `onEnded` hears of each end, and whether it was one too many. */
export function watchHealth(
	window: WindowPort,
	log: ShellLog,
	onEnded: (reason: string, isTooOften: boolean) => void,
): PageHealth {
	const contents = window.webContents;
	let crashesMs: readonly number[] = [];
	let hang: NodeJS.Timeout | null = null;

	function stopHang(): void {
		if (hang !== null) clearTimeout(hang);
		hang = null;
	}

	contents.on("render-process-gone", (_event, { reason, exitCode }) => {
		stopHang();
		if (reason === "clean-exit") return;
		const nowMs = performance.now();
		crashesMs = [...crashesMs.filter((atMs) => nowMs - atMs < CRASH_WINDOW_MS), nowMs];
		log.warn({ reason, exitCode, crashes: crashesMs.length }, "a page ended");
		onEnded(reason, crashesMs.length >= MOST_CRASHES);
	});
	window.on("unresponsive", () => {
		stopHang();
		hang = setTimeout(() => {
			log.warn({}, "a page that hung is ended");
			if (!contents.isDestroyed()) contents.forcefullyCrashRenderer();
		}, HANG_PATIENCE_MS);
	});
	window.on("responsive", stopHang);
	// What hung was another page.
	contents.on("did-finish-load", stopHang);

	return {
		forgive() {
			crashesMs = [];
		},
		end: stopHang,
	};
}
