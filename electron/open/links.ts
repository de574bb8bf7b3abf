/**
 * Links into the program, `nightshift://…`: any page and any program may send one, so they lead to places and can do nothing else.
 * Pure. No path, no command and no address ever comes out of one.
 *
 * ```
 * link     = "nightshift://" place [ "/" ]
 * place    = "open" | "morning" | "settings" [ "/" section ] | "jobs/" id
 * section  = 1*32( a-z | "-" )
 * id       = 1*128( A-Z | a-z | 0-9 | "_" | "-" )
 * ```
 */
import { screens } from "../screens.ts";
import { openWords } from "../words/open.ts";

/** The scheme, as the system is told of it. */
export const LINK_SCHEME = "nightshift";

/** Where a link leads, or why it leads nowhere, in words. */
export type LinkTarget =
	| { readonly ok: true; readonly hash: string }
	| { readonly ok: false; readonly message: string };

/** Longest link: far more than the grammar has; what is longer is not even looked at. */
const MOST_LINK_LENGTH = 512;

/** Whether a text claims to be one of ours. */
export function isLink(text: string): boolean {
	return text.toLowerCase().startsWith(`${LINK_SCHEME}:`);
}

/** Reads a link. Browsers put a slash behind a bare host, and write scheme and host in lower case; nothing else is put up with. */
export function readLink(text: string): LinkTarget {
	const words = openWords.link;
	const rest = /^nightshift:\/\/(.*)$/is.exec(text)?.[1];
	if (rest === undefined || text.length > MOST_LINK_LENGTH) return { ok: false, message: words.scheme };
	if (!/^[\w/-]*$/.test(rest)) return { ok: false, message: words.extra };
	const [place = "", detail, ...more] = rest.replace(/\/$/, "").split("/");
	if (more.length > 0) return { ok: false, message: words.extra };
	switch (place) {
		case "open":
			return detail === undefined ? { ok: true, hash: screens.home } : { ok: false, message: words.extra };
		case "morning":
			return detail === undefined ? { ok: true, hash: screens.morning } : { ok: false, message: words.extra };
		case "settings":
			if (detail === undefined) return { ok: true, hash: screens.settings };
			return /^[a-z-]{1,32}$/.test(detail)
				? { ok: true, hash: screens.section(detail) }
				: { ok: false, message: words.section };
		case "jobs":
			return detail !== undefined && /^[\w-]{1,128}$/.test(detail)
				? { ok: true, hash: screens.job(detail) }
				: { ok: false, message: words.id };
		default:
			return { ok: false, message: words.place };
	}
}
