/** Identical deterministic requests run once. Owns who shares which run. Must never run anything itself. */
import { createHash } from "node:crypto";
import type { RunStart } from "../engine.ts";
import type { GenerateRequest } from "../request.ts";

/** Someone who waits for a run. */
export interface Member<R> {
	readonly onStart: (start: RunStart) => void;
	readonly onEnd: (result: R) => void;
}

/** A run as those who wait for it see it. */
export interface SharedRun<R> {
	/** Joins; gives the way out: it tells whether nobody is left. */
	join(member: Member<R>): () => boolean;
	start(start: RunStart): void;
	end(result: R): void;
}

/** Runs under way, by what they compute. */
export interface Sharing<R> {
	/** The run with this key that is under way, or null. */
	find(key: string | null): SharedRun<R> | null;
	/** Opens a run; with a key, others may find it until it ends or nobody is left. */
	open(key: string | null): SharedRun<R>;
}

/**
 * Names what a request computes, or null when two runs of it may differ. Temperature 0 and a seed are what makes a run
 * repeatable; streamed runs are left alone, because a late member would have missed the beginning.
 */
export function shareKey(request: GenerateRequest, priority: string, deltas: boolean): string | null {
	const isDeterministic = request.sampling.temperature <= 0 || request.sampling.seed !== null;
	if (!isDeterministic || deltas) return null;
	return createHash("sha256").update(priority).update(JSON.stringify(request)).digest("base64");
}

/** An empty register. */
export function createSharing<R>(): Sharing<R> {
	const runs = new Map<string, SharedRun<R>>();
	return {
		find: (key) => (key === null ? null : (runs.get(key) ?? null)),
		open(key) {
			const members = new Set<Member<R>>();
			let started: RunStart | null = null;
			const forget = (): void => {
				if (key !== null && runs.get(key) === run) runs.delete(key);
			};
			const run: SharedRun<R> = {
				join(member) {
					members.add(member);
					if (started !== null) member.onStart(started);
					return () => {
						members.delete(member);
						if (members.size === 0) forget();
						return members.size === 0;
					};
				},
				start(start) {
					started = start;
					for (const member of members) member.onStart(start);
				},
				end(result) {
					forget();
					for (const member of members) member.onEnd(result);
				},
			};
			if (key !== null) runs.set(key, run);
			return run;
		},
	};
}
