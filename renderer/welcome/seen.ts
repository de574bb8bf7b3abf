/** Whether the first run was seen or turned down in this browser. */

const KEY = "nightshift.welcome-seen";

/** True: it is not offered any more. */
export function hasSeenWelcome(): boolean {
	return localStorage.getItem(KEY) !== null;
}

/** It was seen through or turned down. */
export function rememberWelcome(): void {
	localStorage.setItem(KEY, "1");
}
