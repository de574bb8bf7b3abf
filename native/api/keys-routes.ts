/** `/api/keys`: the API keys of this machine. */
import { Hono } from "hono";
import { assertNever } from "../base/base.ts";
import { type ApiKeyList, type ApiKeyRevoked, apiKeyCreateSchema } from "../contract/contract.ts";
import type { ApiKeyFault, ApiKeys } from "../settings/api-keys.ts";
import type { ApiEnv } from "./answer-headers.ts";
import { readJson } from "./body.ts";
import { type ApiFault, badRequest, conflict, refuse } from "./errors.ts";
import type { ApiLimits } from "./limits.ts";
import { fileFault } from "./settings-routes.ts";

/** Makes the routes of `/api/keys`. */
export function createKeysRoutes({
	keys,
	limits,
}: {
	readonly keys: ApiKeys;
	readonly limits: ApiLimits;
}): Hono<ApiEnv> {
	const routes = new Hono<ApiEnv>();

	routes.get("/api/keys", (context) => context.json({ keys: keys.list() } satisfies ApiKeyList));

	routes.post("/api/keys", async (context) => {
		const body = await readJson(context.req.raw, apiKeyCreateSchema, limits);
		if (!body.ok) return refuse(context, body.error);
		const made = await keys.make(body.value.name);
		return made.ok ? context.json(made.value) : refuse(context, keyFault(made.error));
	});

	routes.delete("/api/keys/:id", async (context) => {
		const revoked = await keys.revoke(context.req.param("id"));
		if (!revoked.ok) return refuse(context, keyFault(revoked.error));
		return context.json({ id: revoked.value.id, deleted: true } satisfies ApiKeyRevoked);
	});

	return routes;
}

function keyFault(fault: ApiKeyFault): ApiFault {
	switch (fault.kind) {
		case "bad-name":
			return badRequest(fault.message, "name", "invalid_value");
		case "too-many":
			return conflict(fault.message, "too_many_keys");
		case "broken":
			return conflict(fault.message, "keys_unreadable");
		case "not-found":
			return { status: 404, message: fault.message, param: "id", code: null };
		case "busy":
		case "not-written":
			return fileFault(fault);
		default:
			return assertNever(fault);
	}
}
