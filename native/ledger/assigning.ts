import type { Batches } from "./batches.ts";
import type { Leases } from "./leases.ts";
import type { Ledger } from "./ledger.ts";

/** Takes what another machine says this one is to work on. */
export function createAssigning(deps: {
	batches: Batches;
	leases: Leases;
}): Pick<Ledger, "restrict" | "assign" | "withdraw" | "openOf"> {
	const { batches, leases } = deps;
	return {
		restrict: (isRestricted) => leases.restrict(isRestricted),
		assign(batchId, sliceId, lines) {
			const { number, total } = batches.facts(batchId);
			leases.slices.assign(number, total, sliceId, lines);
		},
		withdraw: (sliceId, lines) => leases.slices.withdraw(sliceId, lines),
		openOf: (sliceId) => leases.slices.openOf(sliceId),
	};
}
