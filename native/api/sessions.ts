/**
 * Browsers that are let in. A code works once and not for long. The secret it is traded for outlives the service, so that a page
 * goes on after a restart; of it only a digest is ever on disk, which opens nothing.
 */
import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { z } from "zod";
import { type Clock, errorCode, type Log, ok } from "../base/base.ts";
import type { SessionCode } from "../contract/contract.ts";
import { editFile } from "../settings/edit-file.ts";

/** The open sessions and the codes that lead to one. */
export interface Sessions {
	/** Makes a code; the oldest goes when too many are out. */
	makeCode(): SessionCode;
	/** Trades a code for a session's secret, on disk when it resolves; null when the code is used, too old, or never was. */
	trade(code: string): Promise<string | null>;
	/** Tells whether a secret is that of an open session. */
	isOpen(secret: string): boolean;
	/** Ends a session; one that isn't open is as it should be. */
	end(secret: string): Promise<void>;
}

/** How long a code works: a browser starts in less. */
const CODE_LIFE_MS = 60_000;
/** Codes out at once: nobody opens more windows in a minute. */
const MOST_CODES = 16;
/** Open sessions: a browser profile has one, and forgotten ones go, oldest first. */
const MOST_SESSIONS = 64;
/** A session that is older is opened anew by its owner: nobody knows any more who sits at that browser. */
const SESSION_LIFE_MS = 30 * 24 * 3_600_000;
const SECRET_BYTES = 32;

/** What sessions are made from. */
export interface SessionsDeps {
	readonly path: string;
	readonly clock: Clock;
	readonly log: Log;
}

const fileSchema = z.object({
	/** Oldest first. `digest`: SHA-256 of the secret, hex. */
	sessions: z.array(z.object({ digest: z.string().regex(/^[0-9a-f]{64}$/), openedAtMs: z.number() })),
});

/** Takes up the sessions of before. A file that can't be read opens nothing: whoever was let in by it is asked again. */
export function createSessions({ path, clock, log }: SessionsDeps): Sessions {
	/** By digest, so that the time a look-up takes tells nothing of a secret. Maps keep the order of insertion. */
	const codes = new Map<string, number>();
	const open = readSessions(path, log);

	function isYoung(openedAtMs: number): boolean {
		const ageMs = clock.nowMs() - openedAtMs;
		return ageMs >= 0 && ageMs <= SESSION_LIFE_MS;
	}

	/** A session that can't be written down holds until the service ends. */
	async function write(): Promise<void> {
		const sessions = [...open].map(([digest, openedAtMs]) => ({ digest, openedAtMs }));
		const written = await editFile<never>(path, () => ok(JSON.stringify({ sessions })));
		if (!written.ok) log.warn({ path, fault: written.error }, "who is signed in could not be written down");
	}

	return {
		makeCode() {
			for (const oldest of [...codes.keys()].slice(0, Math.max(0, codes.size - MOST_CODES + 1))) codes.delete(oldest);
			const code = newSecret();
			codes.set(digestOf(code), clock.monotonicMs() + CODE_LIFE_MS);
			return { code, expiresAtMs: clock.nowMs() + CODE_LIFE_MS };
		},
		async trade(code) {
			const digest = digestOf(code);
			const expiresAtMs = codes.get(digest);
			codes.delete(digest);
			if (expiresAtMs === undefined || expiresAtMs < clock.monotonicMs()) return null;
			for (const oldest of [...open.keys()].slice(0, Math.max(0, open.size - MOST_SESSIONS + 1))) open.delete(oldest);
			const secret = newSecret();
			open.set(digestOf(secret), clock.nowMs());
			await write();
			return secret;
		},
		isOpen(secret) {
			const openedAtMs = open.get(digestOf(secret));
			return openedAtMs !== undefined && isYoung(openedAtMs);
		},
		async end(secret) {
			if (open.delete(digestOf(secret))) await write();
		},
	};
}

function readSessions(path: string, log: Log): Map<string, number> {
	try {
		const { sessions } = fileSchema.parse(JSON.parse(readFileSync(path, "utf8")));
		return new Map(sessions.slice(-MOST_SESSIONS).map(({ digest, openedAtMs }) => [digest, openedAtMs]));
	} catch (error) {
		if (errorCode(error) !== "ENOENT") log.warn({ path, error: String(error) }, "who is signed in can't be read");
		return new Map();
	}
}

function newSecret(): string {
	return randomBytes(SECRET_BYTES).toString("base64url");
}

function digestOf(secret: string): string {
	return createHash("sha256").update(secret).digest("hex");
}
