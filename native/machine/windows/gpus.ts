/** GPUs of all makers, and the processes on them, as Windows counts them. */
import { ok, type Result } from "../../base/base.ts";
import { bind, createNativeSource } from "../native-source.ts";
import type { SeenGpu, SeenProcess, Sight, Source, SourceFault } from "../source.ts";
import { type Adapter, type Adapters, needAdapters } from "./adapters.ts";
import { type CounterFunctions, type GpuCounterQuery, needCounters, openGpuCounters } from "./gpu-counters.ts";
import { type AdapterUse, sumCounters } from "./gpu-instances.ts";
import type { WindowsLibraries } from "./libraries.ts";
import { needProcessNames, type ProcessNames } from "./process-names.ts";

interface Parts {
	readonly counters: CounterFunctions;
	readonly adapters: Adapters;
	readonly names: ProcessNames;
}

/**
 * Makes the source. Of NVIDIA's cards NVML tells more, but on Windows not what a process takes (WDDM manages the memory there); the
 * address on the bus says that both mean the same card.
 */
export function createWindowsGpuSource(libraries: WindowsLibraries): Source {
	let query: GpuCounterQuery | null = null;
	const described = new Map<bigint, Adapter>();

	async function look(parts: Parts): Promise<Result<Sight, SourceFault>> {
		if (query === null) {
			const opened = await openGpuCounters(parts.counters);
			if (!opened.ok) return opened;
			query = opened.value;
		}
		const counters = await query.collect();
		if (!counters.ok) return counters;
		const uses = sumCounters(counters.value);
		for (const luid of described.keys()) if (!uses.has(luid)) described.delete(luid);
		const names = parts.names.namesOf(new Set([...uses.values()].flatMap((use) => [...(use.processes?.keys() ?? [])])));
		const gpus: SeenGpu[] = [];
		for (const [luid, use] of uses) {
			const adapter = described.get(luid) ?? (await parts.adapters.describe(luid));
			if (adapter === null) continue;
			described.set(luid, adapter);
			if (adapter.isSoftware) continue;
			gpus.push(
				seenGpu({ luid, adapter, use, names, temperatureCelsius: await temperature(parts.adapters, luid, adapter) }),
			);
		}
		return ok({ gpus });
	}

	return createNativeSource({
		name: "Windows GPU counters",
		tells: "GPUs of all makers and the processes on them",
		open: () =>
			bind(async (need) => ({
				counters: await needCounters(need, libraries),
				adapters: await needAdapters(need, libraries),
				names: await needProcessNames(need, libraries.kernel32),
			})),
		look,
		async close() {
			await query?.close();
			query = null;
		},
	});
}

/** NVIDIA's cards tell it by NVML, and need no second question. */
async function temperature(adapters: Adapters, luid: bigint, adapter: Adapter): Promise<number | null> {
	return adapter.vendor === "nvidia" ? null : adapters.temperatureCelsius(luid);
}

interface Seen {
	readonly luid: bigint;
	readonly adapter: Adapter;
	readonly use: AdapterUse;
	readonly names: ReadonlyMap<number, string | null>;
	readonly temperatureCelsius: number | null;
}

function seenGpu({ luid, adapter, use, names, temperatureCelsius }: Seen): SeenGpu {
	return {
		id: adapter.pciAddress === null ? `luid:${luid.toString(16)}` : `pci:${adapter.pciAddress}`,
		name: adapter.name,
		vendor: adapter.vendor,
		pciAddress: adapter.pciAddress,
		totalBytes: adapter.totalBytes,
		usedBytes: use.usedBytes,
		busyFraction: use.busyFraction,
		powerWatts: null,
		powerLimitWatts: null,
		temperatureCelsius,
		clockMegahertz: null,
		processes: use.processes === null ? null : [...use.processes].map(([pid, seen]) => process(pid, seen, names)),
	};
}

function process(
	pid: number,
	seen: { readonly memoryBytes: number | null; readonly busyFraction: number | null },
	names: ReadonlyMap<number, string | null>,
): SeenProcess {
	return { pid, name: names.get(pid) ?? null, ...seen };
}
