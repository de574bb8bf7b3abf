/** Addresses of the page in a window. Pure. */

/** What is behind the `?`: the page knows by it that it is in the tray's popover. */
export type PageView = "window" | "popover";

/** Tells whether an address is the page of the service at `url`. */
export function isPageOf(address: string, url: string): boolean {
	return URL.parse(address)?.origin === new URL(url).origin;
}

/**
 * The address to load in a window, from the one that lets it in; null when that one leads elsewhere. A sign-in code has the place
 * behind the `#`, so the screen can only be gone to afterwards.
 */
export function entryAddress(entry: string, url: string, view: PageView, hash: string): string | null {
	if (!isPageOf(entry, url)) return null;
	const address = new URL(entry);
	address.search = searchOf(view);
	if (address.hash === "") address.hash = hash;
	return address.href;
}

/** The address of a screen, e.g. `#/jobs/batch_1`, in a window that is let in. */
export function screenAddress(url: string, view: PageView, hash: string): string {
	const address = new URL("/", url);
	address.search = searchOf(view);
	address.hash = hash;
	return address.href;
}

/** The screen an address is of, e.g. `#/jobs/batch_1`; empty: none is named. */
export function screenOf(address: string): string {
	return URL.parse(address)?.hash ?? "";
}

function searchOf(view: PageView): string {
	return view === "popover" ? "popover" : "";
}

/** Screens the shell leads to (renderer/state/route.ts). */
export const screens = {
	home: "#/",
	jobs: "#/jobs",
	settings: "#/settings",
	morning: "#/morning",
	job: (id: string) => `#/jobs/${encodeURIComponent(id)}`,
} as const;
