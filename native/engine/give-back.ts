/**
 * How batch work gives the memory back: at once, whatever it is doing. Owns the count of what that costs. Must never wait for
 * a step in flight, which may take seconds on a slow processor.
 */
import type { Engine } from "./engine.ts";
import type { Gates } from "./gates.ts";
import type { Seeker } from "./queue.ts";
import type { SuspendReport } from "./residency.ts";
import type { Resident } from "./resident.ts";

/** How models are let go of. */
export interface GiveBackDeps {
	readonly gates: Pick<Gates, "still">;
	/** Nobody gets it any more. */
	readonly dismiss: (resident: Resident) => void;
	/** These waited for a model that does not come now. */
	readonly onPutBack: (seekers: readonly Seeker[]) => void;
	/** Ends its process; resolves when the memory is free. */
	readonly end: (resident: Resident) => Promise<void>;
}

type Held = Pick<SuspendReport, "lanes" | "lostTokens">;

/** A process that does not answer by then is busy with something else, and the memory is wanted now. */
const LONGEST_COUNT_MS = 200;

/** Ends all models but those that answer a live request; resolves when their processes have ended. */
export async function giveBack(residents: readonly Resident[], deps: GiveBackDeps): Promise<SuspendReport> {
	const staying = residents.filter((one) => one.phase !== "leaving" && one.interactiveUsers > 0);
	const going = residents.filter((one) => !staying.includes(one));
	const processes = going.filter(({ engine }) => engine.processId !== null).length;
	// Asked before users are told, so that what they give up is still there when the question arrives. What leaves already is
	// counted by whoever sent it away.
	const asked = residents.filter(({ phase, batchUsers }) => phase === "ready" && batchUsers > 0);
	const counting = asked.map(({ engine }) => countHeld(engine));
	for (const one of staying) {
		deps.gates.still(one.engine);
		deps.onPutBack(one.standDown());
	}
	for (const one of going) {
		if (one.phase !== "leaving") deps.dismiss(one);
		one.callBack();
	}
	const counts = await Promise.all(counting);
	await Promise.all(going.map(deps.end));
	const sum = (pick: (held: Held) => number) => counts.reduce((total, held) => total + pick(held), 0);
	return {
		processes,
		lanes: sum(({ lanes }) => lanes),
		lostTokens: sum(({ lostTokens }) => lostTokens),
		staying: staying.length,
	};
}

async function countHeld(engine: Engine): Promise<Held> {
	const { promise: late, resolve } = Promise.withResolvers<Held>();
	// Of one that does not answer it is known which lanes it had, but not how far they were.
	const known: Held = { lanes: engine.batchInLanes, lostTokens: 0 };
	const timer = setTimeout(() => resolve(known), LONGEST_COUNT_MS);
	const counted = engine
		.counters()
		.then(({ batchLanes, batchLaneTokens }): Held => ({ lanes: batchLanes, lostTokens: batchLaneTokens }));
	const held = await Promise.race([counted, late]);
	clearTimeout(timer);
	return held;
}
