/**
 * Who may call. `/api` opens to the owner: one of our own tools with the server's token, or our page with its cookie. `/v1`
 * opens to every program of this machine until a key is made; then to the owner and to those with a key.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import type { Context, MiddlewareHandler } from "hono";
import { getCookie } from "hono/cookie";
import type { Clock, Log } from "../base/base.ts";
import type { ApiKeys } from "../settings/api-keys.ts";
import type { Settings } from "../settings/settings.ts";
import type { ApiEnv } from "./answer-headers.ts";
import { type ApiFault, refuse } from "./errors.ts";
import { isFromElsewhere, isSafe } from "./guard.ts";
import { createGuessLimit, type GuessLimit } from "./guess-limit.ts";
import type { Sessions } from "./sessions.ts";

/** What decides who is let in, and what the owner may change about it. */
export interface Access {
	/** Secret of this run of the service, for our own tools. */
	readonly token: string;
	readonly keys: ApiKeys;
	readonly settings: Settings;
}

/** What the middleware needs. */
export interface AuthDeps {
	readonly access: Access;
	readonly sessions: Sessions;
	readonly clock: Clock;
	readonly log: Log;
}

/** Who a request comes from: one of our own tools, our page, a program with a key, or anybody. */
export type Caller = "tool" | "page" | "key" | "anybody";

/** The one path of `/api` that needs no proof, for it is where a page brings one. */
export const sessionPath = "/api/session";

/** Cookies of one host are shared by all its ports; the port in the name keeps two instances apart. */
export function sessionCookieName(context: Context): string {
	return `nightshift_session_${new URL(context.req.url).port || "80"}`;
}

/** The secrets a request brings as a header: a bearer's (OpenAI, Anthropic 1.x) and `x-api-key` (Anthropic 0.x). */
function presentedSecrets(context: Context): readonly string[] {
	const bearer = /^bearer +(\S+) *$/i.exec(context.req.header("authorization") ?? "")?.[1] ?? "";
	const key = context.req.header("x-api-key") ?? "";
	return [bearer, key].filter((secret) => secret !== "");
}

function isSame(one: string, other: string): boolean {
	const [first, second] = [one, other].map((secret) => createHash("sha256").update(secret).digest());
	return first !== undefined && second !== undefined && timingSafeEqual(first, second);
}

/** Lets nobody into `/api` but the owner. Put it on `/api/*`. */
export function ownerOnly(deps: AuthDeps): MiddlewareHandler<ApiEnv> {
	const guesses = createGuessLimit("token", deps);
	return async (context, next) => {
		if (context.req.method === "POST" && context.req.path === sessionPath) return next();
		const caller = identify(context, deps);
		if (caller === "tool") return next();
		if (caller === "page") return isPagesOwn(context) ? next() : refuse(context, notPagesOwn);
		return refuse(context, unproven(context, guesses, noOwner));
	};
}

/** Lets in who has a key, as soon as there is one. Put it on `/v1/*`. */
export function keyHolders(deps: AuthDeps): MiddlewareHandler<ApiEnv> {
	const guesses = createGuessLimit("API key", deps);
	return async (context, next) => {
		if (!deps.access.keys.areRequired) return next();
		const caller = identify(context, deps);
		if (caller === "tool" || caller === "key") return next();
		if (caller === "page") return isPagesOwn(context) ? next() : refuse(context, notPagesOwn);
		return refuse(context, unproven(context, guesses, presentedSecrets(context).length === 0 ? noKey : wrongKey));
	};
}

/** Tells who a request comes from, by the best proof it brings. */
export function identify(context: Context, { access, sessions }: Pick<AuthDeps, "access" | "sessions">): Caller {
	const secrets = presentedSecrets(context);
	if (secrets.some((secret) => isSame(secret, access.token))) return "tool";
	if (secrets.some((secret) => access.keys.verify(secret) !== null)) return "key";
	const cookie = getCookie(context, sessionCookieName(context));
	return cookie !== undefined && sessions.isOpen(cookie) ? "page" : "anybody";
}

/**
 * A browser adds the cookie to whatever any page asks of this host, and SameSite takes every port of localhost for one site.
 * So what comes with the cookie has to come of our own page: changes show it by their Origin, all else by Sec-Fetch-Site.
 */
function isPagesOwn(context: Context<ApiEnv>): boolean {
	if (isFromElsewhere(context)) return false;
	return isSafe(context.req.method) || context.req.header("origin") === new URL(context.req.url).origin;
}

function unproven(context: Context, guesses: GuessLimit, fault: ApiFault): ApiFault {
	if (presentedSecrets(context).length === 0) return fault;
	const { secondsLeft } = guesses;
	guesses.count();
	return secondsLeft === 0 ? fault : tooManyGuesses(secondsLeft);
}

/** Says that too many wrong secrets came; who has the right one is still let in, for it can't be guessed. */
export function tooManyGuesses(secondsLeft: number): ApiFault {
	return {
		status: 429,
		message: `That is wrong, like too many before it. Try again in ${secondsLeft} seconds.`,
		param: null,
		code: "too_many_guesses",
		headers: { "retry-after": String(secondsLeft), "x-should-retry": "false" },
	};
}

const demand = { "www-authenticate": "Bearer" } as const;

const noOwner: ApiFault = {
	status: 401,
	message:
		"Only Nightshift's own tools and page may call /api. Tools send the content of the file server-token in the data folder as 'Authorization: Bearer …'; API keys open /v1 only.",
	param: null,
	code: "invalid_token",
	headers: demand,
};

const noKey: ApiFault = {
	status: 401,
	message:
		"An API key is needed: send one as 'Authorization: Bearer nsk_…' or 'x-api-key: nsk_…'. 'nightshift keys add NAME' makes one.",
	param: null,
	code: "invalid_api_key",
	headers: demand,
};

const wrongKey: ApiFault = {
	status: 401,
	message:
		"This API key is not one of this server's, or was revoked. 'nightshift keys list' names those there are, 'nightshift keys add NAME' makes one.",
	param: null,
	code: "invalid_api_key",
	headers: demand,
};

const notPagesOwn: ApiFault = {
	status: 403,
	message: "The session's cookie counts only for requests of Nightshift's own page.",
	param: null,
	code: "origin_not_allowed",
};
