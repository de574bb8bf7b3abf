/** Machines as people name them on the command line. */
import { err, ok, type Result } from "../base/base.ts";
import { type BatchMachines, type MeshMachine, type MeshView, machineListSchema } from "../contract/contract.ts";
import type { MachineFlags } from "./batch-flags.ts";
import { harmless } from "./machines-view.ts";
import type { ClientFailure, ServiceClient } from "./service-client.ts";

/** Something that has a name and an id: a member, or a machine that waits for approval. */
type Named = Pick<MeshMachine, "id" | "name">;

/** What is meant by a name: exactly it, or an id, or how an id begins where only one does. The failure says what there is. */
export function findMachine<Machine extends Named>(
	machines: readonly Machine[],
	name: string,
): Result<Machine, ClientFailure> {
	const called = machines.filter((machine) => machine.name === name);
	const meant =
		called.length > 0 ? called : machines.filter(({ id }) => id.toLowerCase().startsWith(name.toLowerCase()));
	const [one, other] = meant;
	if (one !== undefined && other === undefined) return ok(one);
	if (one !== undefined) {
		const ids = meant.map(({ id }) => id).join(" or ");
		return err(wrong(`There are several machines ${name}: name one by its id, ${ids}.`));
	}
	const known = machines.map((machine) => harmless(machine.name));
	const there =
		known.length === 0 ? "There are none yet: 'nightshift pair' adds one." : `There are ${known.join(", ")}.`;
	return err(wrong(`There is no machine ${name}. ${there}`));
}

/** The machines that flags of a batch name, by their ids. Asks for nothing where none is named. */
export async function chooseMachines(
	client: ServiceClient,
	flags: MachineFlags,
): Promise<Result<BatchMachines, ClientFailure>> {
	const { machines: only, not: never = [] } = flags;
	if (only === undefined && never.length === 0) return ok({ only: null, never: [] });
	const asked = await client.call("/api/machines", machineListSchema);
	if (!asked.ok) return asked;
	const allowed = idsOf(asked.value.data, only ?? []);
	if (!allowed.ok) return allowed;
	const forbidden = idsOf(asked.value.data, never);
	if (!forbidden.ok) return forbidden;
	return ok({ only: only === undefined ? null : allowed.value, never: forbidden.value });
}

/** Members, and those that wait to be members again. */
export function everyMachine({ machines, awaiting_approval }: MeshView): readonly Named[] {
	return [...machines, ...awaiting_approval];
}

function idsOf(machines: readonly Named[], names: readonly string[]): Result<readonly string[], ClientFailure> {
	const ids: string[] = [];
	for (const name of names) {
		const found = findMachine(machines, name);
		if (!found.ok) return found;
		ids.push(found.value.id);
	}
	return ok(ids);
}

/** As a refusal of the service: what was typed is at fault. */
function wrong(message: string): ClientFailure {
	return { kind: "refused", message, status: 400, param: null };
}
