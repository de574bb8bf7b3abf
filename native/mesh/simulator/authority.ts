import { type CoreState, compareEpochs, type Epoch, epochName } from "../core/core.ts";
import type { Machine } from "./machine.ts";
import { Violation } from "./violation.ts";

/** I1, epoch uniqueness, and I2, fencing. */
export interface AuthorityCheck {
	/** A machine acts as host under an epoch from now on: nobody else ever did, nor itself at another time. */
	tookOffice(machine: Machine, epoch: Epoch): void;
	/** A worker took a grant: never of an earlier host than the one before, or one it knows. */
	tookGrant(machine: Machine, before: CoreState, epoch: Epoch): void;
	/** A machine started: what it took before, it may not remember. */
	started(machine: Machine): void;
}

/** Has seen nothing yet. */
export function createAuthorityCheck(): AuthorityCheck {
	const tenures = new Map<string, string>();
	const granted = new Map<string, Epoch>();
	return {
		tookOffice({ device, incarnation }, epoch) {
			const name = epochName(epoch);
			const tenure = `${device} at start ${incarnation}`;
			const other = tenures.get(name);
			if (other !== undefined) throw new Violation(`I1: epoch ${name} is used by ${tenure} and was by ${other}`);
			tenures.set(name, tenure);
		},
		tookGrant({ device }, { maxEpoch }, epoch) {
			const last = granted.get(device) ?? epoch;
			if (compareEpochs(epoch, maxEpoch ?? epoch) < 0 || compareEpochs(epoch, last) < 0) {
				throw new Violation(`I2: ${device} takes a grant of ${epochName(epoch)} though it knows of a later host`);
			}
			granted.set(device, epoch);
		},
		started: ({ device }) => granted.delete(device),
	};
}
