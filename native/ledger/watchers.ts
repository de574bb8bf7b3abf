import type { Ledger } from "./ledger.ts";
import type { LedgerChange } from "./records.ts";
import type { LedgerLog } from "./sqlite-ledger.ts";

/** Those who want to hear of changes. */
export interface Watchers extends Pick<Ledger, "watch"> {
	announce(changes: readonly LedgerChange[]): void;
}

/** Nobody listens yet; `log` hears of listeners that fail. */
export function createWatchers(log: LedgerLog): Watchers {
	const listeners = new Set<(change: LedgerChange) => void>();
	return {
		watch(listener) {
			// Wrapped, so that one function given twice is heard twice and ended one by one.
			const own = (change: LedgerChange): void => listener(change);
			listeners.add(own);
			return () => void listeners.delete(own);
		},
		announce(changes) {
			const distinct = new Map(changes.map((change) => [JSON.stringify(change), change]));
			for (const change of distinct.values()) {
				for (const listener of listeners) {
					try {
						listener(change);
					} catch (error) {
						// The change is on disk; a listener's fault must not make it look as if it were not.
						log.error({ err: error, change }, "a listener to changes of the ledger failed");
					}
				}
			}
		},
	};
}
