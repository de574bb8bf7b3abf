/** Whether a model fits a machine: its weights, its memory of the texts it works on, and what the runtime takes. Pure. */
import { formatBytes } from "../base/base.ts";
import type { MachineSnapshot, ModelFit } from "../contract/contract.ts";
import type { CacheShape } from "./gguf-facts.ts";

/** What of a model decides whether it fits. */
export interface ModelNeeds {
	/** Of its file, all parts. */
	readonly sizeBytes: number;
	/** Null: it isn't known; an amount usual for its size is taken. */
	readonly cache: CacheShape | null;
	readonly trainedContextTokens: number | null;
}

/** The memory of a machine. */
export interface MachineMemory {
	/** Of the biggest GPU, as much as models may have; null: there is none whose memory is known. */
	readonly gpuBytes: number | null;
	/** The same memory serves GPU and processor. */
	readonly isUnified: boolean;
	/** Main memory that a model may have. */
	readonly mainBytes: number;
}

/** Texts of this length fit a lane: longer than most documents, shorter than what eats all memory. */
const CONTEXT_TOKENS = 8_192;
/** Lanes below which a GPU works at a fraction of its speed. */
const USUAL_LANES = 4;
/** Scratch memory and runtime of an inference process; measured with models from 0.5 to 8 billion parameters. */
const RUNTIME_BYTES = 700 * 2 ** 20;
/** Part of the weights that a lane's memory takes in most models of today, where the file can't be asked. */
const USUAL_CACHE_PER_LANE = 0.15;
/** What the screen and its programs take of a GPU. */
const SCREEN_BYTES = 400 * 2 ** 20;
/** Metal lets a program have so much of the memory before it slows everything down. */
const METAL_PART = 0.75;
/** What the system and its programs take of the main memory. */
const SYSTEM_BYTES = 2 * 2 ** 30;
/** With less of the weights on the GPU the processor alone is about as quick. */
const LEAST_PART_ON_GPU = 0.25;

/** The memory that counts, of a machine as it was seen. */
export function memoryOf({ gpus, memory }: Pick<MachineSnapshot, "gpus" | "memory">): MachineMemory {
	const mainBytes = Math.max(0, memory.totalBytes - SYSTEM_BYTES);
	if (gpus.some(({ vendor }) => vendor === "apple")) {
		return { gpuBytes: memory.totalBytes * METAL_PART, isUnified: true, mainBytes };
	}
	const biggest = Math.max(0, ...gpus.map((gpu) => gpu.memory.totalBytes ?? 0));
	return { gpuBytes: biggest === 0 ? null : biggest, isUnified: false, mainBytes };
}

/** Judges by what the machine has in all, not by what is free at the moment. */
export function fitOf(needs: ModelNeeds, memory: MachineMemory): ModelFit {
	const one = bytesFor(needs, 1);
	const usual = bytesFor(needs, USUAL_LANES);
	const need = `needs about ${formatBytes(usual)}`;
	if (memory.mainBytes === 0 && memory.gpuBytes === null) {
		return { kind: "unknown", words: `${need}; the memory of this computer can't be told` };
	}
	const main = `${formatBytes(memory.mainBytes + SYSTEM_BYTES)} of main memory`;
	if (memory.gpuBytes === null) {
		if (one <= memory.mainBytes) return { kind: "processor", words: `${need}; ${main}, no GPU: slow` };
		return { kind: "too-big", words: `${need}; ${main}` };
	}
	const usable = memory.isUnified ? memory.gpuBytes : memory.gpuBytes - SCREEN_BYTES;
	const gpu = `${formatBytes(memory.gpuBytes)} of ${memory.isUnified ? "memory for the GPU" : "GPU memory"}`;
	if (usual <= usable) return { kind: "gpu", words: `${need}; ${gpu}` };
	if (one <= usable) {
		return { kind: "gpu", words: `needs about ${formatBytes(one)} for one text at a time; ${gpu}` };
	}
	const onGpu = Math.max(0, usable - RUNTIME_BYTES) / Math.max(1, one - RUNTIME_BYTES);
	const isWithinBoth = !memory.isUnified && one <= usable + memory.mainBytes;
	if (isWithinBoth && onGpu >= LEAST_PART_ON_GPU) {
		return { kind: "partly", words: `needs about ${formatBytes(one)}; ${gpu}, the rest in main memory: slower` };
	}
	if (one <= memory.mainBytes) return { kind: "processor", words: `${need}; ${gpu}, so in main memory: slow` };
	return { kind: "too-big", words: `needs about ${formatBytes(one)}; ${gpu}, ${main}` };
}

/** What a model takes with so many lanes. */
export function bytesFor({ sizeBytes, cache, trainedContextTokens }: ModelNeeds, lanes: number): number {
	const tokens = Math.min(CONTEXT_TOKENS, trainedContextTokens ?? CONTEXT_TOKENS);
	const perLane =
		cache === null
			? sizeBytes * USUAL_CACHE_PER_LANE
			: cache.bytesPerToken * tokens + cache.windowBytesPerToken * Math.min(tokens, cache.windowTokens);
	return sizeBytes + perLane * lanes + RUNTIME_BYTES;
}

const order: readonly ModelFit["kind"][] = ["gpu", "partly", "processor", "unknown", "too-big"];

/** Those that fit better first; for `sort`. */
export function compareFits(one: ModelFit["kind"], other: ModelFit["kind"]): number {
	return order.indexOf(one) - order.indexOf(other);
}
