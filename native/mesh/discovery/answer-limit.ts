/** How often strangers' datagrams are answered: often enough to be found, too seldom to be of use against anybody. */
import type { Clock } from "../../base/base.ts";

/** Between two answers to one address. A machine asks some times in its first seconds, then every five. */
const PAUSE_MS = 900;
/** To all addresses together: a network of that many machines that start at the same time. */
export const MOST_ANSWERS_A_SECOND = 20;
/** Addresses remembered; those answered longest ago are forgotten first, and have had their pause by then. */
const MOST_ADDRESSES = 64;

/** Counts answers. */
export interface AnswerLimit {
	/** Tells whether an address may be answered now, and counts it as answered if so. */
	take(host: string): boolean;
}

/** Nobody answered yet. */
export function createAnswerLimit(clock: Clock): AnswerLimit {
	/** In the order of the last answer. */
	const answeredAtMs = new Map<string, number>();
	const second = { sinceMs: Number.NEGATIVE_INFINITY, count: 0 };
	return {
		take(host) {
			const nowMs = clock.monotonicMs();
			if (nowMs - second.sinceMs >= 1_000) Object.assign(second, { sinceMs: nowMs, count: 0 });
			if (second.count >= MOST_ANSWERS_A_SECOND) return false;
			if (nowMs - (answeredAtMs.get(host) ?? Number.NEGATIVE_INFINITY) < PAUSE_MS) return false;
			second.count += 1;
			answeredAtMs.delete(host);
			answeredAtMs.set(host, nowMs);
			const [oldest] = answeredAtMs.keys();
			if (answeredAtMs.size > MOST_ADDRESSES && oldest !== undefined) answeredAtMs.delete(oldest);
			return true;
		},
	};
}
