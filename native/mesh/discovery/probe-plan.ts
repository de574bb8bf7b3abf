/** When hosts that are not heard by themselves are asked: often at first, then ever more seldom. */
import type { Clock } from "../../base/base.ts";

/** Which hosts are asked now. */
export interface ProbePlan {
	/**
	 * Those of the hosts, best first, that are due, and counts them as asked. Hosts that are no more in the list are forgotten.
	 * `isHeard`: somebody was heard from there lately, so it goes on being asked often.
	 */
	due(hosts: readonly string[], isHeard: (host: string) => boolean): readonly string[];
	/** All are due again, as after a sleep. */
	reset(): void;
}

/** A little less than the time between two rounds, so that each round asks again whoever answered. */
const FIRST_PAUSE_MS = 4_000;
/** A machine that comes back asks by itself; this is for one that does not know us any more. */
const LONGEST_PAUSE_MS = 60_000;
/** Datagrams of one round. */
export const MOST_PROBES = 32;

/** Nobody asked yet. */
export function createProbePlan(clock: Clock): ProbePlan {
	const asked = new Map<string, { readonly dueAtMs: number; readonly pauseMs: number }>();
	return {
		due(hosts, isHeard) {
			const wanted = new Set(hosts);
			for (const host of asked.keys()) if (!wanted.has(host)) asked.delete(host);
			const nowMs = clock.monotonicMs();
			const due = [...wanted].filter((host) => (asked.get(host)?.dueAtMs ?? nowMs) <= nowMs);
			// Asked longest ago first, so that a long list is gone through in turn. Those never asked come before all.
			due.sort((one, other) => (asked.get(one)?.dueAtMs ?? 0) - (asked.get(other)?.dueAtMs ?? 0));
			const now = due.slice(0, MOST_PROBES);
			for (const host of now) {
				const before = asked.get(host);
				const isFirst = before === undefined || isHeard(host);
				const pauseMs = isFirst ? FIRST_PAUSE_MS : Math.min(before.pauseMs * 2, LONGEST_PAUSE_MS);
				asked.set(host, { dueAtMs: nowMs + pauseMs, pauseMs });
			}
			return now;
		},
		reset: () => asked.clear(),
	};
}
