/**
 * The lanes of a loaded model in two groups, live and batch, each a context with a loop of its own. Owns how they differ. Must
 * never know requests.
 */
import type { Clock } from "../../base/base.ts";
import type { LaneContext } from "./contexts.ts";
import type { Gate } from "./gate.ts";
import type { Loaded } from "./load.ts";
import { createLoop, type Loop } from "./loop.ts";
import { createPace, type Pace } from "./pace.ts";
import { createStandstill, type Standstill } from "./standstill.ts";
import { planBatchStep, planLiveStep } from "./step.ts";
import type { Tally } from "./tally.ts";
import { createTransfer } from "./transfer.ts";
import type { Priority } from "./turns.ts";

/** Lanes of one context at work. */
export interface LaneGroup {
	readonly loop: Loop;
	readonly pace: Pace;
	readonly standstill: Standstill;
	/** Of each lane. */
	readonly contextTokens: number;
}

/** The groups of a model by whose work they do; null where there are no lanes of that kind. */
export type LaneGroups = { readonly [P in Priority]: LaneGroup | null };

/** What groups need. */
export interface LaneGroupsDeps {
	readonly clock: Clock;
	readonly gate: Gate;
	readonly tally: Tally;
	/** Told of a fault of the native side; the process is not to be trusted after one. */
	readonly onFault: (error: unknown) => void;
}

/** Rows that llama.cpp's CPU kernels multiply at a time; measured: 13 rows cost a quarter more than 16. */
const CPU_ROW_ALIGNMENT = 4;

/** Puts the lanes of a model to work. */
export async function createLaneGroups(deps: LaneGroupsDeps, loaded: Loaded): Promise<LaneGroups> {
	const rowAlignment = loaded.description.gpuLayers > 0 ? 1 : CPU_ROW_ALIGNMENT;
	return {
		batch: loaded.batch === null ? null : await createGroup(deps, "batch", loaded.batch, rowAlignment),
		interactive: loaded.live === null ? null : await createGroup(deps, "interactive", loaded.live, rowAlignment),
	};
}

async function createGroup(
	deps: LaneGroupsDeps,
	priority: Priority,
	context: LaneContext,
	rowAlignment: number,
): Promise<LaneGroup> {
	const { clock } = deps;
	const { lanes, batchTokens } = context;
	const pace = createPace({ batchTokens, rowAlignment });
	const loop = createLoop({
		priority,
		lanes,
		gate: deps.gate,
		clock,
		onFault: deps.onFault,
		transfer: await createTransfer(clock, pace, context.canCopyLanes),
		plan(busy) {
			const stepTokens = pace.stepTokens(clock.monotonicMs());
			return priority === "batch"
				? planBatchStep(busy, { stepTokens, rowAlignment })
				: planLiveStep(busy, { stepTokens, passTokens: batchTokens });
		},
		onStep({ tokens, durationMs, isReading }) {
			if (isReading) pace.noteReading(tokens, durationMs);
			else pace.noteWriting(durationMs);
			deps.tally.addStep(tokens);
		},
	});
	return { loop, pace, standstill: createStandstill(lanes), contextTokens: context.contextTokens };
}
