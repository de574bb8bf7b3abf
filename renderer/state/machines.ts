/** What is known of the other machines, as screens need it. Pure but for the hooks. */
import type { BatchMachines, Durability, MeshMachine, MeshView } from "../../native/contract/contract.ts";
import { words } from "../words/words.ts";
import { usePresent } from "./present.ts";

/** The machines as the stream tells them; null: not told yet. */
export function useMesh(): MeshView | null {
	return usePresent((state) => state.mesh);
}

/** The machines there are, this one among them; none where nothing was told yet. */
export function useMachines(): readonly MeshMachine[] {
	return useMesh()?.machines ?? noMachines;
}

const noMachines: readonly MeshMachine[] = [];

/** Whether there is any choice of machines. */
export function useHasOthers(): boolean {
	return useMachines().length > 1;
}

/** How safe a job is, in words. */
export function durabilityWords({ level, reason }: Durability): string {
	return words.mesh.durability[level === 2 ? "two" : (reason ?? "only-member")];
}

/** Which machines may work on a job, in words. */
export function choiceWords({ only, never }: BatchMachines, machines: readonly MeshMachine[]): string {
	const text = words.mesh.choose;
	const nameOf = (id: string): string => machines.find((machine) => machine.id === id)?.name ?? text.gone;
	const listed = (ids: readonly string[]): string => list.format(ids.map(nameOf));
	if (only !== null) return text.only(listed(only.filter((id) => !never.includes(id))));
	return never.length === 0 ? text.all : text.allBut(listed(never));
}

const list = new Intl.ListFormat(undefined, { type: "conjunction" });

/** What somebody chose: who may work on a job now, and whether machines that come later may. */
export interface MachineChoice {
	readonly allowed: ReadonlySet<string>;
	readonly isForLater: boolean;
}

/** A choice as switches show it. */
export function readChoice({ only, never }: BatchMachines, machines: readonly MeshMachine[]): MachineChoice {
	const allowed = machines.filter(({ id }) => !never.includes(id) && (only === null || only.includes(id)));
	return { allowed: new Set(allowed.map(({ id }) => id)), isForLater: only === null };
}

/** The switches as the service takes them; null: no machine is left. */
export function writeChoice(
	{ allowed, isForLater }: MachineChoice,
	machines: readonly MeshMachine[],
): BatchMachines | null {
	const ids = machines.map(({ id }) => id);
	const chosen = ids.filter((id) => allowed.has(id));
	if (chosen.length === 0) return null;
	return isForLater ? { only: null, never: ids.filter((id) => !allowed.has(id)) } : { only: chosen, never: [] };
}
