/** Addresses of the page in a window. Pure. */

/** What is behind the `?`: the page knows by it that it is in the tray's popover. */
export type PageView = "window" | "popover";

/** Tells whether an address is the page of the service at `url`. */
export function isPageOf(address: string, url: string): boolean {
	return URL.parse(address)?.origin === new URL(url).origin;
}

/**
 * The address to load in a window that shows `current`, from the one that lets it in; null when that one leads elsewhere. A sign-in
 * code has the place behind the `#`, so the screen can only be gone to afterwards.
 */
export function entryAddress(
	entry: string,
	{
		url,
		view,
		hash,
		current,
	}: { readonly url: string; readonly view: PageView; readonly hash: string; readonly current: string },
): string | null {
	if (!isPageOf(entry, url)) return null;
	const address = new URL(entry);
	address.search = view === "popover" ? "popover" : "";
	if (address.hash === "") address.hash = hash;
	// An address that differs behind the `#` only is a place in the page that is there: nothing is loaded, and no code is read.
	if (withoutHash(address.href) === withoutHash(current)) address.search += `${address.search === "" ? "?" : "&"}again`;
	return address.href;
}

/** The address of a screen, e.g. `#/jobs/batch_1`, in a window that shows the page at `current`. */
export function screenAddress(current: string, hash: string): string {
	return withoutHash(current) + hash;
}

/** The screen an address is of, e.g. `#/jobs/batch_1`; empty: none is named. */
export function screenOf(address: string): string {
	return URL.parse(address)?.hash ?? "";
}

function withoutHash(address: string): string {
	return address.split("#", 1).join();
}
