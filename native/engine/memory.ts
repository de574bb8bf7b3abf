/**
 * The models in memory, and the two ways they move: in and out. Owns the list and the engines behind it. Must never decide
 * which model moves.
 */
import type { Clock, Log } from "../base/base.ts";
import type { Engine, LoadOptions } from "./engine.ts";
import type { Gates } from "./gates.ts";
import type { Seeker } from "./queue.ts";
import { createResident, type Resident } from "./resident.ts";
import type { Want } from "./room-plan.ts";

/** What the memory needs. */
export interface MemoryDeps {
	/** An engine of its own for each model. */
	readonly createEngine: () => Engine;
	/** How a model is loaded that has the memory to itself. */
	readonly load: LoadOptions;
	readonly clock: Clock;
	readonly log: Log;
}

/** Who is told of moves. */
export interface MemoryEvents {
	readonly gates: Gates;
	/** A model came or went, or was let go of. */
	readonly onChange: () => void;
	/** These waited for a model that does not come now. */
	readonly onPutBack: (seekers: readonly Seeker[]) => void;
}

/** The models in memory. */
export interface Memory {
	/** Idle ones first, since the others are used this very moment; among them the one used longest ago. */
	readonly residents: readonly Resident[];
	/** It was tried beside those that are here, and none of them has left since. */
	isTooBig(want: Want): boolean;
	/** Loads a model for a seeker; `beside`: others stay. */
	bringIn(seeker: Seeker, beside: boolean): void;
	/** Ends a model: who waits for its load is put back, who has it is told to hand it back. */
	takeOut(resident: Resident): void;
	/** Ends all; resolves when their memory is free. */
	clear(): Promise<void>;
}

/** An empty memory. */
export function createMemory(deps: MemoryDeps, { gates, onChange, onPutBack }: MemoryEvents): Memory {
	const tooBig = new Set<string>();
	let residents: readonly Resident[] = [];

	/**
	 * Its users need not have let go: their work ends with the process, and a live request must not wait for what they still do,
	 * such as recording results on a disk that is full.
	 */
	async function end(resident: Resident): Promise<void> {
		resident.callBack();
		await resident.engine.stop();
		residents = residents.filter((other) => other !== resident);
		tooBig.clear();
	}

	async function load(seeker: Seeker, resident: Resident): Promise<void> {
		const outcome = await resident.load();
		if (outcome === null) return;
		if (!outcome.ok) {
			const waited = resident.leave();
			await end(resident);
			if (resident.options.beside && outcome.error.kind === "out-of-memory") {
				deps.log.info(
					{ model: seeker.source.name, reason: outcome.error.message },
					"no room beside the model in memory",
				);
				tooBig.add(keyOf(seeker));
				onPutBack(waited);
			} else for (const each of waited) each.settle(outcome);
		}
		onChange();
	}

	async function bury(resident: Resident): Promise<void> {
		const isWorking = resident.phase === "ready" && !resident.isBroken && resident.batchUsers > 0;
		onPutBack(resident.leave());
		deps.log.info({ model: resident.source.name, batchUsers: resident.batchUsers }, "a model leaves the memory");
		if (isWorking) await gates.bury(resident.engine);
		await end(resident);
		onChange();
	}

	return {
		get residents() {
			return inOrderOfUse(residents);
		},
		isTooBig: (want) => tooBig.has(keyOf(want)),
		bringIn(seeker, beside) {
			// Beside a batch's model a live one takes as little as it can.
			const lanes = beside && seeker.use === "interactive" ? 0 : deps.load.lanes;
			const engine = deps.createEngine();
			gates.admit(engine);
			const options = { ...deps.load, lanes, beside };
			const resident = createResident({
				source: seeker.source,
				options,
				engine,
				clock: deps.clock,
				onReleased: onChange,
			});
			residents = [...residents, resident];
			resident.join(seeker);
			void load(seeker, resident);
		},
		takeOut: (resident) => void bury(resident),
		async clear() {
			for (const resident of residents) onPutBack(resident.leave());
			await Promise.all(residents.map(end));
		},
	};
}

function inOrderOfUse(residents: readonly Resident[]): readonly Resident[] {
	const isUsed = (one: Resident) => (one.batchUsers + one.interactiveUsers > 0 ? 1 : 0);
	return residents.toSorted((a, b) => isUsed(a) - isUsed(b) || a.lastUseMs - b.lastUseMs);
}

function keyOf({ source, use }: Want): string {
	return `${use} ${source.path}`;
}
