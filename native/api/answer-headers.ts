/** Headers every answer carries, errors included. */
import { randomUUID } from "node:crypto";
import type { Context, MiddlewareHandler } from "hono";

/**
 * What handlers find in the context: the id of the request, which is also in its answer and its log lines.
 */
export interface ApiVariables {
	readonly requestId: string;
}

/** What the server hands in besides the request; nothing where the app is asked without one. */
export interface ApiBindings {
	/** Node's own answer: knows when its last byte has gone. */
	readonly outgoing?: unknown;
}

/** Types the app's contexts. */
export interface ApiEnv {
	Bindings: ApiBindings;
	Variables: ApiVariables;
}

/** Makes an id for a request, in the look of OpenAI's. */
export function newRequestId(): string {
	return `req_${randomUUID().replaceAll("-", "")}`;
}

/**
 * The fixed ones: nothing here is a page, so nothing may be framed, sniffed, embedded by another site, or kept by a cache.
 * A route that serves a page sets its own Content-Security-Policy.
 */
export const securityHeaders: Readonly<Record<string, string>> = {
	"cache-control": "no-store",
	"content-security-policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
	"cross-origin-resource-policy": "same-origin",
	"referrer-policy": "no-referrer",
	"x-content-type-options": "nosniff",
	"x-frame-options": "DENY",
};

/** Tells a client of Anthropic's by where it asks, or, where the vendors share a path, by the header all of its SDKs send. */
export function speaksAnthropic(context: Context<ApiEnv>): boolean {
	return /^\/v1\/messages(?:\/|$)/.test(context.req.path) || context.req.header("anthropic-version") !== undefined;
}

/** Gives every request its id and every answer its headers. */
export function answerHeaders(): MiddlewareHandler<ApiEnv> {
	return async (context, next) => {
		const requestId = newRequestId();
		context.set("requestId", requestId);
		await next();
		for (const [name, value] of Object.entries(securityHeaders)) {
			if (!context.res.headers.has(name)) context.res.headers.set(name, value);
		}
		context.res.headers.set("x-request-id", requestId);
		if (speaksAnthropic(context)) context.res.headers.set("request-id", requestId);
	};
}
