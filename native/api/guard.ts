/**
 * Who may call: programs on this machine, and pages that this server itself served. A name in Host that isn't loopback is a
 * page that rebound its DNS name to 127.0.0.1; a foreign Origin is a page of another site that posts here unseen.
 */
import type { MiddlewareHandler } from "hono";
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
	message: "Pages of other origins may not change anything here. Programs send no Origin header.",
	param: null,
	code: "origin_not_allowed",
};

/** Tells whether a Host header, e.g. `localhost:22007`, names this machine itself. Any port: tunnels move them. */
export function isLoopbackHost(host: string): boolean {
	return loopbackName.test(host.toLowerCase().replace(/:\d{0,5}$/, ""));
}

/** Refuses requests under a foreign name, and changes asked for by a foreign page. */
export function guard(): MiddlewareHandler {
	return async (context, next) => {
		const url = new URL(context.req.url);
		// Both: the request line may carry a whole URL that disagrees with the header.
		if (!isLoopbackHost(url.host) || !isLoopbackHost(context.req.header("host") ?? url.host)) {
			return refuse(context, foreignHost);
		}
		const isSafe = context.req.method === "GET" || context.req.method === "HEAD";
		const origin = context.req.header("origin");
		if (!isSafe && origin !== undefined && origin !== url.origin) return refuse(context, foreignOrigin);
		return next();
	};
}
