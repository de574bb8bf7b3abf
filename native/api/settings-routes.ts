/** `/api/settings`: what the owner chose. */
import { Hono } from "hono";
import { settingsPatchSchema } from "../contract/contract.ts";
import type { FileFault } from "../settings/edit-file.ts";
import type { Settings } from "../settings/settings.ts";
import type { ApiEnv } from "./answer-headers.ts";
import { readJson } from "./body.ts";
import { type ApiFault, badRequest, refuse } from "./errors.ts";
import type { ApiLimits } from "./limits.ts";

/** What the routes need. */
export interface SettingsRoutesDeps {
	readonly settings: Settings;
	readonly limits: ApiLimits;
}

/** Makes the routes of `/api/settings`. */
export function createSettingsRoutes({ settings, limits }: SettingsRoutesDeps): Hono<ApiEnv> {
	const routes = new Hono<ApiEnv>();

	routes.get("/api/settings", (context) => context.json(settings.current));

	routes.patch("/api/settings", async (context) => {
		const patch = await readJson(context.req.raw, settingsPatchSchema, limits);
		if (!patch.ok) return refuse(context, patch.error);
		const updated = await settings.update(patch.value);
		if (updated.ok) return context.json(updated.value);
		const { error } = updated;
		const fault = error.kind === "invalid" ? badRequest(error.message, error.param, "invalid_value") : fileFault(error);
		return refuse(context, fault);
	});

	return routes;
}

/** Says that a file of ours could not be written just now. */
export function fileFault({ message }: FileFault): ApiFault {
	return { status: 503, message, param: null, code: "not_written" };
}
