/**
 * Looking for lines: by their state, by a text in them, or both. The service looks at so many lines as fit in a moment and says where
 * to go on; this keeps what was found and how far it got. Pure.
 */
import type { BatchLine, BatchLines } from "../../native/contract/contract.ts";
import type { ApiFailure } from "../api/client.ts";

/** What is looked for. */
export interface HuntWish {
	readonly only: LineFilter;
	readonly search: string;
}

/** Lines by their state. */
export type LineFilter = "all" | BatchLine["state"];

/** How far it got. */
export interface Hunt {
	readonly found: readonly BatchLine[];
	/** Where to go on, counted from 0. All lines before it have been looked at. */
	readonly next: number;
	/** Found lines it goes on to before it rests. */
	readonly target: number;
	/** `resting`: enough for now; `full`: no more are held; `over`: all lines were looked at. */
	readonly state: "running" | "resting" | "stopped" | "full" | "failed" | "over";
	readonly error: ApiFailure | null;
}

/** Lines found before it rests: some screens; scrolling to the end of them goes on. */
export const ENOUGH_LINES = 200;
/** Most found lines held: what a person can look through; a narrower search finds the rest. */
export const MOST_FOUND = 10_000;
/** Lines of one answer, as many as the service gives at most. */
const ANSWER_LINES = 200;

/** A hunt that begins. */
export const freshHunt: Hunt = { found: [], next: 0, target: ENOUGH_LINES, state: "running", error: null };

/** Whether that is looking for something; else all lines are shown as they are. */
export function isHunt({ only, search }: HuntWish): boolean {
	return only !== "all" || search.trim() !== "";
}

/** Path of the next call. */
export function huntPath(batchId: string, { only, search }: HuntWish, next: number): string {
	const query = new URLSearchParams({ from: String(next), limit: String(ANSWER_LINES) });
	if (only !== "all") query.set("only", only);
	if (search.trim() !== "") query.set("search", search.trim());
	return `/api/batches/${encodeURIComponent(batchId)}/lines?${query}`;
}

/** Takes in an answer. */
export function takeFound(hunt: Hunt, { data, next_from }: BatchLines): Hunt {
	const found = [...hunt.found, ...data];
	if (next_from === null) return { ...hunt, found, state: "over" };
	const isStopped = hunt.state !== "running";
	const state = isStopped
		? hunt.state
		: found.length >= MOST_FOUND
			? "full"
			: found.length >= hunt.target
				? "resting"
				: "running";
	return { ...hunt, found, next: next_from, state };
}

/** Notes that a call came to nothing; what was found stays. */
export function failHunt(hunt: Hunt, error: ApiFailure): Hunt {
	return { ...hunt, state: "failed", error };
}

/** Somebody has seen enough. */
export function stopHunt(hunt: Hunt): Hunt {
	return hunt.state === "running" ? { ...hunt, state: "stopped" } : hunt;
}

/** Looks for some screens more. */
export function goOnHunting(hunt: Hunt): Hunt {
	if (hunt.state === "over" || hunt.state === "full" || hunt.state === "running") return hunt;
	return { ...hunt, target: hunt.found.length + ENOUGH_LINES, state: "running", error: null };
}
