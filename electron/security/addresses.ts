/** Which addresses are ours and which may be handed to the user's browser. Pure. */
import { pathToFileURL } from "node:url";

/** Browsers take no longer ones in their address bar, and nobody clicks one knowingly. */
const MOST_ADDRESS_LENGTH = 2_083;

/** Tells whether an address is of this origin, e.g. `http://127.0.0.1:22007`; never while there is none (null). */
export function isOfOrigin(address: string, origin: string | null): boolean {
	return origin !== null && URL.parse(address)?.origin === origin;
}

/** Tells whether an address is that of this file, whatever is behind `?` and `#`. */
export function isOfFile(address: string, path: string): boolean {
	const parsed = URL.parse(address);
	return (
		parsed !== null &&
		parsed.protocol === "file:" &&
		parsed.host === "" &&
		parsed.pathname === pathToFileURL(path).pathname
	);
}

/**
 * The address to hand to the user's browser, as a browser would write it; null for what it must not get: other schemes start other
 * programs, and a name before the host is there to mislead.
 */
export function externalAddress(address: string): string | null {
	if (address.length > MOST_ADDRESS_LENGTH) return null;
	const parsed = URL.parse(address);
	if (parsed === null || (parsed.protocol !== "http:" && parsed.protocol !== "https:")) return null;
	if (parsed.username !== "" || parsed.password !== "") return null;
	return parsed.href;
}
