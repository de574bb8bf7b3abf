/**
 * Keeps the queue for models and takes one step at a time, as `planStep` says, until the first in it must wait. Must never
 * decide by itself who goes first or who leaves.
 */
import { assertNever, err } from "../base/base.ts";
import type { ModelSource } from "./engine.ts";
import { createGates } from "./gates.ts";
import { createMemory, type Memory, type MemoryDeps } from "./memory.ts";
import { type Acquired, createQueue, type Entry, type Queue, type Seeker } from "./queue.ts";
import type { Residency, ResidentModel } from "./residency.ts";
import type { Resident } from "./resident.ts";
import { planStep, type Step, type Want } from "./room-plan.ts";

/** What the residency needs. */
export interface ResidencyDeps extends MemoryDeps {
	/** Most models in memory. */
	readonly mostModels: number;
	/** How long a model stays after its last live user before it makes room for a batch's; `LIVE_KEEP_MS` by default. */
	readonly liveKeepMs?: number;
}

/** A conversation pauses this long between two questions; swapping sooner would make its next one wait for a load. */
export const LIVE_KEEP_MS = 60_000;

/** An empty memory. */
export function createResidency(deps: ResidencyDeps): Residency {
	const gates = createGates(deps.clock);
	/** Those that leave have been frozen for good, and what they lose is counted. */
	const stayingEngines = () => memory.residents.filter(({ phase }) => phase !== "leaving").map(({ engine }) => engine);
	const queue = createQueue((seeker) => {
		for (const resident of memory.residents) resident.withdraw(seeker);
		attend();
	});
	const memory = createMemory(deps, { gates, onChange: attend, onPutBack: queue.putBack });
	let isStopped = false;
	let quietTimer: NodeJS.Timeout | undefined;

	const plan = (want: Want): Step<Resident> =>
		planStep(want, {
			occupants: memory.residents,
			mostModels: deps.mostModels,
			liveKeepMs: deps.liveKeepMs ?? LIVE_KEEP_MS,
			areGatesClosed: gates.areClosed,
			nowMs: deps.clock.monotonicMs(),
			isTooBig: memory.isTooBig(want),
		});

	function attend(): void {
		clearTimeout(quietTimer);
		if (isStopped) queue.endAll();
		for (let seeker = queue.first; seeker !== null; seeker = queue.first) {
			const step = plan(seeker);
			if (takeStep(seeker, step, { queue, memory })) continue;
			if (step.kind === "wait" && step.untilMs !== null) {
				quietTimer = setTimeout(attend, Math.max(0, step.untilMs - deps.clock.monotonicMs()));
			}
			return;
		}
	}

	function enter(entry: Entry): Promise<Acquired> {
		const acquired = queue.add(entry);
		attend();
		return acquired;
	}

	function isFree(source: ModelSource): boolean {
		if (isStopped || queue.first !== null) return false;
		const { kind } = plan({ source, use: "batch" });
		return kind === "join" || kind === "load" || kind === "clear";
	}

	return {
		async acquire(source, use, signal) {
			if (use === "interactive" && deps.load.interactiveLanes === 0) {
				throw new Error("A live request wants a model, but models are loaded without lanes for live requests.");
			}
			return isStopped || signal?.aborted ? err({ kind: "aborted" }) : enter({ source, use, isPatient: true, signal });
		},
		tryAcquire: (source) => (isFree(source) ? enter({ source, use: "batch", isPatient: false }) : null),
		isFree,
		get models() {
			return memory.residents.map(describe);
		},
		get freezing() {
			return gates.freezing;
		},
		closeGates: (sinceMs) => gates.close(stayingEngines(), sinceMs),
		openGates() {
			const thawed = gates.open(stayingEngines());
			attend();
			return thawed;
		},
		async stop() {
			isStopped = true;
			const cleared = memory.clear();
			attend();
			await cleared;
		},
	};
}

/** Whether the queue is to be looked at again at once. */
function takeStep(seeker: Seeker, step: Step<Resident>, { queue, memory }: { queue: Queue; memory: Memory }): boolean {
	switch (step.kind) {
		case "join":
			queue.remove(seeker);
			step.occupant.join(seeker);
			return true;
		case "load":
			queue.remove(seeker);
			memory.bringIn(seeker, step.beside);
			return true;
		case "clear":
			memory.takeOut(step.occupant);
			return true;
		case "busy":
			return false;
		case "wait":
			if (seeker.isPatient) return false;
			queue.remove(seeker);
			seeker.settle(err({ kind: "aborted" }));
			return true;
		default:
			return assertNever(step);
	}
}

function describe({ source, engine, phase, batchUsers, interactiveUsers }: Resident): ResidentModel {
	return {
		source,
		state: engine.state,
		processId: engine.processId,
		isLeaving: phase === "leaving",
		batchUsers,
		interactiveUsers,
	};
}
