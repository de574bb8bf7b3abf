/**
 * Browsers that are let in. A code works once and not for long; the secret it is traded for lives as long as the service, so
 * that nothing of it is ever on disk.
 */
import { createHash, randomBytes } from "node:crypto";
import type { Clock } from "../base/base.ts";
import type { SessionCode } from "../contract/contract.ts";

/** The open sessions and the codes that lead to one. */
export interface Sessions {
	/** Makes a code; the oldest goes when too many are out. */
	makeCode(): SessionCode;
	/** Trades a code for a session's secret; null when the code is used, too old, or never was. */
	trade(code: string): string | null;
	/** Tells whether a secret is that of an open session. */
	isOpen(secret: string): boolean;
	/** Ends a session; one that isn't open is as it should be. */
	end(secret: string): void;
}

/** How long a code works: a browser starts in less. */
const CODE_LIFE_MS = 60_000;
/** Codes out at once: nobody opens more windows in a minute. */
const MOST_CODES = 16;
/** Open sessions: a browser profile has one, and forgotten ones go, oldest first. */
const MOST_SESSIONS = 64;
const SECRET_BYTES = 32;

/** Makes the sessions of one run of the service: none, so far. */
export function createSessions({ clock }: { readonly clock: Clock }): Sessions {
	/** By digest, so that the time a look-up takes tells nothing of a secret. Sets and maps keep the order of insertion. */
	const codes = new Map<string, number>();
	const open = new Set<string>();

	return {
		makeCode() {
			for (const oldest of [...codes.keys()].slice(0, Math.max(0, codes.size - MOST_CODES + 1))) codes.delete(oldest);
			const code = newSecret();
			codes.set(digestOf(code), clock.monotonicMs() + CODE_LIFE_MS);
			return { code, expiresAtMs: clock.nowMs() + CODE_LIFE_MS };
		},
		trade(code) {
			const digest = digestOf(code);
			const expiresAtMs = codes.get(digest);
			codes.delete(digest);
			if (expiresAtMs === undefined || expiresAtMs < clock.monotonicMs()) return null;
			for (const oldest of [...open].slice(0, Math.max(0, open.size - MOST_SESSIONS + 1))) open.delete(oldest);
			const secret = newSecret();
			open.add(digestOf(secret));
			return secret;
		},
		isOpen: (secret) => open.has(digestOf(secret)),
		end: (secret) => void open.delete(digestOf(secret)),
	};
}

function newSecret(): string {
	return randomBytes(SECRET_BYTES).toString("base64url");
}

function digestOf(secret: string): string {
	return createHash("sha256").update(secret).digest("hex");
}
