/**
 * The lockstep loop of one context: wait for a turn, admit, move the busy lanes, again. Owns the order of steps and who waits
 * for a lane. Must never look into answers, and never decide whose turn it is.
 */
import type { CustomBatchingPrioritizationStrategy } from "node-llama-cpp";
import type { Clock } from "../../base/base.ts";
import { type Admission, admit } from "./admission.ts";
import type { Gate, MayGoOn } from "./gate.ts";
import type { Lane, Strand } from "./lane.ts";
import type { Move } from "./step.ts";
import type { Transfer } from "./transfer.ts";
import type { Priority } from "./turns.ts";

/** A step that is over. */
export interface StepFigures {
	readonly tokens: number;
	readonly durationMs: number;
	/** Whether it read prompts; else answers grew by one token each. */
	readonly isReading: boolean;
}

/** What the loop needs. */
export interface LoopDeps {
	/** Of all work in it. */
	readonly priority: Priority;
	readonly lanes: readonly Lane[];
	readonly gate: Gate;
	/** Says who of the busy lanes moves, and how far. */
	readonly plan: (busy: readonly Lane[]) => readonly Move<Lane>[];
	readonly onStep: (figures: StepFigures) => void;
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
	const { lanes, gate, clock, transfer } = deps;
	let waiting: Strand[] = [];
	let isInTurn = false;
	let wakeUp: (() => void) | null = null;

	const dropCancelled = (): void => {
		leaveCancelled(lanes);
		if (!waiting.some((strand) => strand.cancelled)) return;
		for (const strand of waiting) if (strand.cancelled) strand.drop();
		waiting = waiting.filter((strand) => !strand.cancelled);
	};
	const wake = (): void => {
		// Lanes that are frozen come free too.
		if (!isInTurn) dropCancelled();
		wakeUp?.();
		wakeUp = null;
	};

	const step = async (mayGoOn: MayGoOn): Promise<{ readonly tokens: number | null; readonly isIdle: boolean }> => {
		dropCancelled();
		const entered = await enterLanes(admit(waiting, lanes, transfer.pays), transfer, mayGoOn);
		waiting = waiting.filter((strand) => !entered.has(strand));
		if (!mayGoOn()) return { tokens: entered.size > 0 ? 0 : null, isIdle: false };
		const moves = deps.plan(busyOf(lanes));
		if (moves.length === 0) return { tokens: null, isIdle: true };
		const startedMs = clock.monotonicMs();
		const ended = await Promise.all(moves.map(async ({ lane, count }) => ({ lane, done: await lane.advance(count) })));
		for (const { lane, done } of ended) if (done) lane.leave();
		const tokens = moves.reduce((sum, { count }) => sum + count, 0);
		deps.onStep({ tokens, durationMs: clock.monotonicMs() - startedMs, isReading: tokens > moves.length });
		return { tokens, isIdle: false };
	};

	const run = async (): Promise<void> => {
		for (;;) {
			const asleep = new Promise<void>((resolve) => {
				wakeUp = resolve;
			});
			let isIdle = waiting.length === 0 && busyOf(lanes).length === 0;
			if (!isIdle) {
				await gate.turn(deps.priority, async (mayGoOn) => {
					isInTurn = true;
					const done = await step(mayGoOn);
					isInTurn = false;
					// The next turn may be far away, while the gate is closed.
					dropCancelled();
					isIdle = done.isIdle;
					return done.tokens;
				});
			}
			if (isIdle) await asleep;
		}
	};
	run().catch(deps.onFault);

	return {
		add(strand) {
			waiting.push(strand);
			wake();
		},
		wake,
		get busyLanes() {
			return busyOf(lanes).length;
		},
		get waiting() {
			return waiting.length;
		},
	};
}

function busyOf(lanes: readonly Lane[]): readonly Lane[] {
	return lanes.filter((lane) => lane.strand !== null);
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

/**
 * Puts the admitted into their lanes and tells who entered: copying takes its time, so batch work stops at it when somebody
 * needs the machine. Copies first: a donor may be free and about to be entered itself.
 */
async function enterLanes(
	admissions: readonly Admission<Strand, Lane>[],
	transfer: Transfer,
	mayGoOn: MayGoOn,
): Promise<ReadonlySet<Strand>> {
	const entered = new Set<Strand>();
	const enter = async ({ lane, waiting: strand }: Admission<Strand, Lane>, path: string | null): Promise<void> => {
		entered.add(strand);
		await lane.enter(strand, path);
	};
	for (const donor of new Set(admissions.map((admission) => admission.donor))) {
		if (donor === null || !mayGoOn()) continue;
		const takers = admissions.filter((admission) => admission.donor === donor);
		await transfer.lend(donor, donor.computed, async (path) => {
			for (const taker of takers) if (mayGoOn()) await enter(taker, path);
		});
	}
	const others = mayGoOn() ? admissions.filter((admission) => admission.donor === null) : [];
	await Promise.all(others.map((other) => enter(other, null)));
	return entered;
}
