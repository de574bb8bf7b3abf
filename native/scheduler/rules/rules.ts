/**
 * What keeps batch work from running at one moment: facts in, findings out. Owns the rules by subject (hours, presence, load,
 * screen, hardware, the owner's own word) and how they are said; pure. Must never look at anything but the facts, never remember
 * anything, and never decide what follows: findings over time are for `settle.ts`.
 */
import type { CauseKind, MachineSnapshot, Rest, Rung, SettingsValues } from "../../contract/contract.ts";

/** All that the rules judge by. */
export interface Facts {
	/** Wall time: windows and the snooze go by it. */
	readonly nowMs: number;
	readonly snapshot: MachineSnapshot;
	readonly settings: Pick<SettingsValues, "schedule" | "night" | "limits">;
	readonly rest: Rest;
	/** The owner is served, in words, e.g. `answering /v1/chat/completions for Zed`; null: nobody is. */
	readonly live: { readonly words: string; readonly sinceMs: number } | null;
	/** A model that batch work uses runs on the processor, or nothing ever ran on a GPU. */
	readonly isOnProcessor: boolean;
	/** False with --no-gpu: GPUs are left alone anyway. */
	readonly usesGpu: boolean;
	/** Others' GPU memory (`othersMemoryBytes`) when our model came up, by GPU id: growth since then counts as wanting memory. */
	readonly othersAtLoadBytes: ReadonlyMap<string, number>;
	/** Causes in force (`heldCauses` of `settle.ts`): gone only below a lower threshold. */
	readonly held: ReadonlySet<CauseKind>;
}

/** One thing that keeps batch work from running now. */
export interface Finding {
	readonly kind: CauseKind;
	readonly rung: Exclude<Rung, "run">;
	/** e.g. `Blender uses 6.1 GB of GPU memory`. */
	readonly words: string;
	/** The same when it is over, to be followed by a time: `Blender used 6.1 GB of GPU memory`. */
	readonly pastWords: string;
	/** When it ends by what is known now, Unix milliseconds; null: nobody knows. */
	readonly untilMs: number | null;
	/** It stops running work only when seen for so long; 0: at once. */
	readonly sustainMs: number;
}
