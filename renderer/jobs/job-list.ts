/** Which jobs the list shows, and how their state looks. Pure. */
import type { BatchDetails, BatchHealth } from "../../native/contract/contract.ts";
import { hasEnded, type ProgressPoint } from "../state/batches.ts";
import { formatRate } from "../state/format.ts";
import type { Tone } from "../ui/ui.ts";
import { words } from "../words/words.ts";

/** Which jobs are shown. */
export type JobFilter = "all" | "open" | "ended";

/** What the list asks of a batch. */
export type ListedBatch = Pick<BatchDetails, "id" | "status" | "input_filename">;

/** What a job is called: its file's name, or its id where the file was removed. */
export function nameOf(batch: Pick<ListedBatch, "id" | "input_filename">): string {
	return batch.input_filename ?? batch.id;
}

/** What a job's file is saved as, without its ending: `tickets-results` for the results of `tickets.jsonl`. */
export function savedName(batch: Pick<ListedBatch, "id" | "input_filename">, what: "results" | "errors"): string {
	return `${nameOf(batch).replace(/\.\w{1,8}$/, "")}-${what}`;
}

/** The jobs that fit, in their order. Every word of the search has to stand in the name or id, whatever the case. */
export function chooseJobs<Batch extends ListedBatch>(
	batches: readonly Batch[],
	wish: { readonly filter: JobFilter; readonly search: string },
): readonly Batch[] {
	const parts = wish.search.toLowerCase().split(/\s+/).filter(Boolean);
	return batches.filter((batch) => {
		if (wish.filter !== "all" && hasEnded(batch) !== (wish.filter === "ended")) return false;
		const text = `${nameOf(batch)} ${batch.id}`.toLowerCase();
		return parts.every((part) => text.includes(part));
	});
}

/** Part of its lines that are done, 0 to 1; null: it is not known yet how many there are. */
export function doneFraction({ request_counts: counts }: Pick<BatchDetails, "request_counts">): number | null {
	return counts.total === 0 ? null : (counts.completed + counts.failed) / counts.total;
}

/** When an ended batch ended, Unix seconds; null: it has not. */
export function endedAt(
	batch: Pick<BatchDetails, "completed_at" | "failed_at" | "expired_at" | "cancelled_at">,
): number | null {
	return batch.completed_at ?? batch.failed_at ?? batch.expired_at ?? batch.cancelled_at;
}

/** The colour of a state; its word says the same. */
export function toneOf(state: BatchHealth["state"]): Tone {
	switch (state) {
		case "checking":
		case "waiting":
		case "cancelled":
			return "neutral";
		case "on-time":
		case "rehearsed":
			return "accent";
		case "late":
		case "paused":
		case "partial":
			return "warn";
		case "stuck":
		case "failed":
			return "bad";
		case "done":
		case "done-uncollected":
			return "good";
		default:
			return state satisfies never;
	}
}

/** A minute is steady where a line takes seconds, and still tells of a change soon. */
const RATE_MS = 60_000;

/** Lines a second over the last minute of what is known; a retry, which takes lines back, counts as none. Null: not known yet. */
export function rateNow(points: readonly ProgressPoint[]): number | null {
	const last = points.at(-1);
	const recent = points.filter((point) => last !== undefined && point.atMs >= last.atMs - RATE_MS);
	const [first] = recent;
	if (last === undefined || first === undefined || last.atMs <= first.atMs) return null;
	const done = recent.reduce((sum, point, index) => {
		const before = recent[index - 1] ?? point;
		return sum + Math.max(0, point.doneLines - before.doneLines);
	}, 0);
	return (done * 1_000) / (last.atMs - first.atMs);
}

/** e.g. `12 lines/s`; of slow ones the lines a minute, which are no fraction. */
export function rateWords(linesPerSecond: number): string {
	const said = words.jobs.row;
	return linesPerSecond >= 1 || linesPerSecond === 0
		? said.rate(formatRate(linesPerSecond))
		: said.rateByMinute(formatRate(linesPerSecond * 60));
}
