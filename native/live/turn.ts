/** One live request with its model in memory: runs its parts, ends them, gives the model back. */
import { err, type Log, ok, type Result } from "../base/base.ts";
import type { EngineFailure, RunStart } from "../engine/engine.ts";
import type { Delta, EngineRequest, EngineResult } from "../engine/request.ts";
import type { HeldModel } from "../engine/residency.ts";
import type { LiveFailure, LiveListener, LiveModel, LiveResult, LiveTurn } from "./live.ts";

/** What a turn is made from. */
export interface TurnDeps {
	readonly held: HeldModel;
	readonly model: LiveModel;
	/** Ends everything that runs in the turn. */
	readonly signal: AbortSignal;
	readonly log: Log;
	/** Called once, when the turn is over and the model given back. */
	readonly onEnd: () => void;
}

/**
 * Runs of one request: a crash of the inference process must not be the client's problem, so what it held is run once more.
 * A second crash is this request's doing.
 */
const MOST_RUNS = 2;

/** Makes a turn. */
export function createTurn({ held, model, signal, log, onEnd }: TurnDeps): LiveTurn {
	const { engine, loaded } = held;
	const ending = new AbortController();
	const ended = AbortSignal.any([signal, ending.signal]);

	async function run(
		requests: readonly EngineRequest[],
		listener: LiveListener = {},
	): Promise<Result<LiveResult, LiveFailure>> {
		const ears = createEars(listener);
		for (let attempt = 1; ; attempt++) {
			const ran = await runOnce(requests, ears);
			if (ran.ok || ran.error.kind !== "process-died") return ran;
			if (attempt === MOST_RUNS || ears.heardDelta || ended.aborted) return ran;
			log.warn(
				{ model: model.name, detail: ran.error.detail },
				"the inference process ended; a live request is run again",
			);
		}
	}

	async function runOnce(requests: readonly EngineRequest[], ears: Ears): Promise<Result<LiveResult, EngineFailure>> {
		const others = new AbortController();
		const stopped = AbortSignal.any([ended, others.signal]);
		let failure: EngineFailure | null = null;
		const results: EngineResult[] = [];
		const running = requests.map(async (request, index) => {
			const onDelta = ears.onDelta;
			const result = await engine.run(request, {
				priority: "interactive",
				signal: stopped,
				onStart: ears.onStart,
				...(onDelta ? { onDelta: (delta: Delta) => onDelta(index, delta) } : {}),
			});
			if (result.ok) {
				results[index] = result.value;
				return;
			}
			// The ends of the others are this one's doing.
			failure ??= result.error;
			others.abort();
		});
		await Promise.all(running);
		return failure === null ? ok({ results }) : err(failure);
	}

	async function count(requests: readonly EngineRequest[]): Promise<Result<readonly number[], LiveFailure>> {
		const counted = await engine.countPromptTokens(requests);
		if (!counted.ok) return counted;
		const lengths: number[] = [];
		for (const length of counted.value) {
			// Whoever asks how long a prompt is wants to know it all the more where it is too long.
			if (length.ok) lengths.push(length.value);
			else if (length.error.kind === "context-exceeded") lengths.push(length.error.promptTokens);
			else return length;
		}
		return ok(lengths);
	}

	return {
		model,
		loaded,
		run,
		count,
		end() {
			if (ending.signal.aborted) return;
			ending.abort();
			held.release();
			onEnd();
		},
	};
}

/** What hears of all the runs of a request. */
interface Ears {
	/** Something was passed on that can't be taken back. */
	readonly heardDelta: boolean;
	readonly onStart: (start: RunStart) => void;
	readonly onDelta: ((request: number, delta: Delta) => void) | undefined;
}

/** Passes on the first start of all, and every delta where they are wanted. */
function createEars({ onStart, onDelta }: LiveListener): Ears {
	let heardStart = false;
	let heardDelta = false;
	return {
		get heardDelta() {
			return heardDelta;
		},
		onStart(start) {
			if (heardStart) return;
			heardStart = true;
			onStart?.(start);
		},
		onDelta:
			onDelta &&
			((request, delta) => {
				heardDelta = true;
				onDelta(request, delta);
			}),
	};
}
