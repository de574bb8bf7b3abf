import { systemClock } from "../base/base.ts";
import {
	batchDetailsSchema,
	type MeshView,
	machineAddressSchema,
	meshViewSchema,
	type SettingsPatch,
	settingsSchema,
} from "../contract/contract.ts";
import { askLine } from "./ask.ts";
import { batchPath } from "./batch-commands.ts";
import type { MachineFlags } from "./batch-flags.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import type { GlobalOptions } from "./global-options.ts";
import { chooseMachines, everyMachine, findMachine } from "./machine-names.ts";
import { describeChoice, describeMachines } from "./machines-view.ts";
import type { ServiceClient } from "./service-client.ts";
import { reportClientFailure, withAnyService, withRunningService } from "./use-service.ts";

/** Options of `nightshift machines`. */
export interface MachinesOptions extends GlobalOptions {
	readonly json?: boolean;
}

/** Options of `nightshift machines remove`. */
export interface RemoveMachineOptions extends GlobalOptions {
	readonly yes?: boolean;
}

/** A host gives its work out of hand in good order, which waits for what is under way. */
const HAND_OVER_LIMIT_MS = 60_000;

/** Lists the machines that belong together. */
export function machinesCommand(options: MachinesOptions): Promise<ExitCode> {
	return withRunningService(options, async (client) => {
		const asked = await client.call("/api/mesh", meshViewSchema);
		if (!asked.ok) return reportClientFailure(asked.error);
		const { pairing: _, ...view } = asked.value;
		const text = options.json
			? `${JSON.stringify(view, null, 2)}\n`
			: describeMachines(asked.value, systemClock.nowMs());
		process.stdout.write(text);
		return exitCodes.done;
	});
}

/** Removes a machine for good; this machine's own name takes it out. */
export function removeMachineCommand(options: RemoveMachineOptions, name: string): Promise<ExitCode> {
	return withRunningService(options, async (client) => {
		const asked = await client.call("/api/mesh", meshViewSchema);
		if (!asked.ok) return reportClientFailure(asked.error);
		const found = findMachine(everyMachine(asked.value), name);
		if (!found.ok) return reportClientFailure(found.error);
		const { id } = found.value;
		const isSelf = id === asked.value.self;
		if (options.yes !== true && process.stdin.isTTY) {
			const interrupt = new AbortController();
			process.stderr.write(isSelf ? LEAVING : REMOVING);
			const answer = await askLine(`${isSelf ? "Leave" : `Remove ${found.value.name}`}? [y/N] `, interrupt);
			if (interrupt.signal.aborted) return exitCodes.interrupted;
			if (!/^y/i.test(answer ?? "")) return exitCodes.done;
		}
		const removed = await client.call(machinePath(id), meshViewSchema, { method: "DELETE" });
		if (!removed.ok) return reportClientFailure(removed.error);
		process.stdout.write(isSelf ? "This machine works by itself now.\n" : `${found.value.name} is removed.\n`);
		return exitCodes.done;
	});
}

const REMOVING =
	"A removed machine can't come back under its present identity, and what it has stored already can't be taken back from it.\n";
const LEAVING =
	"This machine keeps the batches it has, and works on them by itself. To work with the others again it has to be paired anew.\n";

/** Admits a machine that waits for it. */
export function approveMachineCommand(globals: GlobalOptions, name: string): Promise<ExitCode> {
	return withRunningService(globals, async (client) => {
		const asked = await client.call("/api/mesh", meshViewSchema);
		if (!asked.ok) return reportClientFailure(asked.error);
		const found = findMachine(asked.value.awaiting_approval, name);
		if (!found.ok) return reportClientFailure(found.error);
		return change(client, machinePath(found.value.id, "approve"), () => `${found.value.name} is admitted.`);
	});
}

/** Makes a machine host. */
export function hostCommand(globals: GlobalOptions, name: string): Promise<ExitCode> {
	return withRunningService(globals, async (client) => {
		const asked = await client.call("/api/mesh", meshViewSchema);
		if (!asked.ok) return reportClientFailure(asked.error);
		const found = findMachine(asked.value.machines, name);
		if (!found.ok) return reportClientFailure(found.error);
		return change(client, machinePath(found.value.id, "host"), () => `${found.value.name} is host now.`);
	});
}

/** Says anew which machines may work on a batch. */
export function useMachinesCommand(options: GlobalOptions & MachineFlags, batchId: string): Promise<ExitCode> {
	return withRunningService(options, async (client) => {
		const machines = await chooseMachines(client, options);
		if (!machines.ok) return reportClientFailure(machines.error);
		const body = machines.value;
		const chosen = await client.call(batchPath(batchId, "machines"), batchDetailsSchema, { body });
		if (!chosen.ok) return reportClientFailure(chosen.error);
		process.stdout.write(`${describeChoice(options)} on ${chosen.value.id} from now on.\n`);
		return exitCodes.done;
	});
}

/** Remembers where a machine may be. */
export function addressCommand(globals: GlobalOptions, address: string): Promise<ExitCode> {
	const body = machineAddressSchema.safeParse({ address });
	return withRunningService(globals, (client) =>
		change(
			client,
			"/api/machines/addresses",
			() => `${address} is remembered.`,
			body.success ? body.data : { address },
		),
	);
}

/** Switches working together on or off; also where no service runs, for the next one that does. */
export function switchMeshCommand(globals: GlobalOptions, isOn: boolean): Promise<ExitCode> {
	return withAnyService({ ...globals, conduct: "scheduled" }, async ({ client }) => {
		const patch: SettingsPatch = { mesh: { isOn } };
		const changed = await client.call("/api/settings", settingsSchema, { method: "PATCH", body: patch });
		if (!changed.ok) return reportClientFailure(changed.error);
		process.stdout.write(
			isOn ? "This machine works together with those it is paired with.\n" : "This machine works by itself.\n",
		);
		return exitCodes.done;
	});
}

async function change(
	client: ServiceClient,
	path: string,
	done: (view: MeshView) => string,
	body: object = {},
): Promise<ExitCode> {
	const changed = await client.call(path, meshViewSchema, { body, limitMs: HAND_OVER_LIMIT_MS });
	if (!changed.ok) return reportClientFailure(changed.error);
	process.stdout.write(`${done(changed.value)}\n`);
	return exitCodes.done;
}

function machinePath(id: string, part = ""): string {
	return `/api/machines/${encodeURIComponent(id)}${part === "" ? "" : `/${part}`}`;
}
