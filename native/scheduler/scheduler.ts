/**
 * When work may run on this machine. Owns stepping aside for the machine's owner, and the record of every time it happened. Must
 * never run work itself, and never look into a request.
 *
 * So far it knows one rung of the ladder (design 6): live requests freeze batch work where it stands.
 */
import type { Yield, YieldCause } from "../contract/contract.ts";

/** A stay of the owner: from the arrival of a request to its end. */
export interface Visit {
	/** The machine did real work for it, so quiet time is kept after. Without this the batch goes on at once. */
	worked(): void;
	/** It is over. Only the first call counts. */
	leave(): void;
}

/** Batch work steps aside while there are visits, and for a quiet time after the last. */
export interface StepAside {
	/** Freezes batch work now. Call it as early as the arrival is known: before a body is read. */
	arrive(cause: YieldCause): Visit;
	/** Whether batch work is frozen now, and why. */
	readonly isAside: boolean;
	/** The last yields, oldest first; the one under way is not among them. */
	readonly yields: readonly Yield[];
	/** Yields since the service was installed, and batch tokens recomputed because of them. */
	readonly totals: { readonly count: number; readonly frozenMs: number; readonly recomputedTokens: number };
	/** Opens the gate for good and writes down what is not yet written. */
	stop(): Promise<void>;
}
