/** Lets pages of the allowed origins read what `/v1` answers (Fetch standard, "CORS protocol"). Nobody else gets a header. */
import type { Context, MiddlewareHandler } from "hono";
import type { ApiEnv } from "./answer-headers.ts";
import { freshnessHeaderNames } from "./freshness.ts";
import { allowedForeignOrigin } from "./guard.ts";

const allowedMethods = "GET, HEAD, POST, DELETE";

/** What OpenAI's and Anthropic's SDKs and plain fetch send. A browser keeps back a request with any other. */
const allowedHeader =
	/^(?:accept|authorization|content-type|idempotency-key|x-api-key|(?:openai|anthropic|x-stainless)-[a-z0-9-]{1,64})$/;

/**
 * Answer headers a page may see beyond the few it always may: the SDKs put ids into errors and obey the next; the last tell how
 * old results are.
 */
const exposedHeaders = [
	"x-request-id",
	"request-id",
	"retry-after",
	"retry-after-ms",
	"x-should-retry",
	...freshnessHeaderNames,
].join(", ");

/** How long a browser may remember an answer to a preflight: short, so that taking an origin off the list works soon. */
const preflightLifeSeconds = 60;

/** Chrome asks whether a page may reach into this machine at all; the name changed with the feature's. */
const nearbyNetworks = ["private-network", "local-network"] as const;

/** Answers preflights of allowed origins, and adds the headers that let their pages read. It goes behind the guard. */
export function cors(allowedOrigins: () => readonly string[]): MiddlewareHandler<ApiEnv> {
	return async (context, next) => {
		const origin = allowedForeignOrigin(context, allowedOrigins());
		if (origin === null) return next();
		if (context.req.method === "OPTIONS") return answerPreflight(context, origin);
		await next();
		const { headers } = context.res;
		headers.set("access-control-allow-origin", origin);
		headers.set("access-control-expose-headers", exposedHeaders);
		headers.set("cross-origin-resource-policy", "cross-origin");
		headers.append("vary", "origin");
	};
}

function answerPreflight(context: Context<ApiEnv>, origin: string): Response {
	const asked = (context.req.header("access-control-request-headers") ?? "").toLowerCase().split(",");
	const headers = asked.map((name) => name.trim()).filter((name) => allowedHeader.test(name));
	context.header("access-control-allow-origin", origin);
	context.header("access-control-allow-methods", allowedMethods);
	if (headers.length > 0) context.header("access-control-allow-headers", headers.join(", "));
	for (const network of nearbyNetworks) {
		if (context.req.header(`access-control-request-${network}`) !== "true") continue;
		context.header(`access-control-allow-${network}`, "true");
	}
	context.header("access-control-max-age", String(preflightLifeSeconds));
	context.header("cross-origin-resource-policy", "cross-origin");
	context.header("vary", "origin, access-control-request-headers");
	return context.body(null, 204);
}
