/**
 * Builds the residency: the queue for models, the memory, and the picture of both that the rules of `room-plan.ts` look at. Must
 * never decide by itself who goes first or who leaves.
 */
import { err } from "../base/base.ts";
import { createAttendant } from "./attendant.ts";
import type { ModelSource } from "./engine.ts";
import { createGates } from "./gates.ts";
import { createMemory, type MemoryDeps } from "./memory.ts";
import { type Acquired, createQueue, type Entry } from "./queue.ts";
import type { Residency, ResidentModel, ShortOfMemory } from "./residency.ts";
import type { Resident } from "./resident.ts";
import { planDeparture, planStep, type Want } from "./room-plan.ts";
import { createShortage } from "./shortage.ts";
import { createSuspension } from "./suspension.ts";

/** What the residency needs. */
export interface ResidencyDeps extends MemoryDeps {
	/** Most models in memory. */
	readonly mostModels: number;
	/** How long a model stays after its last live user before it makes room for a batch's; `LIVE_KEEP_MS` by default. */
	readonly liveKeepMs?: number;
}

/** A conversation pauses this long between two questions; swapping sooner would make its next one wait for a load. */
export const LIVE_KEEP_MS = 60_000;

/**
 * The same while batch work is suspended: somebody else wants the memory, and who asks again within a few seconds, as an editor
 * does, is spared the load.
 */
export const SUSPENDED_KEEP_MS = 10_000;

/** An empty memory. */
export function createResidency(deps: ResidencyDeps): Residency {
	const gates = createGates(deps.clock);
	const shortage = createShortage(deps);
	/** Those that leave have been frozen for good, and what they lose is counted. */
	const stayingEngines = () => memory.residents.filter(({ phase }) => phase !== "leaving").map(({ engine }) => engine);
	const queue = createQueue((seeker) => {
		for (const resident of memory.residents) resident.withdraw(seeker);
		attend();
	});
	const memory = createMemory(deps, { gates, shortage, onChange: () => attend(), onPutBack: queue.putBack });
	let isStopped = false;
	const suspension = createSuspension({ memory, shortage, onChange: () => attend() });

	const look = () => ({
		occupants: memory.residents,
		mostModels: deps.mostModels,
		liveKeepMs: deps.liveKeepMs ?? LIVE_KEEP_MS,
		areGatesClosed: gates.areClosed,
		isSuspended: suspension.isSuspended,
		suspendedKeepMs: suspension.scope === "batch" ? null : SUSPENDED_KEEP_MS,
		nowMs: deps.clock.monotonicMs(),
	});
	const plan = (want: Want) =>
		planStep(want, { ...look(), isTooBig: shortage.isTooBig(want), notBeforeMs: shortage.nextTryMs(want) });
	const attend = createAttendant({
		queue,
		memory,
		clock: deps.clock,
		isOver: () => isStopped,
		plan,
		planDeparture: () => planDeparture(look()),
	});

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
		suspend: suspension.suspend,
		resume: suspension.resume,
		get isSuspended() {
			return suspension.isSuspended;
		},
		renew() {
			for (const resident of memory.residents) resident.outdate();
			attend();
		},
		setBatchShare: memory.setBatchShare,
		get shortOfMemory() {
			return shortage.firstOf(queue.all) ?? shortOnRestart(memory.residents);
		},
		async stop() {
			isStopped = true;
			const cleared = memory.clear();
			attend();
			await cleared;
		},
	};
}

/** A batch's model that was up, whose process went, and that finds too little memory to come up again. */
function shortOnRestart(residents: readonly Resident[]): ShortOfMemory | null {
	for (const { engine, batchUsers, source } of residents) {
		const { state } = engine;
		if (state.kind !== "restarting" || state.outOfMemory === undefined || batchUsers === 0) continue;
		return { model: source.name, attempts: state.attempt - 1, ...state.outOfMemory };
	}
	return null;
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
