import { err, ok, type Result } from "../base/base.ts";
import type { Engine, LoadedModel, LoadFailure, LoadOptions, ModelSource } from "../engine/engine.ts";

/** The right to use the loaded model until released; it is not swapped meanwhile. */
export interface HeldModel {
	readonly loaded: LoadedModel;
	release(): void;
}

/** Lets several users share the one loaded model and makes a swap wait until nobody needs the old one. */
export interface ModelSlot {
	/** Waits until users of another model are done, loads if needed. First come, first served, so no model starves. */
	acquire(source: ModelSource): Promise<Result<HeldModel, LoadFailure>>;
	/** Like acquire, but null at once when another model is in use or waited for. */
	tryAcquire(source: ModelSource): Promise<Result<HeldModel, LoadFailure>> | null;
	/** Whether tryAcquire would not be refused now. */
	isFree(source: ModelSource): boolean;
}

/**
 * Loads tried when the inference process dies on the way: somebody or the system killed it, which says nothing of the model. A
 * model that takes the process down itself does so each time and is given up after the last.
 */
const MOST_LOAD_ATTEMPTS = 5;

/** Builds the slot over an engine that nobody else loads models into. */
export function createModelSlot(engine: Pick<Engine, "load">, options: LoadOptions): ModelSlot {
	let path: string | null = null;
	let users = 0;
	let waiting: (() => void)[] = [];

	const fits = (source: ModelSource) => users === 0 || path === source.path;
	const isFree = (source: ModelSource) => fits(source) && waiting.length === 0;

	function release(): void {
		users--;
		if (users > 0) return;
		const woken = waiting;
		waiting = [];
		for (const wake of woken) wake();
	}

	async function loadStubbornly(source: ModelSource): Promise<Result<LoadedModel, LoadFailure>> {
		for (let attempt = 1; ; attempt++) {
			const loading = await engine.load(source, options);
			if (loading.ok || loading.error.kind !== "process-died" || attempt === MOST_LOAD_ATTEMPTS) return loading;
		}
	}

	async function take(source: ModelSource): Promise<Result<HeldModel, LoadFailure>> {
		users++;
		path = source.path;
		const loading = await loadStubbornly(source);
		if (!loading.ok) {
			release();
			return err(loading.error);
		}
		let released = false;
		return ok({
			loaded: loading.value,
			release() {
				if (released) return;
				released = true;
				release();
			},
		});
	}

	return {
		async acquire(source) {
			// A user of the loaded model still queues behind somebody who waits for another one.
			while (!fits(source) || (users > 0 && waiting.length > 0)) {
				await new Promise<void>((resolve) => waiting.push(resolve));
			}
			return take(source);
		},
		tryAcquire: (source) => (isFree(source) ? take(source) : null),
		isFree,
	};
}
