/** `/api/mesh`, `/api/machines`: the machines that work together, and who of them is host. For the owner of this one alone. */
import { type Context, Hono } from "hono";
import type { Result } from "../base/base.ts";
import { type MachineList, type MeshView, machineAddressSchema } from "../contract/contract.ts";
import type { Mesh, MeshFault } from "../mesh/mesh.ts";
import type { ApiEnv } from "./answer-headers.ts";
import { readJson } from "./body.ts";
import { refuse } from "./errors.ts";
import type { ApiLimits } from "./limits.ts";
import { meshFault } from "./mesh-faults.ts";

/** What the routes need. */
export interface MeshRoutesDeps {
	readonly mesh: Pick<Mesh, "view" | "shownCode" | "approve" | "remove" | "addAddress" | "handOver">;
	readonly limits: ApiLimits;
}

/** Makes the routes. What changes something answers how it stands then. */
export function createMeshRoutes({ mesh, limits }: MeshRoutesDeps): Hono<ApiEnv> {
	const routes = new Hono<ApiEnv>();
	const view = (): MeshView => ({ ...mesh.view, pairing: mesh.shownCode() });

	function answer(context: Context<ApiEnv>, done: Result<void, MeshFault>, param: string | null = null): Response {
		return done.ok ? context.json(view()) : refuse(context, meshFault(done.error, param));
	}

	routes.get("/api/mesh", (context) => context.json(view()));
	routes.get("/api/machines", (context) => context.json({ data: [...mesh.view.machines] } satisfies MachineList));

	routes.post("/api/machines/addresses", async (context) => {
		const body = await readJson(context.req.raw, machineAddressSchema, limits);
		if (!body.ok) return refuse(context, body.error);
		return answer(context, await mesh.addAddress(body.value.address), "address");
	});

	routes.delete("/api/machines/:id", async (context) => answer(context, await mesh.remove(context.req.param("id"))));
	routes.post("/api/machines/:id/approve", async (context) =>
		answer(context, await mesh.approve(context.req.param("id"))),
	);
	routes.post("/api/machines/:id/host", async (context) =>
		answer(context, await mesh.handOver(context.req.param("id"))),
	);
	return routes;
}
