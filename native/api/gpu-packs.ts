/** `/api/gpu-packs`: backends that are not part of the program, and getting them. */
import { type Context, Hono } from "hono";
import { assertNever, type Result } from "../base/base.ts";
import type { GpuPack } from "../contract/contract.ts";
import type { GpuPacks, PackRefusal } from "../engine/packs/packs.ts";
import type { ApiEnv } from "./answer-headers.ts";
import { type ApiFault, conflict, diskFull, notFound, refuse } from "./errors.ts";

/** Makes the routes. */
export function createGpuPackRoutes(packs: GpuPacks): Hono<ApiEnv> {
	const routes = new Hono<ApiEnv>();

	async function answer(context: Context<ApiEnv>, change: (name: string) => Promise<Result<GpuPack, PackRefusal>>) {
		const name = context.req.param("name") ?? "";
		const changed = await change(name);
		return changed.ok ? context.json(changed.value) : refuse(context, faultOf(changed.error, name));
	}

	routes.get("/api/gpu-packs", (context) => context.json(packs.describe()));
	routes.post("/api/gpu-packs/:name/fetch", (context) => answer(context, packs.fetch));
	routes.post("/api/gpu-packs/:name/pause", (context) => answer(context, packs.pause));
	routes.post("/api/gpu-packs/:name/cancel", (context) => answer(context, packs.cancel));
	routes.delete("/api/gpu-packs/:name", (context) => answer(context, packs.remove));
	return routes;
}

function faultOf({ kind, message }: PackRefusal, name: string): ApiFault {
	switch (kind) {
		case "not-found":
			return notFound("GPU pack", name);
		case "wrong-state":
			return conflict(message, "wrong_state");
		case "in-use":
			return conflict(message, "pack_in_use");
		case "disk-full":
			return { ...diskFull, message };
		case "failed":
			return { status: 503, message, param: null, code: "not_removed" };
		default:
			return assertNever(kind);
	}
}
