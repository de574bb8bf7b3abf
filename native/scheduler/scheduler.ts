/**
 * When batch work may run on this machine, and how far it steps back otherwise (design 6). Owns the rules, stepping aside for the
 * machine's owner, the loop that carries verdicts out, and the record of every time work gave way. Must never run work itself,
 * never look at hardware itself, and never look into a request.
 *
 * Rules are pure (`rules/`): facts in, findings out. `settle.ts` turns findings over time into a verdict that does not flap. The
 * conductor carries it out: it stops inference, lets it come back, slows it, and keeps the computer awake.
 */
import type { Result } from "../base/base.ts";
import type { Rest, RestRequest, Verdict, Yield, YieldCause } from "../contract/contract.ts";
import type { WorkPermit } from "../jobs/work-permit.ts";
import type { WakeAnswer } from "../machine/machine.ts";

/** A stay of the owner: from the arrival of a request to its end. */
export interface Visit {
	/** The machine did real work for it, so quiet time is kept after. Without this the batch goes on at once. */
	worked(): void;
	/** It is over. Only the first call counts. */
	leave(): void;
}

/** A freeze under way. */
export interface PresentStay {
	readonly cause: YieldCause;
	/** Unix milliseconds. */
	readonly sinceMs: number;
	/** How long handing over took; null: it is not done yet, or there was nothing to hand over. */
	readonly handBackMs: number | null;
}

/** Batch work steps aside while there are visits, and for a quiet time after the last. */
export interface StepAside {
	/** Freezes batch work now. Call it as early as the arrival is known: before a body is read. */
	arrive(cause: YieldCause): Visit;
	/** Whether batch work is frozen now, and why. */
	readonly isAside: boolean;
	/** The visit that froze it; null: it is not frozen. */
	readonly present: PresentStay | null;
	/** Calls the listener whenever `present` begins, changes or ends. Answers a function that ends it. */
	watch(listener: () => void): () => void;
	/** The last yields, oldest first; the one under way is not among them. */
	readonly yields: readonly Yield[];
	/** Yields since the service was installed, and batch tokens recomputed because of them. */
	readonly totals: { readonly count: number; readonly frozenMs: number; readonly recomputedTokens: number };
	/** Opens the gate for good and writes down what is not yet written. */
	stop(): Promise<void>;
}

/** Why the owner's word could not be written down: it holds all the same, but a restart forgets it. */
export interface RestFault {
	readonly kind: "not-written";
	readonly message: string;
}

/** Decides whether batch work may run, again and again, and sees to it. */
export interface Scheduler {
	readonly verdict: Verdict;
	readonly rest: Rest;
	/** What the jobs ask. Granted while work is frozen: what stands still is not taken from the memory. */
	permit(): WorkPermit;
	/** Whether the computer could last be kept awake, or woken, as was wished; null: nothing was wished yet. */
	readonly wakeAnswer: WakeAnswer | null;
	/** Hears of every change of rung or reason. Answers a function that ends it. */
	watch(listener: (verdict: Verdict) => void): () => void;
	/** The owner's word: in force at once; on disk, and work stopped or let go, when it resolves. */
	setRest(request: RestRequest): Promise<Result<Rest, RestFault>>;
	/** Begins; before that nothing may run but what `runs here and now`. */
	start(): void;
	/** Nothing may run any more. Writes down what is not yet written and lets the computer sleep. */
	stop(): Promise<void>;
}
