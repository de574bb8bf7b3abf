/** `/api/pairing`: how another machine becomes one of ours, and this one one of others'. */
import { Hono } from "hono";
import type { Clock } from "../base/base.ts";
import {
	type Joined,
	type PairingToken,
	type PairingView,
	pairingJoinSchema,
	pairingTokenRequestSchema,
} from "../contract/contract.ts";
import type { Mesh } from "../mesh/mesh.ts";
import type { ApiEnv } from "./answer-headers.ts";
import { readJson, readOptionalJson } from "./body.ts";
import { refuse } from "./errors.ts";
import type { ApiLimits } from "./limits.ts";
import { meshFault } from "./mesh-faults.ts";

/** What the routes need. */
export interface PairingRoutesDeps {
	readonly mesh: Pick<Mesh, "showCode" | "shownCode" | "hideCode" | "invite" | "join" | "joinByToken">;
	readonly clock: Clock;
	readonly limits: ApiLimits;
}

/** Makes the routes. Answers carry codes and tokens, so nothing of them is ever logged. */
export function createPairingRoutes({ mesh, clock, limits }: PairingRoutesDeps): Hono<ApiEnv> {
	const routes = new Hono<ApiEnv>();

	routes.get("/api/pairing", (context) => context.json({ pairing: mesh.shownCode() } satisfies PairingView));

	routes.post("/api/pairing", async (context) => {
		const shown = await mesh.showCode();
		return shown.ok
			? context.json({ pairing: shown.value } satisfies PairingView)
			: refuse(context, meshFault(shown.error));
	});

	routes.delete("/api/pairing", async (context) => {
		await mesh.hideCode();
		return context.body(null, 204);
	});

	routes.post("/api/pairing/tokens", async (context) => {
		const body = await readOptionalJson(context.req.raw, pairingTokenRequestSchema, limits);
		if (!body.ok) return refuse(context, body.error);
		const { lifetime_seconds: lifetimeSeconds } = body.value;
		const expiresAtSeconds = Math.floor(clock.nowMs() / 1_000) + lifetimeSeconds;
		const token = await mesh.invite(lifetimeSeconds * 1_000);
		if (!token.ok) return refuse(context, meshFault(token.error));
		return context.json({ token: token.value, expires_at: expiresAtSeconds } satisfies PairingToken);
	});

	routes.post("/api/pairing/join", async (context) => {
		const body = await readJson(context.req.raw, pairingJoinSchema, limits);
		if (!body.ok) return refuse(context, body.error);
		const wish = body.value;
		const isByToken = "token" in wish;
		const joined = isByToken ? await mesh.joinByToken(wish.token) : await mesh.join(wish.address, wish.code);
		if (joined.ok) return context.json({ id: joined.value.id, name: joined.value.name } satisfies Joined);
		const { kind } = joined.error;
		const given = isByToken ? "token" : kind === "unreachable" ? "address" : "code";
		return refuse(context, meshFault(joined.error, given));
	});

	return routes;
}
