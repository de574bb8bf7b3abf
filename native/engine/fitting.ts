/**
 * What a model settles for where it does not fit: the options to try, one after the other, and how long to wait when none of
 * them fits. Pure.
 *
 * Context is never cut: a line that needs what was asked for would fail for good. Lanes and layers cost time only. Where lanes
 * are left open the inference process itself makes fewer of them, as it puts fewer layers on the GPU where those are left open.
 */
import type { LoadOptions } from "./engine.ts";

/** Options to try in turn; the first are those that are wanted. */
export type Ladder = readonly [LoadOptions, ...LoadOptions[]];

/** What the owner lets a model settle for; each includes what stands before it. */
export type SettleFor = "wait" | "fewer-lanes" | "fewer-layers";

/** A program that fills the memory for a moment, such as an export, is over by then. */
const FIRST_BACK_OFF_MS = 60_000;
/** A night is long enough for many tries at this distance, and each costs reading a model from the disk. */
const LONGEST_BACK_OFF_MS = 30 * 60_000;

/** What to try where there is too little memory. Beside another model nothing is settled for: that one leaves instead. */
export function fittingLadder(options: LoadOptions, settleFor: SettleFor): Ladder {
	if (options.beside || settleFor === "wait") return [options];
	const fewerLanes = halvedLanes(options);
	if (settleFor === "fewer-lanes") return [options, ...fewerLanes];
	const least = fewerLanes.at(-1) ?? options;
	const onProcessor = { ...options, gpuLayers: 0 };
	const fewerLayers = fewerGpuLayers(options.gpuLayers).map((gpuLayers) => ({ ...least, gpuLayers }));
	// The main memory may hold all the lanes that the GPU's did not.
	const without = options.gpuLayers === 0 ? [] : [onProcessor, ...halvedLanes(onProcessor)];
	return [options, ...fewerLanes, ...fewerLayers, ...without];
}

/** How long to wait after so many rounds in which nothing fitted; counts from 1. */
export function backOffMs(rounds: number): number {
	return Math.min(FIRST_BACK_OFF_MS * 2 ** (rounds - 1), LONGEST_BACK_OFF_MS);
}

function halvedLanes(options: LoadOptions): readonly LoadOptions[] {
	const ladder: LoadOptions[] = [];
	for (let lanes = half(options.lanes); lanes > 0; lanes = half(lanes)) ladder.push({ ...options, lanes });
	return ladder;
}

/** A half and a quarter, where that many are asked for; how many a model has is known only once it is loaded. */
function fewerGpuLayers(gpuLayers: number | null): readonly number[] {
	return [half(gpuLayers), half(half(gpuLayers))].filter((layers) => layers > 0);
}

function half(count: number | null): number {
	return count === null ? 0 : Math.floor(count / 2);
}
