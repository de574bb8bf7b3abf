/** `/api/batches/{id}/machines`: which machines may work on a batch, said anew while it is open. */
import { Hono } from "hono";
import { batchMachinesSchema } from "../contract/contract.ts";
import { isEnded } from "../ledger/batch-status.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Mesh } from "../mesh/mesh.ts";
import type { ApiEnv } from "./answer-headers.ts";
import { checkMachines } from "./batch-place.ts";
import { readJson } from "./body.ts";
import { type DescribeDeps, describeBatch } from "./describe-batch.ts";
import { conflict, notFound, refuse } from "./errors.ts";
import type { ApiLimits } from "./limits.ts";
import { meshFault } from "./mesh-faults.ts";

/** What the route needs. */
export interface OwnBatchMachinesDeps extends DescribeDeps {
	readonly ledger: DescribeDeps["ledger"] & Pick<Ledger, "batch">;
	readonly mesh: DescribeDeps["mesh"] & Pick<Mesh, "view" | "choose">;
	readonly limits: ApiLimits;
}

/** Makes the route. */
export function createOwnBatchMachinesRoute(deps: OwnBatchMachinesDeps): Hono<ApiEnv> {
	const { ledger, mesh, limits } = deps;
	return new Hono<ApiEnv>().post("/api/batches/:id/machines", async (context) => {
		const id = context.req.param("id");
		const body = await readJson(context.req.raw, batchMachinesSchema, limits);
		if (!body.ok) return refuse(context, body.error);
		const batch = ledger.batch(id);
		if (batch === null) return refuse(context, notFound("Batch", id));
		if (isEnded(batch.status)) return refuse(context, conflict("It has ended: nobody works on it.", "wrong_state"));
		const unfit = checkMachines(mesh.view, body.value);
		if (unfit !== null) return refuse(context, unfit);
		const chosen = await mesh.choose(id, body.value);
		return chosen.ok ? context.json(describeBatch(deps, batch)) : refuse(context, meshFault(chosen.error));
	});
}
