/** How often an address may knock before it is known to be a member's. */
import type { Clock } from "../../base/base.ts";

/** How much knocking is borne. */
export interface TurnstileLimits {
	/** Of one address within `windowMs`. A pairing with every try wrong takes three. */
	readonly knocks: number;
	readonly windowMs: number;
	/** Of all addresses, at the same time. Bounds what half-open connections hold in memory. */
	readonly pending: number;
	/** Addresses remembered; the one that knocked longest ago is forgotten first. */
	readonly addresses: number;
}

/** As `reference/mesh.md` 3 has it: ten handshakes a minute. */
export const turnstileLimits: TurnstileLimits = { knocks: 10, windowMs: 60_000, pending: 64, addresses: 1_024 };

/** One connection that is neither let in nor closed yet. Call one of the two, once; later calls do nothing. */
export interface Knock {
	/** It was a member: the knock does not count. */
	forgive(): void;
	/** It was none, or it is gone. */
	count(): void;
}

/** Counts knocks. */
export interface Turnstile {
	/** Null: this address knocks too often, or too many knock at once. */
	enter(address: string): Knock | null;
}

/** A turnstile nobody has been at. */
export function createTurnstile(clock: Clock, limits: TurnstileLimits = turnstileLimits): Turnstile {
	/** When each address knocked, oldest first. The map is in the order of the last knock. */
	const knocks = new Map<string, readonly number[]>();
	let pending = 0;

	function recent(address: string): readonly number[] {
		const since = clock.monotonicMs() - limits.windowMs;
		return (knocks.get(address) ?? []).filter((atMs) => atMs > since);
	}

	function remember(address: string, times: readonly number[]): void {
		knocks.delete(address);
		if (times.length > 0) knocks.set(address, times);
		const [oldest] = knocks.keys();
		if (knocks.size > limits.addresses && oldest !== undefined) knocks.delete(oldest);
	}

	return {
		enter(address) {
			const before = recent(address);
			if (before.length >= limits.knocks || pending >= limits.pending) return null;
			const atMs = clock.monotonicMs();
			// Counted at once, or many half-open connections would pass together.
			remember(address, [...before, atMs]);
			pending += 1;
			let isOver = false;
			const end = (): boolean => {
				if (isOver) return false;
				isOver = true;
				pending -= 1;
				return true;
			};
			return {
				forgive() {
					if (!end()) return;
					const times = recent(address);
					remember(address, times.toSpliced(times.indexOf(atMs), times.includes(atMs) ? 1 : 0));
				},
				count: () => void end(),
			};
		},
	};
}
