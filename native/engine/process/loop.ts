/**
 * The lockstep loop: pass the gate, admit, move all busy lanes by one token at once, again. Owns the order of steps and who
 * waits for a lane. Must never look into answers.
 */
import type { CustomBatchingPrioritizationStrategy } from "node-llama-cpp";
import type { Clock } from "../../base/base.ts";
import { type Admission, admit } from "./admission.ts";
import { createGate } from "./gate.ts";
import type { Lane, Strand } from "./lane.ts";
import type { Pace } from "./pace.ts";
import type { Transfer } from "./transfer.ts";

/** What the loop needs. */
export interface LoopDeps {
	readonly lanes: readonly Lane[];
	readonly pace: Pace;
	/** See StepRule. */
	readonly rowAlignment: number;
	/** Told after each step how many tokens it evaluated and how long it took. */
	readonly onStep: (tokens: number, durationMs: number) => void;
	readonly transfer: Transfer;
	readonly clock: Clock;
	/** Told of a fault of the native side; the process is not to be trusted after one. */
	readonly onFault: (error: unknown) => void;
}

/** The running loop. */
export interface Loop {
	add(strand: Strand): void;
	/** Looks again at what is cancelled. */
	wake(): void;
	/** Freezes batch lanes; resolves when no batch step is running. */
	closeGate(): Promise<void>;
	openGate(): void;
	readonly busyLanes: number;
	readonly waiting: number;
}

/** llama.cpp joins sequences into one pass only while their ids ascend one by one: hands items over in the order of lanes. */
export const inLaneOrder: CustomBatchingPrioritizationStrategy = ({ items, size }) => {
	const picked: ReturnType<CustomBatchingPrioritizationStrategy> = [];
	let left = size;
	for (const item of [...items].sort((a, b) => a.evaluationPriority - b.evaluationPriority)) {
		const processAmount = Math.min(left, item.tokens.length);
		if (processAmount === 0) break;
		picked.push({ item, processAmount });
		left -= processAmount;
	}
	return picked;
};

/** Starts the loop; it sleeps while there is nothing to do. */
export function createLoop(deps: LoopDeps): Loop {
	const { lanes } = deps;
	const gate = createGate();
	let waiting: Strand[] = [];
	let wakeUp: (() => void) | null = null;

	const wake = (): void => {
		wakeUp?.();
		wakeUp = null;
	};

	const dropCancelled = (): void => {
		leaveCancelled(lanes);
		if (!waiting.some((strand) => strand.cancelled)) return;
		for (const strand of waiting) if (strand.cancelled) strand.drop();
		waiting = waiting.filter((strand) => !strand.cancelled);
	};

	const admitWaiting = async (): Promise<void> => {
		const candidates = waiting.filter((strand) => gate.lets(strand.priority));
		if (candidates.length === 0) return;
		const admissions = admit(candidates, lanes, deps.transfer.pays);
		if (admissions.length === 0) return;
		const entered = new Set(admissions.map((admission) => admission.waiting));
		waiting = waiting.filter((strand) => !entered.has(strand));
		await enterLanes(admissions, deps.transfer);
	};

	const step = async (): Promise<boolean> => {
		dropCancelled();
		await admitWaiting();
		const movable = lanes.filter((lane) => lane.strand !== null && gate.lets(lane.strand.priority));
		const plan = planStep(movable, { stepTokens: deps.pace.stepTokens, rowAlignment: deps.rowAlignment });
		if (plan.length === 0) return false;
		const startedMs = deps.clock.monotonicMs();
		gate.stepBegins(plan.some(({ lane }) => lane.strand?.priority === "batch"));
		const ended = await Promise.all(plan.map(async ({ lane, count }) => ({ lane, done: await lane.advance(count) })));
		for (const { lane, done } of ended) if (done) lane.leave();
		const tokens = plan.reduce((sum, { count }) => sum + count, 0);
		const durationMs = deps.clock.monotonicMs() - startedMs;
		deps.pace.note(tokens, durationMs);
		deps.onStep(tokens, durationMs);
		gate.stepEnds();
		return true;
	};

	const run = async (): Promise<void> => {
		for (;;) {
			const asleep = new Promise<void>((resolve) => {
				wakeUp = resolve;
			});
			const stepped = await step();
			if (!stepped) await asleep;
		}
	};
	run().catch(deps.onFault);

	return {
		add(strand) {
			waiting.push(strand);
			wake();
		},
		wake,
		closeGate: gate.close,
		openGate() {
			gate.open();
			wake();
		},
		get busyLanes() {
			return lanes.filter((lane) => lane.strand !== null).length;
		},
		get waiting() {
			return waiting.length;
		},
	};
}

/** Frees the lanes whose work nobody waits for any more. */
function leaveCancelled(lanes: readonly Lane[]): void {
	for (const lane of lanes) {
		const { strand } = lane;
		if (strand === null || !strand.cancelled) continue;
		lane.leave();
		strand.drop();
	}
}

/** Puts the admitted into their lanes. Copies first: a donor may be free and about to be entered itself. */
async function enterLanes(admissions: readonly Admission<Strand, Lane>[], transfer: Transfer): Promise<void> {
	for (const donor of new Set(admissions.map((admission) => admission.donor))) {
		if (donor === null) continue;
		const takers = admissions.filter((admission) => admission.donor === donor);
		await transfer.lend(donor, donor.computed, async (path) => {
			for (const { lane, waiting: strand } of takers) await lane.enter(strand, path);
		});
	}
	const others = admissions.filter((admission) => admission.donor === null);
	await Promise.all(others.map(({ lane, waiting: strand }) => lane.enter(strand, null)));
}

/** What planning a step looks at. */
export interface StepLane {
	readonly pendingCount: number;
	readonly strand: { readonly priority: "batch" | "interactive" } | null;
}

/** What bounds a step. */
export interface StepRule {
	/** Most prompt tokens. */
	readonly stepTokens: number;
	/** Rows the kernels take at a time: 4 on a processor, where a pass of 83 rows costs as much as one of 88. 1 elsewhere. */
	readonly rowAlignment: number;
}

/** With fewer writers than this there is no full pass for the last tokens of a prompt to ride in. */
const RIDING_LANES = 8;

/**
 * Who moves in a step, and by how many tokens. Live requests come first and always move. Batch lanes either read or write:
 * while one reads its prompt the writing ones wait, because llama.cpp would run both as passes of their own anyway, and a
 * pass for a few writers costs nearly as much as one for all of them a moment later.
 *
 * Prompts are cut only where one alone is too long for a step: each further piece would be a pass of its own. With many
 * lanes busy they are read in whole blocks of rows, and the last one to three tokens go with the writers, one a step.
 */
export function planStep<L extends StepLane>(lanes: readonly L[], rule: StepRule): { lane: L; count: number }[] {
	const isLive = (lane: L): boolean => lane.strand?.priority === "interactive";
	const block = lanes.filter((lane) => !isLive(lane)).length >= RIDING_LANES ? rule.rowAlignment : 1;
	const isReading = (lane: L): boolean => lane.pendingCount >= (isLive(lane) ? 2 : Math.max(2, block));
	const counts = new Map<L, number>();
	for (const lane of lanes) if (isLive(lane) && !isReading(lane)) counts.set(lane, 1);
	const live = lanes.filter((lane) => isLive(lane) && isReading(lane));
	const batch = lanes.filter((lane) => !isLive(lane) && isReading(lane));
	let left = rule.stepTokens;
	for (const lane of [...live, ...batch]) {
		const wanted = isLive(lane) ? lane.pendingCount : lane.pendingCount - (lane.pendingCount % block);
		if (wanted > left && left < rule.stepTokens) continue;
		const count = Math.min(left, wanted);
		counts.set(lane, count);
		left -= count;
		if (left === 0) break;
	}
	if (batch.length === 0) {
		for (const lane of lanes) if (!isLive(lane)) counts.set(lane, 1);
	}
	return lanes.flatMap((lane) => {
		const count = counts.get(lane);
		return count === undefined ? [] : [{ lane, count }];
	});
}
