/** What we use of a GPU ourselves, and what is left for others to have used. Pure; `own-processes.ts` says which processes are ours. */
import type { Gpu } from "../contract/contract.ts";
import type { MergedGpu } from "./merge-gpus.ts";
import type { SeenProcess } from "./source.ts";

/** Our own inference processes as of one look. */
export interface OwnProcesses {
	/** With those that ended a moment ago: a driver may list them a little longer. */
	readonly ids: ReadonlySet<number>;
	/** Of those, the ones that may be on a GPU now. */
	readonly mayBeOnGpu: ReadonlySet<number>;
	/** Of those, the ones that ended since the look before: what they used may be counted still, listed or not. */
	readonly justEnded: ReadonlySet<number>;
	/** Sources that listed one of ours before: one they don't list is not on their GPU. */
	readonly seenBy: ReadonlySet<string>;
}

/** Nothing of ours runs. */
export const noOwnProcesses: OwnProcesses = {
	ids: new Set(),
	mayBeOnGpu: new Set(),
	justEnded: new Set(),
	seenBy: new Set(),
};

/**
 * A GPU with our use set apart. Never guesses: where it can't be told what is ours, it can't be told what is others' either,
 * but where nothing of ours can be on a GPU all is theirs.
 */
export function subtractOwnUse(gpu: MergedGpu, own: OwnProcesses): Gpu {
	const { id, name, vendor, powerLimitWatts, temperatureCelsius, source } = gpu;
	const totalBytes = amountOrNull(gpu.totalBytes);
	const memory = divide(amountOrNull(gpu.usedBytes), sumOurs(gpu, own, "memoryBytes"));
	const busy = divide(fractionOrNull(gpu.busyFraction), fractionOrNull(sumOurs(gpu, own, "busyFraction")));
	return {
		id,
		name,
		vendor,
		memory: { totalBytes, usedBytes: memory.all, oursBytes: memory.ours, othersBytes: memory.others },
		busy: { totalFraction: busy.all, oursFraction: busy.ours, othersFraction: busy.others },
		powerWatts: amountOrNull(gpu.powerWatts),
		powerLimitWatts: amountOrNull(powerLimitWatts),
		temperatureCelsius: finiteOrNull(temperatureCelsius),
		clockMegahertz: amountOrNull(gpu.clockMegahertz),
		processes: gpu.processes?.map((process) => tellProcess(process, own)) ?? null,
		source,
	};
}

function tellProcess(process: SeenProcess, own: OwnProcesses) {
	return {
		pid: process.pid,
		name: process.name,
		isOurs: own.ids.has(process.pid),
		memoryBytes: amountOrNull(process.memoryBytes),
		busyFraction: fractionOrNull(process.busyFraction),
	};
}

/** Null: it can't be told. */
function sumOurs(gpu: MergedGpu, own: OwnProcesses, figure: "memoryBytes" | "busyFraction"): number | null {
	const listed = (gpu.processes ?? []).filter(({ pid }) => own.ids.has(pid));
	const listedIds = new Set(listed.map(({ pid }) => pid));
	const isAnyEndedMissing = [...own.justEnded].some((pid) => !listedIds.has(pid));
	const isAnyMissing = [...own.mayBeOnGpu].some((pid) => !listedIds.has(pid));
	if (isAnyEndedMissing) return null;
	if (isAnyMissing && (gpu.processes === null || !own.seenBy.has(gpu.source))) return null;
	let sum = 0;
	for (const process of listed) {
		const value = amountOrNull(process[figure]);
		if (value === null) return null;
		sum += value;
	}
	return sum;
}

/** Whose how much is. Ours is never more than all: the two figures are read a moment apart. */
export function divide(
	all: number | null,
	ours: number | null,
): { readonly all: number | null; readonly ours: number | null; readonly others: number | null } {
	if (all === null || ours === null) return { all, ours, others: null };
	const least = Math.min(ours, all);
	return { all, ours: least, others: all - least };
}

/** A part of a whole between 0 and 1; null where it is none. */
export function fractionOrNull(value: number | null): number | null {
	const finite = finiteOrNull(value);
	return finite === null ? null : Math.min(1, Math.max(0, finite));
}

/** A figure that can't be below nothing; null where it is: drivers answer all bits set for "unknown". */
export function amountOrNull(value: number | null): number | null {
	const finite = finiteOrNull(value);
	return finite === null || finite < 0 ? null : finite;
}

/** A figure, null where it is none. */
export function finiteOrNull(value: number | null): number | null {
	return value !== null && Number.isFinite(value) ? value : null;
}
