/** The page itself: the files that `npm run build` makes of `renderer/`, served to whoever asks; what it shows needs a session. */
import { existsSync } from "node:fs";
import { serveStatic } from "@hono/node-server/serve-static";
import { Hono, type MiddlewareHandler } from "hono";
import type { ApiEnv } from "./answer-headers.ts";
import { type ApiFault, refuse } from "./errors.ts";

/** What the routes need. */
export interface PageRoutesDeps {
	/** Folder of the built page; it need not be there. */
	readonly pageDir: string;
}

/** Only what this server itself serves runs or is asked; nothing inline. Pictures may be made by the page. */
const pagePolicy = [
	"default-src 'none'",
	"script-src 'self'",
	"style-src 'self'",
	"img-src 'self' data: blob:",
	"font-src 'self'",
	"connect-src 'self'",
	"base-uri 'none'",
	"form-action 'none'",
	"frame-ancestors 'none'",
].join("; ");

/** Files whose names have a digest of their content never change. */
const FOREVER = "public, max-age=31536000, immutable";

const notBuilt: ApiFault = {
	status: 404,
	message: "The page is not built. Run 'npm run build' in Nightshift's folder and start the service again.",
	param: null,
	code: "page_not_built",
};

/** Makes the routes of `/`, `/assets/…` and the few files beside them. */
export function createPageRoutes({ pageDir }: PageRoutesDeps): Hono<ApiEnv> {
	const routes = new Hono<ApiEnv>();
	if (!existsSync(pageDir)) return routes.get("/", (context) => refuse(context, notBuilt));
	const files = serveStatic<ApiEnv>({ root: pageDir });
	routes.get("/", withHeaders({ "content-security-policy": pagePolicy, "cache-control": "no-cache" }), files);
	routes.get("/assets/*", withHeaders({ "cache-control": FOREVER }), files);
	return routes;
}

/** Put before the files: where there is none of that name, the answer is as for any path that does not exist. */
function withHeaders(headers: Readonly<Record<string, string>>): MiddlewareHandler<ApiEnv> {
	return async (context, next) => {
		await next();
		if (context.res.status >= 400) return;
		for (const [name, value] of Object.entries(headers)) context.res.headers.set(name, value);
	};
}
