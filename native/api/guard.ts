/**
 * Which pages may call: those this server itself served, and on `/v1` those of the origins its owner allowed. A name in Host
 * that isn't loopback is a page that rebound its DNS name to 127.0.0.1; a foreign Origin is a page of another site that posts
 * here unseen. Programs send neither.
 */
import type { Context, MiddlewareHandler } from "hono";
import type { ApiEnv } from "./answer-headers.ts";
import { type ApiFault, refuse } from "./errors.ts";

const loopbackName = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

const foreignHost: ApiFault = {
	status: 403,
	message: "This server answers only under the names localhost, 127.0.0.1 and [::1].",
	param: null,
	code: "host_not_allowed",
};

const foreignOrigin: ApiFault = {
	status: 403,
	message:
		"Pages of this origin may not call here. To let them use /v1, add the origin to endpoint.allowedOrigins in the settings. Programs send no Origin header.",
	param: null,
	code: "origin_not_allowed",
};

/** Tells whether a Host header, e.g. `localhost:22007`, names this machine itself. Any port: tunnels move them. */
export function isLoopbackHost(host: string): boolean {
	return loopbackName.test(host.toLowerCase().replace(/:\d{0,5}$/, ""));
}

/** True: the request can't change anything. */
export function isSafe(method: string): boolean {
	return method === "GET" || method === "HEAD";
}

/**
 * The Origin of a request when it is another's page that the owner allowed to use `/v1`; null for every other. Never for
 * `/api`: who reaches that rules the machine.
 */
export function allowedForeignOrigin(context: Context<ApiEnv>, allowedOrigins: readonly string[]): string | null {
	const origin = context.req.header("origin");
	if (origin === undefined || !context.req.path.startsWith("/v1/")) return null;
	return allowedOrigins.includes(origin) ? origin : null;
}

/** Tells whether a browser says that the request comes of another origin's page; a link that a person opens does not. */
export function isFromElsewhere(context: Context<ApiEnv>): boolean {
	const site = context.req.header("sec-fetch-site");
	return site !== undefined && site !== "same-origin" && site !== "none";
}

/** Refuses requests under a foreign name, and changes asked for by a foreign page. */
export function guard(allowedOrigins: () => readonly string[]): MiddlewareHandler<ApiEnv> {
	return async (context, next) => {
		const url = new URL(context.req.url);
		// Both: the request line may carry a whole URL that disagrees with the header.
		if (!isLoopbackHost(url.host) || !isLoopbackHost(context.req.header("host") ?? url.host)) {
			return refuse(context, foreignHost);
		}
		if (isSafe(context.req.method) || allowedForeignOrigin(context, allowedOrigins()) !== null) return next();
		const origin = context.req.header("origin");
		// Without an Origin, Sec-Fetch-Site is what is left of the truth; browsers send both.
		const isForeign = origin === undefined ? isFromElsewhere(context) : origin !== url.origin;
		return isForeign ? refuse(context, foreignOrigin) : next();
	};
}
