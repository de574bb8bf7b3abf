import { assertNever } from "../base/base.ts";
import type { EngineState } from "../engine/engine.ts";
import type { BatchRecord } from "../ledger/ledger.ts";
import type { BatchProgress } from "./jobs.ts";
import type { Rates } from "./rates.ts";

/** What is known of a batch beyond its record. */
export interface ProgressFacts {
	/** Null unless its lines run right now. */
	readonly rates: Rates | null;
	readonly engine: EngineState;
	/** Whether it is being validated or worked on right now. */
	readonly isInHand: boolean;
	readonly trouble: string | null;
}

/** Puts a batch's progress together from its record and what is going on. */
export function describeProgress(batch: BatchRecord, facts: ProgressFacts): BatchProgress {
	const linesPerSecond = facts.rates?.linesPerSecond() ?? 0;
	const left = batch.total - batch.completed - batch.failed;
	return {
		batch,
		linesPerSecond,
		tokensPerSecond: facts.rates?.tokensPerSecond() ?? 0,
		secondsLeft: linesPerSecond > 0 ? left / linesPerSecond : null,
		activity: facts.trouble ?? describeActivity(batch, facts),
		trouble: facts.trouble,
	};
}

function describeActivity({ status }: BatchRecord, { engine, isInHand }: ProgressFacts): string {
	if (isInHand && engine.kind === "loading") return `loading ${engine.source.name}`;
	if (isInHand && engine.kind === "restarting") return "starting the inference process again";
	switch (status) {
		case "validating":
			return isInHand ? "checking every line" : "waiting to be checked";
		case "in_progress":
			return isInHand ? "working" : "waiting for its turn";
		case "finalizing":
			return "writing the results";
		case "cancelling":
			return "stopping";
		case "failed":
		case "completed":
		case "expired":
		case "cancelled":
			return status;
		default:
			return assertNever(status);
	}
}
