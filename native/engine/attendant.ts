/**
 * Takes one step at a time, as the rules of `room-plan.ts` say, until who is first in the queue must wait and nothing is left to
 * leave. Owns when the rules are asked again though nothing happened. Must never decide by itself who goes first or who leaves.
 */
import { assertNever, type Clock, err } from "../base/base.ts";
import type { Memory } from "./memory.ts";
import type { Queue, Seeker } from "./queue.ts";
import type { Resident } from "./resident.ts";
import type { Departure, Step } from "./room-plan.ts";

/** What an attendant needs. */
export interface AttendantDeps {
	readonly queue: Queue;
	readonly memory: Memory;
	readonly clock: Clock;
	/** Nobody gets a model any more. */
	readonly isOver: () => boolean;
	/** The next step towards what is wanted. */
	readonly plan: (seeker: Seeker) => Step<Resident>;
	/** What leaves though nobody wants its place. */
	readonly planDeparture: () => Departure<Resident>;
}

/** Looks at the memory and the queue; to be called whenever something changed, and then it looks again when time alone changes it. */
export type Attend = () => void;

/** Makes the attendant. */
export function createAttendant({ queue, memory, clock, isOver, plan, planDeparture }: AttendantDeps): Attend {
	let timer: NodeJS.Timeout | undefined;

	function attend(): void {
		if (isOver()) queue.endAll();
		const moments = [takeDepartures(), takeSteps()].filter((untilMs) => untilMs !== null);
		clearTimeout(timer);
		if (moments.length === 0) return;
		timer = setTimeout(attend, Math.max(0, Math.min(...moments) - clock.monotonicMs()));
	}

	/** Answers when to look again; null: when something happens. */
	function takeDepartures(): number | null {
		let departure = planDeparture();
		for (; departure.kind === "clear"; departure = planDeparture()) memory.takeOut(departure.occupant);
		return departure.untilMs;
	}

	/** The same for those who wait. */
	function takeSteps(): number | null {
		for (let seeker = queue.first; seeker !== null; seeker = queue.first) {
			const step = plan(seeker);
			if (!takeStep(seeker, step, queue, memory)) return step.kind === "wait" ? step.untilMs : null;
		}
		return null;
	}

	return attend;
}

/** Whether the queue is to be looked at again at once. */
function takeStep(seeker: Seeker, step: Step<Resident>, queue: Queue, memory: Memory): boolean {
	switch (step.kind) {
		case "join":
			queue.remove(seeker);
			step.occupant.join(seeker);
			return true;
		case "load":
			queue.remove(seeker);
			memory.bringIn(seeker, step);
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
