/** Tells those who watch, the jobs and the log what became of a verdict: each only what is news to them. */
import type { Log } from "../base/base.ts";
import { createListeners } from "../base/base.ts";
import type { Verdict } from "../contract/contract.ts";
import type { Jobs } from "../jobs/jobs.ts";
import type { WorkPermit } from "../jobs/work-permit.ts";
import type { Scheduler } from "./scheduler.ts";

/** What it is made from. */
export interface TellerDeps {
	readonly jobs: Pick<Jobs, "attend">;
	readonly log: Log;
	readonly verdict: () => Verdict;
	readonly permit: () => WorkPermit;
}

/** Tells what is new. */
export interface Teller {
	/** Hears of every change of rung or reason. */
	readonly watch: Scheduler["watch"];
	/** Looks what is new since it was called last. */
	tell(): void;
}

/** Builds it; what holds now is known. */
export function createTeller({ jobs, log, verdict, permit }: TellerDeps): Teller {
	const listeners = createListeners<[Verdict]>();
	let known = { verdict: "", cause: "", permit: "" };

	return {
		watch: listeners.watch,
		tell() {
			const { rung, reason, causes } = verdict();
			const [first] = causes;
			const { isGranted, rehearses, keepsLeases } = permit();
			const before = known;
			known = {
				verdict: `${rung} ${reason}`,
				// Figures in words change at each look, and freezing is for the record of yields: neither is worth a line of the log.
				cause: first === undefined || first.rung === "freeze" ? "" : `${rung} ${first.kind}`,
				permit: `${isGranted} ${rehearses} ${keepsLeases}`,
			};
			if (known.permit !== before.permit) jobs.attend();
			if (known.cause !== before.cause) log.info({ rung, causes }, `batch work ${reason}`);
			if (known.verdict !== before.verdict) listeners.tell(verdict());
		},
	};
}
