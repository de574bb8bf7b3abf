/** How a batch stands among the machines, and what there is to say of it when it is made. */
import type { Context } from "hono";
import {
	anyMachine,
	type BatchMachines,
	type BatchPlace,
	type Durability,
	type MeshView,
} from "../contract/contract.ts";
import type { Mesh } from "../mesh/mesh.ts";
import type { ApiEnv } from "./answer-headers.ts";
import { type ApiFault, badRequest, quote } from "./errors.ts";

/** Where a new batch is safe: `2`, or `1; reason=alone`. */
export const DURABILITY_HEADER = "x-nightshift-durability";

/** What is said of a batch that the mesh has not heard of yet: it was made a moment ago. */
const unheardOf: Durability = { level: 1, reason: "pending" };

/** How safe a batch is, and who may work on it. */
export function placeOf(mesh: Pick<Mesh, "durabilityOf" | "chosen">, batchId: string): BatchPlace {
	return { durability: mesh.durabilityOf(batchId) ?? unheardOf, machines: mesh.chosen(batchId) ?? anyMachine };
}

/** Waits until a new batch is as safe as the owner wants, and says so in the answer's headers. */
export async function tellDurability(
	context: Context<ApiEnv>,
	mesh: Pick<Mesh, "acknowledge">,
	batchId: string,
): Promise<void> {
	const { level, reason } = await mesh.acknowledge(batchId);
	context.header(DURABILITY_HEADER, reason === null ? `${level}` : `${level}; reason=${reason}`);
}

/** Refuses machines that are not there, and a choice that leaves none; null: it can be. */
export function checkMachines({ machines }: Pick<MeshView, "machines">, chosen: BatchMachines): ApiFault | null {
	const known = new Set(machines.map(({ id }) => id));
	for (const field of ["only", "never"] as const) {
		const unknown = (chosen[field] ?? []).find((id) => !known.has(id));
		if (unknown === undefined) continue;
		const message = `There is no machine ${quote(unknown)} among the paired ones. GET /api/machines names those there are by their ids.`;
		return badRequest(message, `machines.${field}`, "machine_not_found");
	}
	const allowed = chosen.only ?? [...known];
	if (known.size === 0 || allowed.some((id) => !chosen.never.includes(id))) return null;
	return badRequest("This leaves no machine that may work on it.", "machines", "no_machine_left");
}
