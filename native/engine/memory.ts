/**
 * The models in memory, and the two ways they move: in and out. Owns the list and the engines behind it. Must never decide
 * which model moves.
 */
import type { Clock, Log } from "../base/base.ts";
import type { Engine, LoadOptions } from "./engine.ts";
import { fittingLadder, type SettleFor } from "./fitting.ts";
import type { Gates } from "./gates.ts";
import { giveBack } from "./give-back.ts";
import type { Seeker } from "./queue.ts";
import type { SuspendReport, SuspendScope } from "./residency.ts";
import { createResident, type Resident } from "./resident.ts";
import type { Step } from "./room-plan.ts";
import type { Shortage } from "./shortage.ts";

/** What the memory needs. */
export interface MemoryDeps {
	/** An engine of its own for each model. */
	readonly createEngine: () => Engine;
	/** How a model is loaded that has the memory to itself. */
	readonly load: LoadOptions;
	/** What a model settles for where that does not fit; asked at each load. */
	readonly settleFor: () => SettleFor;
	readonly clock: Clock;
	readonly log: Log;
}

/** Who is told of moves. */
export interface MemoryEvents {
	readonly gates: Gates;
	readonly shortage: Shortage;
	/** A model came or went, or was let go of. */
	readonly onChange: () => void;
	/** These waited for a model that does not come now. */
	readonly onPutBack: (seekers: readonly Seeker[]) => void;
}

/** How a model is brought in. */
export type Arrival = Pick<Extract<Step<Resident>, { kind: "load" }>, "beside" | "liveOnly">;

/** The models in memory. */
export interface Memory {
	/** Idle ones first, since the others are used this very moment; among them the one used longest ago. */
	readonly residents: readonly Resident[];
	/** Loads a model for a seeker. */
	bringIn(seeker: Seeker, arrival: Arrival): void;
	/** Ends a model: who waits for its load is put back, who has it is told to hand it back. */
	takeOut(resident: Resident): void;
	/** Ends what no live request uses, at once, and stops batch work in what stays; `batch`: of those that serve batch work. */
	giveBack(scope: SuspendScope): Promise<SuspendReport>;
	/** Batch work may use again what stayed. */
	takeBack(): void;
	/** Batch steps take at most this part of the time, in models that come later too. */
	setBatchShare(fraction: number): void;
	/** Ends all; resolves when their memory is free. */
	clear(): Promise<void>;
}

/** An empty memory. */
export function createMemory(deps: MemoryDeps, { gates, shortage, onChange, onPutBack }: MemoryEvents): Memory {
	let residents: readonly Resident[] = [];
	let batchShare = 1;

	/**
	 * Its users need not have let go: their work ends with the process, and a live request must not wait for what they still do,
	 * such as recording results on a disk that is full.
	 */
	async function end(resident: Resident): Promise<void> {
		resident.callBack();
		await resident.engine.stop();
		residents = residents.filter((other) => other !== resident);
		shortage.noteEnd();
	}

	async function load(seeker: Seeker, resident: Resident): Promise<void> {
		const outcome = await resident.load();
		if (outcome === null) return;
		if (outcome.ok) shortage.forget(resident.source);
		else {
			const waited = resident.leave();
			await end(resident);
			onPutBack(shortage.settle({ first: seeker, waited, beside: resident.options.beside, failure: outcome.error }));
		}
		onChange();
	}

	function dismiss(resident: Resident): void {
		deps.log.info({ model: resident.source.name, batchUsers: resident.batchUsers }, "a model leaves the memory");
		onPutBack(resident.leave());
	}

	async function bury(resident: Resident): Promise<void> {
		const wasReady = resident.phase === "ready";
		// What a suspend stopped is counted already.
		const isWorking = wasReady && !resident.isBroken && !resident.isDue && resident.batchUsers > 0;
		dismiss(resident);
		if (isWorking) await gates.bury(resident.engine);
		await end(resident);
		if (wasReady) shortage.hurry();
		onChange();
	}

	return {
		get residents() {
			return inOrderOfUse(residents);
		},
		bringIn(seeker, { beside, liveOnly }) {
			const engine = deps.createEngine();
			gates.admit(engine);
			if (batchShare < 1) engine.setBatchShare(batchShare);
			const wanted = { ...deps.load, lanes: liveOnly ? 0 : deps.load.lanes, beside };
			const { source } = seeker;
			const ladder = fittingLadder(wanted, deps.settleFor());
			const resident = createResident({ source, ladder, engine, clock: deps.clock, onReleased: onChange });
			residents = [...residents, resident];
			resident.join(seeker);
			void load(seeker, resident);
		},
		takeOut: (resident) => void bury(resident),
		async giveBack(scope) {
			const meant = residents.filter(({ servesBatch }) => scope === "all" || servesBatch);
			const report = await giveBack(meant, { gates, dismiss, onPutBack, end });
			onChange();
			return report;
		},
		takeBack() {
			for (const resident of residents.filter(({ isDue }) => isDue)) {
				resident.standUp();
				gates.unstill(resident.engine);
			}
		},
		setBatchShare(fraction) {
			batchShare = fraction;
			for (const { engine } of residents) engine.setBatchShare(fraction);
		},
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
