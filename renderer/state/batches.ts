/** The batches as the service tells them. Reducers are pure; the store feeds them. */
import { create } from "zustand";
import type { BatchDetails, BatchesEvent } from "../../native/contract/contract.ts";

/** What is known of all batches. */
export interface BatchesState {
	/** False until the service has told them for the first time. */
	readonly isLoaded: boolean;
	readonly byId: ReadonlyMap<string, BatchDetails>;
	/** Done lines at moments, by batch: what a rate is made from. Oldest first. */
	readonly progress: ReadonlyMap<string, readonly ProgressPoint[]>;
}

/** How far a batch was at a moment. */
export interface ProgressPoint {
	readonly atMs: number;
	readonly doneLines: number;
}

/** Points kept of each batch: two minutes at the pace of the events; the job's page has the whole night. */
const MOST_POINTS = 120;

/** Nothing is known yet. */
export const noBatches: BatchesState = { isLoaded: false, byId: new Map(), progress: new Map() };

/** Takes in what has changed. */
export function applyBatches(state: BatchesState, event: BatchesEvent, nowMs: number): BatchesState {
	const byId = new Map(state.byId);
	const progress = new Map(state.progress);
	for (const id of event.gone) {
		byId.delete(id);
		progress.delete(id);
	}
	for (const batch of event.changed) {
		byId.set(batch.id, batch);
		const { completed, failed } = batch.request_counts;
		const points = [...(progress.get(batch.id) ?? []), { atMs: nowMs, doneLines: completed + failed }];
		progress.set(batch.id, points.slice(-MOST_POINTS));
	}
	return { isLoaded: true, byId, progress };
}

/** Lines a second between each two points; a retry, which takes lines back, counts as none. */
export function ratesOf(points: readonly ProgressPoint[]): readonly number[] {
	return points.slice(1).map((point, index) => {
		const before = points[index] ?? point;
		const seconds = (point.atMs - before.atMs) / 1_000;
		return seconds <= 0 ? 0 : Math.max(0, point.doneLines - before.doneLines) / seconds;
	});
}

/** Newest first. */
export function newestFirst(state: BatchesState): readonly BatchDetails[] {
	return [...state.byId.values()].sort(
		(one, other) => other.created_at - one.created_at || (one.id < other.id ? 1 : -1),
	);
}

/** Whether nothing more happens to a batch by itself. */
export function hasEnded({ status }: Pick<BatchDetails, "status">): boolean {
	return status === "completed" || status === "failed" || status === "expired" || status === "cancelled";
}

/** The store. */
export const useBatches = create<BatchesState>(() => noBatches);
