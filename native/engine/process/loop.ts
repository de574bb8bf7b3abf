/**
 * The lockstep loop: pass the gate, admit, move all busy lanes by one token at once, again. Owns the order of steps and the
 * gate. Must never look into answers.
 */
import type { CustomBatchingPrioritizationStrategy } from "node-llama-cpp";
import type { Clock } from "../../base/base.ts";
import { admit } from "./admission.ts";
import type { Lane, Strand } from "./lane.ts";
import type { Transfer } from "./transfer.ts";

/** What the loop needs. */
export interface LoopDeps {
	readonly lanes: readonly Lane[];
	/** Most tokens a step evaluates over all lanes. */
	readonly stepTokens: () => number;
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
	let waiting: Strand[] = [];
	let gateOpen = true;
	let batchStepRunning = false;
	let gateWaiters: (() => void)[] = [];
	let wakeUp: (() => void) | null = null;

	const wake = (): void => {
		wakeUp?.();
		wakeUp = null;
	};

	const releaseCancelled = (): void => {
		for (const lane of lanes) {
			const { strand } = lane;
			if (strand === null || !strand.cancelled) continue;
			lane.leave();
			strand.drop();
		}
		if (!waiting.some((strand) => strand.cancelled)) return;
		for (const strand of waiting) if (strand.cancelled) strand.drop();
		waiting = waiting.filter((strand) => !strand.cancelled);
	};

	const admitWaiting = async (): Promise<void> => {
		const candidates = gateOpen ? waiting : waiting.filter((strand) => strand.priority === "interactive");
		if (candidates.length === 0) return;
		const admissions = admit(candidates, lanes, deps.transfer.pays);
		if (admissions.length === 0) return;
		const entered = new Set(admissions.map((admission) => admission.waiting));
		waiting = waiting.filter((strand) => !entered.has(strand));
		// Copies first: a donor may be free and about to be entered itself.
		for (const donor of new Set(admissions.map((admission) => admission.donor))) {
			if (donor === null) continue;
			const takers = admissions.filter((admission) => admission.donor === donor);
			await deps.transfer.lend(donor, donor.computed, async (path) => {
				for (const { lane, waiting: strand } of takers) await lane.enter(strand, path);
			});
		}
		const others = admissions.filter((admission) => admission.donor === null);
		await Promise.all(others.map(({ lane, waiting: strand }) => lane.enter(strand, null)));
	};

	const mayStep = (lane: Lane): boolean => lane.strand !== null && (gateOpen || lane.strand.priority === "interactive");

	const step = async (): Promise<boolean> => {
		releaseCancelled();
		await admitWaiting();
		const plan = planStep(lanes.filter(mayStep), deps.stepTokens());
		if (plan.length === 0) return false;
		const startedMs = deps.clock.monotonicMs();
		batchStepRunning = plan.some(({ lane }) => lane.strand?.priority === "batch");
		const ended = await Promise.all(plan.map(async ({ lane, count }) => ({ lane, done: await lane.advance(count) })));
		batchStepRunning = false;
		for (const { lane, done } of ended) if (done) lane.leave();
		const tokens = plan.reduce((sum, { count }) => sum + count, 0);
		const durationMs = deps.clock.monotonicMs() - startedMs;
		deps.transfer.noteStep(tokens, durationMs);
		deps.onStep(tokens, durationMs);
		return true;
	};

	const settleGate = (): void => {
		if (gateOpen || batchStepRunning) return;
		const waiters = gateWaiters;
		gateWaiters = [];
		for (const resolve of waiters) resolve();
	};

	const run = async (): Promise<void> => {
		for (;;) {
			const asleep = new Promise<void>((resolve) => {
				wakeUp = resolve;
			});
			const stepped = await step();
			settleGate();
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
		closeGate() {
			gateOpen = false;
			return new Promise((resolve) => {
				gateWaiters.push(resolve);
				settleGate();
			});
		},
		openGate() {
			gateOpen = true;
			for (const resolve of gateWaiters.splice(0)) resolve();
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

/** Shares a step's tokens out: one to each lane that is writing, the rest to those that read, live requests first. */
export function planStep(
	lanes: readonly Lane[],
	stepTokens: number,
): { readonly lane: Lane; readonly count: number }[] {
	const counts = new Map<Lane, number>();
	let left = stepTokens;
	for (const lane of lanes) {
		if (lane.pendingCount !== 1) continue;
		counts.set(lane, 1);
		left--;
	}
	const reading = lanes.filter((lane) => lane.pendingCount > 1);
	reading.sort((a, b) => Number(b.strand?.priority === "interactive") - Number(a.strand?.priority === "interactive"));
	for (const lane of reading) {
		if (left <= 0) break;
		const count = Math.min(left, lane.pendingCount);
		counts.set(lane, count);
		left -= count;
	}
	return lanes.flatMap((lane) => {
		const count = counts.get(lane);
		return count === undefined ? [] : [{ lane, count }];
	});
}
