/** What the screen says of a GPU and of who uses it. Pure. */
import type { Gpu, GpuProcess } from "../../native/contract/contract.ts";
import { formatCount, formatPercent } from "../state/format.ts";
import type { BarPart } from "../ui/meter.tsx";
import { words } from "../words/words.ts";
import type { Fact } from "./facts.tsx";
import { formatMemory } from "./format-memory.ts";

/** A program on a GPU. */
export interface ProcessRow {
	readonly pid: number;
	readonly name: string;
	readonly isOurs: boolean;
	/** What it takes, in words. */
	readonly use: string;
}

/** All that is shown of a GPU. */
export interface GpuCard {
	readonly id: string;
	readonly name: string;
	/** Null: its memory can't be told. */
	readonly memory: { readonly parts: readonly BarPart[]; readonly total: string } | null;
	readonly facts: readonly Fact[];
	/** The largest first; null: who uses it can't be seen. */
	readonly processes: readonly ProcessRow[] | null;
}

/** Makes it. */
export function describeGpu(gpu: Gpu): GpuCard {
	return {
		id: gpu.id,
		name: gpu.name,
		memory: describeMemory(gpu),
		facts: describeFacts(gpu),
		processes: gpu.processes === null ? null : [...gpu.processes].sort(largestFirst).map(describeProcess),
	};
}

/** Ours, others' and what is free; where whose it is can't be told, used and free. Parts never make more than the whole. */
function describeMemory({ memory }: Gpu): GpuCard["memory"] {
	const { totalBytes, usedBytes, oursBytes, othersBytes } = memory;
	if (totalBytes === null || totalBytes === 0 || usedBytes === null) return null;
	const text = words.machines;
	const used = Math.min(usedBytes, totalBytes);
	const part = (label: string, bytes: number, tone: BarPart["tone"]): BarPart => ({
		label,
		fraction: bytes / totalBytes,
		tone,
	});
	const free = {
		label: text.free(formatMemory(totalBytes - used)),
		fraction: (totalBytes - used) / totalBytes,
	} as const;
	const total = text.total(formatMemory(totalBytes));
	if (oursBytes === null || othersBytes === null) {
		return { parts: [part(text.used(formatMemory(used)), used, "neutral"), { ...free, tone: "neutral" }], total };
	}
	const ours = Math.min(oursBytes, used);
	const others = Math.min(othersBytes, used - ours);
	return {
		parts: [
			part(text.ours(formatMemory(oursBytes)), ours, "accent"),
			part(text.others(formatMemory(othersBytes)), others, "warn"),
			{ ...free, tone: "neutral" },
		],
		total,
	};
}

function describeFacts({
	busy,
	temperatureCelsius,
	powerWatts,
	powerLimitWatts,
	clockMegahertz,
}: Gpu): readonly Fact[] {
	const text = words.machines;
	const whole = (value: number): string => formatCount(Math.round(value));
	return [
		{
			label: text.busy,
			value: busy.totalFraction === null ? text.unknown : formatPercent(busy.totalFraction),
			detail:
				busy.oursFraction === null || busy.othersFraction === null
					? null
					: text.busyBy(formatPercent(busy.oursFraction), formatPercent(busy.othersFraction)),
		},
		{
			label: text.temperature,
			value: temperatureCelsius === null ? text.unknown : text.celsius(whole(temperatureCelsius)),
			detail: null,
		},
		{
			label: text.power,
			value: powerWatts === null ? text.unknown : text.watts(whole(powerWatts)),
			detail: powerWatts === null || powerLimitWatts === null ? null : text.wattsOf(whole(powerLimitWatts)),
		},
		...(clockMegahertz === null
			? []
			: [{ label: text.clock, value: text.megahertz(whole(clockMegahertz)), detail: null }]),
	];
}

function describeProcess({ pid, name, isOurs, memoryBytes, busyFraction }: GpuProcess): ProcessRow {
	const text = words.machines;
	const uses = [
		...(memoryBytes === null ? [] : [formatMemory(memoryBytes)]),
		...(busyFraction === null ? [] : [formatPercent(busyFraction)]),
	];
	return {
		pid,
		name: isOurs ? text.ourInference : (name ?? text.unnamedProgram),
		isOurs,
		use: uses.length === 0 ? text.unknown : uses.join(", "),
	};
}

function largestFirst(one: GpuProcess, other: GpuProcess): number {
	return (other.memoryBytes ?? 0) - (one.memoryBytes ?? 0) || one.pid - other.pid;
}
