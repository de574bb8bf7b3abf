/** Waiting for inference processes to let go of a pack. */
import { setTimeout as wait } from "node:timers/promises";
import type { ResidentModel } from "../residency.ts";

/** Ending an idle process takes milliseconds; one that takes longer than this hangs, and the removal says what it can't remove. */
const LONGEST_MS = 5_000;
const LOOK_MS = 20;

/** Whether a model runs on CUDA, or may in a moment, and somebody uses it. */
export function isBusyOn(models: readonly ResidentModel[]): boolean {
	return models.some((model) => mayUse(model) && model.batchUsers + model.interactiveUsers > 0);
}

/** Resolves when no model runs on CUDA any more, or when it takes too long. */
export async function waitUntilLeft(models: () => readonly ResidentModel[]): Promise<void> {
	for (let waitedMs = 0; waitedMs < LONGEST_MS && models().some(mayUse); waitedMs += LOOK_MS) await wait(LOOK_MS);
}

function mayUse({ state }: ResidentModel): boolean {
	return state.kind === "ready" ? state.model.gpu === "cuda" : state.kind === "loading" || state.kind === "restarting";
}
