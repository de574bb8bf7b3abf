/** When there is time to show something new. */

/** Where nothing is drawn, e.g. behind another tab, what came is taken in as often as this. */
const UNSEEN_PAUSE_MS = 200;

/** Runs something before the next picture is drawn. */
export function beforeNextFrame(run: () => void): void {
	if (typeof requestAnimationFrame === "function" && !document.hidden) requestAnimationFrame(run);
	else setTimeout(run, UNSEEN_PAUSE_MS);
}
