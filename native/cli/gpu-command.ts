import { setTimeout } from "node:timers/promises";
import { assertNever, ok, type Result, systemClock } from "../base/base.ts";
import {
	type GpuPack,
	type GpuPackList,
	gpuPackListSchema,
	gpuPackSchema,
	machineStatusSchema,
} from "../contract/contract.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import type { GlobalOptions } from "./global-options.ts";
import { describePacks, describeProgress, describeState } from "./gpu-view.ts";
import { createLineView } from "./line-view.ts";
import type { ClientFailure, ServiceClient } from "./service-client.ts";
import { onInterrupt } from "./start.ts";
import { reportClientFailure, type ServiceInUse, withAnyService } from "./use-service.ts";

/** Options of `nightshift gpu install`. */
export interface GpuInstallOptions extends GlobalOptions {
	/** Fetches it though something else that it needs is not here. */
	readonly anyway?: boolean;
}

/** Options of `nightshift gpu`. */
export interface GpuOptions extends GlobalOptions {
	readonly json?: boolean;
}

/** How often the service is asked how far it is. */
const LOOK_MS = 500;
/** Off a terminal a line is printed this often: a log stays readable. */
const PLAIN_EVERY_MS = 10_000;

/** Lists the GPU packs of this computer and what models run on. */
export function gpuCommand(options: GpuOptions): Promise<ExitCode> {
	return withAnyService({ ...options, conduct: "scheduled" }, async ({ client }) => {
		const asked = await askPacks(client);
		if (!asked.ok) return reportClientFailure(asked.error);
		process.stdout.write(options.json ? `${JSON.stringify(asked.value, null, 2)}\n` : describePacks(asked.value));
		return exitCodes.done;
	});
}

/** Fetches a pack and waits until it is installed and tried. A service that runs goes on with it after Ctrl-C. */
export async function gpuInstallCommand(options: GpuInstallOptions): Promise<ExitCode> {
	const interrupt = new AbortController();
	const stopWatching = onInterrupt(() => interrupt.abort());
	try {
		return await withAnyService({ ...options, conduct: "scheduled" }, (service) =>
			install(service, interrupt.signal, options),
		);
	} catch (error) {
		if (!interrupt.signal.aborted) throw error;
		process.stderr.write("nightshift: What has come is kept: 'nightshift gpu install' goes on with it.\n");
		return exitCodes.interrupted;
	} finally {
		stopWatching();
	}
}

/** Takes an installed pack away. */
export function gpuRemoveCommand(options: GlobalOptions): Promise<ExitCode> {
	return withAnyService({ ...options, conduct: "scheduled" }, async ({ client }) => {
		const asked = await askPacks(client);
		if (!asked.ok) return reportClientFailure(asked.error);
		const [pack] = asked.value.data;
		if (pack === undefined) return noPack();
		const removed = await client.call(`/api/gpu-packs/${pack.name}`, gpuPackSchema, {
			method: "DELETE",
			limitMs: REMOVE_LIMIT_MS,
		});
		if (!removed.ok) return reportClientFailure(removed.error);
		process.stdout.write(`${pack.title} is removed.\n`);
		return exitCodes.done;
	});
}

/** Models that are only kept in memory leave first, and half a gigabyte of files is deleted. */
const REMOVE_LIMIT_MS = 60_000;

async function install(
	{ client }: ServiceInUse,
	signal: AbortSignal,
	{ anyway = false }: GpuInstallOptions,
): Promise<ExitCode> {
	const asked = await askPacks(client);
	if (!asked.ok) return reportClientFailure(asked.error);
	const [pack] = asked.value.data;
	if (pack === undefined) return noPack();
	if (pack.needs !== null && pack.state.kind !== "not-needed" && pack.state.kind !== "installed") {
		process.stderr.write(`nightshift: ${pack.needs}\n`);
		if (!anyway) {
			process.stderr.write("nightshift: Until then the pack is of no use. To fetch it all the same, add --anyway.\n");
			return exitCodes.badInput;
		}
	}
	const begun = await client.call(`/api/gpu-packs/${pack.name}/fetch`, gpuPackSchema, { method: "POST" });
	if (!begun.ok) return reportClientFailure(begun.error);
	return untilInstalled(client, begun.value, signal);
}

async function untilInstalled(client: ServiceClient, begun: GpuPack, signal: AbortSignal): Promise<ExitCode> {
	const line = createLineView(process.stderr, systemClock, PLAIN_EVERY_MS);
	try {
		for (let pack = begun; ; ) {
			const end = endOf(pack);
			if (end !== null) {
				line.end();
				const stream = end === exitCodes.done ? process.stdout : process.stderr;
				stream.write(`${pack.title} ${pack.version}: ${describeState(pack)}\n`);
				return end;
			}
			line.update({ lead: "", plain: `${pack.title}: ${progressOf(pack)}` }, false);
			await setTimeout(LOOK_MS, undefined, { signal });
			const asked = await client.call("/api/gpu-packs", gpuPackListSchema, { signal });
			if (!asked.ok) return reportClientFailure(asked.error);
			pack = asked.value.data.find(({ name }) => name === pack.name) ?? pack;
		}
	} finally {
		line.end();
	}
}

function progressOf(pack: GpuPack): string {
	const { state } = pack;
	return state.kind === "downloading"
		? describeProgress(pack, state.received_bytes, state.bytes_per_second)
		: describeState(pack);
}

/** Null: it goes on by itself. */
function endOf({ state }: GpuPack): ExitCode | null {
	switch (state.kind) {
		case "downloading":
		case "verifying":
			return null;
		case "installed":
			return state.works === null ? null : state.works ? exitCodes.done : exitCodes.broken;
		// Somebody else paused or cancelled it.
		case "paused":
		case "available":
		case "failed":
			return exitCodes.broken;
		case "not-needed":
			return exitCodes.badInput;
		default:
			return assertNever(state);
	}
}

/** Looks at the computer first: a service that has just started has not seen its GPUs yet. */
async function askPacks(client: ServiceClient): Promise<Result<GpuPackList, ClientFailure>> {
	const looked = await client.call("/api/machine", machineStatusSchema);
	if (!looked.ok) return looked;
	const asked = await client.call("/api/gpu-packs", gpuPackListSchema);
	return asked.ok ? ok(asked.value) : asked;
}

function noPack(): ExitCode {
	process.stderr.write("nightshift: There is no GPU pack for this kind of computer.\n");
	return exitCodes.badInput;
}
