/**
 * Tasks in the loop, each run once for all who ask for the same. Owns which task serves which shared run. Must never know
 * who asks.
 */
import type { Result } from "../../base/base.ts";
import type { EngineFailure } from "../engine.ts";
import type { GenerateResult } from "../request.ts";
import type { Strand } from "./lane.ts";
import { createSharing, type SharedRun, shareKey } from "./share.ts";
import { type CheckedRequest, createTask, type Task, type TaskDeps, type TaskListener } from "./task.ts";

type Outcome = Result<GenerateResult, EngineFailure>;

/** What running tasks needs. */
export interface SharedTasksDeps {
	/** Puts an answer to be made where its lanes are. */
	readonly add: (strand: Strand) => void;
	readonly task: TaskDeps;
	/** Told of each result once, however many share it. */
	readonly onResult: (result: GenerateResult) => void;
}

/** Tasks under way. */
export interface SharedTasks {
	/** Starts a task or joins one that computes the same; gives the way out, after which the listener hears no more. */
	join(checked: CheckedRequest, listener: TaskListener): () => void;
}

/** No tasks yet. */
export function createSharedTasks(deps: SharedTasksDeps): SharedTasks {
	const sharing = createSharing<Outcome>();
	const tasks = new Map<SharedRun<Outcome>, Task>();

	const start = (run: SharedRun<Outcome>, checked: CheckedRequest, listener: TaskListener): void => {
		const task = createTask(deps.task, checked, {
			priority: listener.priority,
			onStart: run.start,
			onDelta: listener.onDelta,
			onEnd(result) {
				tasks.delete(run);
				if (result.ok) deps.onResult(result.value);
				run.end(result);
			},
		});
		tasks.set(run, task);
		for (const strand of task.strands) deps.add(strand);
	};

	return {
		join(checked, listener) {
			const key = shareKey(checked.request, listener.priority, listener.onDelta !== null);
			const shared = sharing.find(key);
			const run = shared ?? sharing.open(key);
			const leave = run.join(listener);
			if (shared === null) start(run, checked, listener);
			return () => {
				if (leave()) tasks.get(run)?.cancel();
			};
		},
	};
}
