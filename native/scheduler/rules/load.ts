/** What others use of the GPUs, the processor and the memory. What can't be told is no load. */
import { formatBytes } from "../../base/base.ts";
import type { CauseKind, Gpu } from "../../contract/contract.ts";
import { type AmountOf, type Culprit, culpritOf, othersUse, programKeys } from "./programs.ts";
import type { Facts, Finding } from "./rules.ts";

/** Load shows for two looks before it stops running work: opening a window is no reason. */
const LOAD_SUSTAIN_MS = 4_000;

/** Part of its limit that use must fall to before it counts as over, lest it be over and there again at each look. */
const HELD_USE = 0.75;
/** And how many times the least there must be. */
const HELD_LEAST = 1.25;

/** Others' memory may grow by so much before that counts as wanting more: desktops breathe. */
const LEAST_GROWTH_BYTES = 128 * 2 ** 20;

/**
 * A GPU with less memory of its own is a part of the main memory set aside for the screen: the desktop fills it, and no model
 * is put there.
 */
const LEAST_GPU_BYTES = 2 * 2 ** 30;

const busyOf: AmountOf = ({ busyFraction }) => busyFraction;
const memoryOf: AmountOf = ({ memoryBytes }) => memoryBytes;

/** Whether others use too much by the owner's limits. */
export function findLoad(facts: Facts): readonly Finding[] {
	const { gpus } = facts.snapshot;
	const found = facts.usesGpu
		? [worst(gpus.map((gpu) => findGpuMemory(facts, gpu))), worst(gpus.map((gpu) => findGpuBusy(facts, gpu)))]
		: [];
	return [...found, findCpuBusy(facts), findMemory(facts)].filter((finding) => finding !== null);
}

/** One GPU's finding, and how far beyond what is allowed it is, to choose by. */
interface Weighed {
	readonly finding: Finding;
	readonly weight: number;
}

function worst(found: readonly (Weighed | null)[]): Finding | null {
	const [first] = found.filter((weighed) => weighed !== null).sort((one, other) => other.weight - one.weight);
	return first?.finding ?? null;
}

function findGpuBusy(facts: Facts, gpu: Gpu): Weighed | null {
	const { othersGpuPercent: limitPercent, ignore } = facts.settings.limits;
	if (limitPercent === null || gpu.busy.othersFraction === null) return null;
	const ignored = programKeys(ignore);
	const fraction = othersUse(gpu, gpu.busy.othersFraction, busyOf, ignored);
	if (!isOver(facts, "gpu-busy", fraction, limitPercent / 100)) return null;
	const culprit = culpritOf(gpu, fraction, busyOf, ignored);
	const rest = `${percent(culprit.use)} of ${nameOf(facts, gpu, "the GPU")}`;
	return { finding: load("gpu-busy", usage(culprit, rest), LOAD_SUSTAIN_MS), weight: fraction };
}

function findGpuMemory(facts: Facts, gpu: Gpu): Weighed | null {
	const { totalBytes, oursBytes } = gpu.memory;
	const { othersGpuMemoryPercent: limitPercent, ignore } = facts.settings.limits;
	const usedBytes = othersMemoryBytes(gpu, ignore);
	if (totalBytes === null || usedBytes === null) return null;
	if (totalBytes < LEAST_GPU_BYTES && (oursBytes === null || oursBytes === 0)) return null;
	const isTooMuch = limitPercent !== null && isOver(facts, "gpu-memory", usedBytes, (totalBytes * limitPercent) / 100);
	const freeBytes = isTooMuch ? null : shortFreeBytes(facts, gpu, usedBytes);
	if (!isTooMuch && freeBytes === null) return null;
	const culprit = culpritOf(gpu, usedBytes, memoryOf, programKeys(ignore));
	const said = usage(culprit, `${formatBytes(culprit.use)} of ${nameOf(facts, gpu, "GPU memory", "the memory of ")}`);
	const words = freeBytes === null ? said.words : `${said.words}, which leaves ${formatBytes(freeBytes)} free`;
	return { finding: load("gpu-memory", { ...said, words }, 0), weight: usedBytes / totalBytes };
}

/**
 * GPU memory of others that counts, without programs that never stop batch work; null: it can't be told. What
 * `Facts.othersAtLoadBytes` is to be made of.
 */
export function othersMemoryBytes(gpu: Gpu, ignore: readonly string[]): number | null {
	const { othersBytes } = gpu.memory;
	return othersBytes === null ? null : othersUse(gpu, othersBytes, memoryOf, programKeys(ignore));
}

/** What is free, where that is too little and others took it since our model came up; null: nothing is wrong. */
function shortFreeBytes(facts: Facts, gpu: Gpu, othersBytes: number): number | null {
	const { totalBytes, usedBytes } = gpu.memory;
	const leastMegabytes = facts.settings.limits.leastFreeGpuMegabytes;
	const beforeBytes = facts.othersAtLoadBytes.get(gpu.id);
	if (totalBytes === null || usedBytes === null || leastMegabytes === null || beforeBytes === undefined) return null;
	const freeBytes = Math.max(totalBytes - usedBytes, 0);
	if (!isShort(facts, "gpu-memory", freeBytes, leastMegabytes * 2 ** 20)) return null;
	return othersBytes > beforeBytes + LEAST_GROWTH_BYTES ? freeBytes : null;
}

/** A model on a GPU hardly feels who uses the processor, nor do they feel it. */
function findCpuBusy(facts: Facts): Finding | null {
	const { othersFraction } = facts.snapshot.cpu;
	const limitPercent = facts.settings.limits.othersCpuPercent;
	if (!facts.isOnProcessor || limitPercent === null || othersFraction === null) return null;
	if (!isOver(facts, "cpu-busy", othersFraction, limitPercent / 100)) return null;
	const culprit = { name: "other programs", use: othersFraction, isSeveral: true };
	return load("cpu-busy", usage(culprit, `${percent(othersFraction)} of the processor`), LOAD_SUSTAIN_MS);
}

function findMemory(facts: Facts): Finding | null {
	const { totalBytes, availableBytes } = facts.snapshot.memory;
	const leastPercent = facts.settings.limits.leastFreeMemoryPercent;
	// A total of nothing: nobody has looked yet.
	if (leastPercent === null || totalBytes <= 0) return null;
	if (!isShort(facts, "memory", availableBytes, (totalBytes * leastPercent) / 100)) return null;
	const left = formatBytes(availableBytes);
	return load("memory", { words: `only ${left} of memory is left`, past: `only ${left} of memory was left` }, 0);
}

function isOver({ held }: Facts, kind: CauseKind, use: number, limit: number): boolean {
	return held.has(kind) ? use > limit * HELD_USE : use > limit;
}

function isShort({ held }: Facts, kind: CauseKind, left: number, least: number): boolean {
	return held.has(kind) ? left < least * HELD_LEAST : left < least;
}

interface Usage {
	readonly words: string;
	readonly past: string;
}

function usage({ name, isSeveral }: Culprit, rest: string): Usage {
	return { words: `${name} ${isSeveral ? "use" : "uses"} ${rest}`, past: `${name} used ${rest}` };
}

function load(kind: CauseKind, { words, past }: Usage, sustainMs: number): Finding {
	return { kind, rung: "yield", words, pastWords: past, untilMs: null, sustainMs };
}

/** Which GPU only matters where there are several. */
function nameOf({ snapshot }: Facts, gpu: Gpu, onlyOne: string, before = ""): string {
	return snapshot.gpus.length > 1 ? `${before}${gpu.name}` : onlyOne;
}

function percent(fraction: number): string {
	return `${Math.round(fraction * 100)} %`;
}
