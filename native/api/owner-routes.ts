/** The routes of `/api` that decide who may call and what holds: sessions, keys, settings. */
import { Hono } from "hono";
import type { ApiEnv } from "./answer-headers.ts";
import type { AuthDeps } from "./auth.ts";
import { createKeysRoutes } from "./keys-routes.ts";
import type { ApiLimits } from "./limits.ts";
import { createSessionRoutes } from "./session-routes.ts";
import { createSettingsRoutes } from "./settings-routes.ts";

/** Makes the routes of `/api/session`, `/api/keys` and `/api/settings`. */
export function createOwnerRoutes(deps: AuthDeps & { readonly limits: ApiLimits }): Hono<ApiEnv> {
	const { access, limits } = deps;
	return new Hono<ApiEnv>()
		.route("/", createSessionRoutes(deps))
		.route("/", createKeysRoutes({ keys: access.keys, limits }))
		.route("/", createSettingsRoutes({ settings: access.settings, limits }));
}
