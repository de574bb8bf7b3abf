/** What the shell knows, from what it is told; pure. */
import type {
	BatchDetails,
	BatchesEvent,
	EngineEvent,
	MachineStatus,
	MeshView,
	SettingsValues,
} from "../../native/contract/contract.ts";
import type { ProgressPoint, ServicePhase, ShellState } from "./state.ts";

/** Something that changes what the shell knows. */
export type StateEvent =
	| { readonly kind: "phase"; readonly phase: ServicePhase }
	/** `isFirst`: of a new connection, with the newest hundred as they are. `atMs`: when it came, Unix milliseconds. */
	| { readonly kind: "batches"; readonly event: BatchesEvent; readonly isFirst: boolean; readonly atMs: number }
	| { readonly kind: "machine"; readonly machine: MachineStatus }
	| { readonly kind: "engine"; readonly engine: EngineEvent }
	| { readonly kind: "settings"; readonly settings: SettingsValues }
	| { readonly kind: "mesh"; readonly mesh: MeshView };

/**
 * Ended batches beyond the newest are forgotten: the shell shows the last few and works on the open ones, and a tray app runs for months. Twice
 * what the service tells of at first, so that a reconnection forgets nothing that a menu may just show.
 */
export const MOST_BATCHES = 200;

/** The service tells the newest hundred first; where it told fewer there are no more. */
const FIRST_BATCHES = 100;

/** A rate of so long a time stands still enough to be read, and tells soon that work got faster or slower. */
const PROGRESS_MS = 30_000;

/** Takes something in. Answers the same state where nothing changes. */
export function reduce(state: ShellState, event: StateEvent): ShellState {
	switch (event.kind) {
		case "phase":
			// A new process has nothing in memory yet and hears of no machine, whatever the one before it had.
			return event.phase.kind === "starting"
				? { ...state, service: event.phase, engine: null, mesh: null }
				: { ...state, service: event.phase };
		case "batches":
			return takeBatches(state, event.isFirst ? withoutDeleted(state, event.event) : event.event, event.atMs);
		case "machine":
			return { ...state, machine: event.machine };
		case "engine":
			return { ...state, engine: event.engine };
		case "settings":
			return { ...state, settings: event.settings };
		case "mesh":
			return { ...state, mesh: event.mesh };
		default:
			return event satisfies never;
	}
}

/** Whether nothing more happens to a batch by itself. */
export function hasEnded({ status }: Pick<BatchDetails, "status">): boolean {
	return status === "completed" || status === "failed" || status === "expired" || status === "cancelled";
}

/** Adds what was deleted while nobody was connected: what should be among the newest hundred and is not. */
function withoutDeleted({ batches }: ShellState, event: BatchesEvent): BatchesEvent {
	const told = new Set(event.changed.map(({ id }) => id));
	const oldest = Math.min(...event.changed.map((batch) => batch.created_at));
	// Of one second there may be some beyond the hundred.
	const isAmongThem = (batch: BatchDetails) => told.size < FIRST_BATCHES || batch.created_at > oldest;
	const missing = [...batches.values()].filter((batch) => !told.has(batch.id) && isAmongThem(batch));
	return { changed: event.changed, gone: [...event.gone, ...missing.map(({ id }) => id)] };
}

function takeBatches(state: ShellState, { changed, gone }: BatchesEvent, atMs: number): ShellState {
	if (changed.length === 0 && gone.every((id) => !state.batches.has(id))) return state;
	const batches = new Map(state.batches);
	const progress = new Map(state.progress);
	for (const id of gone) {
		batches.delete(id);
		progress.delete(id);
	}
	for (const batch of changed) {
		batches.set(batch.id, batch);
		if (hasEnded(batch)) progress.delete(batch.id);
		else progress.set(batch.id, addPoint(progress.get(batch.id) ?? [], batch, atMs));
	}
	forgetOldest(batches);
	return { ...state, batches, progress };
}

function addPoint(points: readonly ProgressPoint[], batch: BatchDetails, atMs: number): readonly ProgressPoint[] {
	const { completed, failed } = batch.request_counts;
	const point = { atMs, lines: Math.max(completed + failed - batch.statistics.adopted, 0) };
	// A retry takes lines back: what was before tells nothing of the speed of what comes.
	if ((points.at(-1)?.lines ?? 0) > point.lines) return [point];
	return [...points.filter((one) => atMs - one.atMs <= PROGRESS_MS), point];
}

function forgetOldest(batches: Map<string, BatchDetails>): void {
	if (batches.size <= MOST_BATCHES) return;
	const newestFirst = [...batches.values()].sort((one, other) => other.created_at - one.created_at);
	for (const batch of newestFirst.slice(MOST_BATCHES)) if (hasEnded(batch)) batches.delete(batch.id);
}
