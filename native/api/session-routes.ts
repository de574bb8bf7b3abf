/** `/api/session`: the way of a browser from a one-time code to a cookie, and out again. */
import { Hono } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { sessionCreateSchema } from "../contract/contract.ts";
import type { ApiEnv } from "./answer-headers.ts";
import { type AuthDeps, identify, sessionCookieName, sessionPath, tooManyGuesses } from "./auth.ts";
import { readJson } from "./body.ts";
import { type ApiFault, refuse } from "./errors.ts";
import { createGuessLimit } from "./guess-limit.ts";
import type { ApiLimits } from "./limits.ts";

const toolsOnly: ApiFault = {
	status: 403,
	message: "Only a tool with the server's token can make a code; a page that is let in needs none.",
	param: null,
	code: "token_required",
};

const badCode: ApiFault = {
	status: 401,
	message: "The code was used already, or is older than a minute. Open the page anew to get another.",
	param: "code",
	code: "invalid_code",
	headers: { "www-authenticate": "Bearer" },
};

/** Kept by the browser until it ends; out of the reach of scripts, and of requests that other sites cause. */
const cookieAttributes = { httpOnly: true, sameSite: "Strict", path: "/" } as const;

/** Makes the routes of `/api/session`. */
export function createSessionRoutes(deps: AuthDeps & { readonly limits: ApiLimits }): Hono<ApiEnv> {
	const { sessions, limits } = deps;
	const guesses = createGuessLimit("code", deps);
	const routes = new Hono<ApiEnv>();

	routes.post(`${sessionPath}/codes`, (context) => {
		if (identify(context, deps) !== "tool") return refuse(context, toolsOnly);
		return context.json(sessions.makeCode());
	});

	routes.post(sessionPath, async (context) => {
		const body = await readJson(context.req.raw, sessionCreateSchema, limits);
		if (!body.ok) return refuse(context, body.error);
		const { secondsLeft } = guesses;
		if (secondsLeft > 0) return refuse(context, tooManyGuesses(secondsLeft));
		const secret = await sessions.trade(body.value.code);
		if (secret === null) {
			guesses.count();
			return refuse(context, badCode);
		}
		setCookie(context, sessionCookieName(context), secret, cookieAttributes);
		return context.body(null, 204);
	});

	routes.delete(sessionPath, async (context) => {
		const name = sessionCookieName(context);
		const secret = getCookie(context, name);
		if (secret !== undefined) await sessions.end(secret);
		deleteCookie(context, name, cookieAttributes);
		return context.body(null, 204);
	});

	return routes;
}
