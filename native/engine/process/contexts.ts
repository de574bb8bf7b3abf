/**
 * The two contexts of a loaded model: one for live requests, made first, and one for batch work, which takes what is left. Owns
 * how each is made to fit the memory. Must never run requests.
 *
 * Two, because they want lanes of different size, and because what shares no pass with live work can't come out differently for
 * it.
 */
import type { Llama, LlamaContext, LlamaModel } from "node-llama-cpp";
import type { LoadOptions } from "../engine.ts";
import { createLane, type Lane } from "./lane.ts";
import { inLaneOrder } from "./loop.ts";
import type { Room } from "./room.ts";
import {
	chooseBatchShape,
	chooseLiveShape,
	LIVE_MEMORY_SHARE,
	type Shape,
	smallerBatchShape,
	smallerLiveShape,
} from "./shape.ts";

/** A context and its lanes, which are its sequences in order. */
export interface LaneContext {
	readonly lanes: readonly Lane[];
	/** Of each lane. */
	readonly contextTokens: number;
	/** Most tokens of one pass. */
	readonly batchTokens: number;
	/** Whether a lane's state can be cut back to a prefix, so that lanes can take over from each other. */
	readonly canCopyLanes: boolean;
	readonly threads: number;
}

/** The contexts of a model; null where no lanes of that kind were asked for. */
export interface Contexts {
	readonly live: LaneContext | null;
	readonly batch: LaneContext | null;
}

/** What making them needs. */
export interface ContextsDeps {
	readonly llama: Llama;
	readonly model: LlamaModel;
	readonly options: LoadOptions;
	readonly room: Room;
	/** Takes what was chosen and why, in words. */
	readonly note: (text: string) => void;
}

/** What a context takes. */
interface Need {
	readonly cpuRam: number;
	readonly gpuVram: number;
}

interface FittingRule {
	/** Of the lanes, for people. */
	readonly name: string;
	readonly smaller: (shape: Shape, options: LoadOptions) => Shape | null;
	/** Most it may take as long as there is something smaller. */
	readonly limit: Need;
}

/** Makes both contexts as large as they fit; throws what llama.cpp or the memory says where the smallest doesn't. */
export async function createContexts(deps: ContextsDeps): Promise<Contexts> {
	const { llama, model, options, room } = deps;
	const facts = {
		hasGpu: llama.gpu !== false && model.gpuLayers > 0,
		trainedContextTokens: model.trainContextSize,
	};
	const { free: freeVram } = await llama.getVramState();
	const live = await createFitting(deps, chooseLiveShape(options, facts), {
		name: "for live requests",
		smaller: smallerLiveShape,
		limit: { cpuRam: room.freeBytes * LIVE_MEMORY_SHARE, gpuVram: freeVram * LIVE_MEMORY_SHARE },
	});
	const batch = await createFitting(deps, chooseBatchShape(options, facts), {
		name: "for batch work",
		smaller: smallerBatchShape,
		limit: { cpuRam: Number.POSITIVE_INFINITY, gpuVram: Number.POSITIVE_INFINITY },
	});
	return { live, batch };
}

async function createFitting(deps: ContextsDeps, first: Shape | null, rule: FittingRule): Promise<LaneContext | null> {
	if (first === null) return null;
	for (let shape = first; ; ) {
		const words = `${shape.lanes} lanes ${rule.name} with ${shape.contextTokens} tokens of context each`;
		const smaller = rule.smaller(shape, deps.options);
		const need = await needOf(deps.model, shape);
		const isModest = need.cpuRam <= rule.limit.cpuRam && need.gpuVram <= rule.limit.gpuVram;
		if (isModest || smaller === null) {
			try {
				const made = await createLaneContext(deps, shape, need);
				deps.note(`${words}.`);
				return made;
			} catch (error) {
				if (smaller === null) throw error;
			}
		}
		deps.note(`${words} take too much memory.`);
		shape = smaller;
	}
}

function needOf(model: LlamaModel, shape: Shape): Promise<Need> {
	return model.fileInsights.estimateContextResourceRequirementsV2({
		contextSize: shape.contextTokens,
		sequences: shape.lanes,
		batchSize: shape.batchTokens,
		modelGpuLayers: model.gpuLayers,
	});
}

async function createLaneContext(deps: ContextsDeps, shape: Shape, need: Need): Promise<LaneContext> {
	deps.room.check(need.cpuRam);
	const context: LlamaContext = await deps.model.createContext({
		sequences: shape.lanes,
		contextSize: shape.contextTokens,
		batchSize: shape.batchTokens,
		threads: deps.options.threads ?? deps.llama.cpuMathCores,
		failedCreationRemedy: false,
		batching: { itemPrioritizationStrategy: inLaneOrder },
	});
	deps.room.take(need.cpuRam);
	const sequences = Array.from({ length: shape.lanes }, () => context.getSequence());
	return {
		lanes: sequences.map(createLane),
		contextTokens: context.contextSize,
		batchTokens: context.batchSize,
		canCopyLanes: sequences.every((sequence) => !sequence.needsCheckpoints),
		threads: context.idealThreads,
	};
}
