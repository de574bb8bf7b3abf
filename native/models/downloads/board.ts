/** What is on its way and what has come, and who wants to hear of it. */
import type { Clock } from "../../base/base.ts";
import type { Download } from "../../contract/contract.ts";
import type { DownloadLimits } from "./downloads.ts";
import type { DownloadRecord } from "./record.ts";
import { describeDownload, type Run } from "./run.ts";

/** The state of all downloads. Changed by the queue alone, which says `tell` when it did. */
export interface Board {
	/** Those that are not done, oldest first. */
	records: DownloadRecord[];
	/** The one that is being fetched; null: none. */
	running: Run | null;
	/** When listeners heard last; monotonic. */
	readonly toldAtMs: number;
	tell(): void;
	watch(listener: () => void): () => void;
	describe(record: DownloadRecord): Download;
	/** Done ones among them, oldest first. */
	list(): readonly Download[];
	/** Lists the running download as done. */
	finish(record: DownloadRecord): void;
	/** Takes the entry of a done one away and answers it; null: there is none. */
	forgetDone(id: string): Download | null;
}

/** Makes an empty board. */
export function createBoard(clock: Clock, limits: DownloadLimits): Board {
	const listeners = new Set<() => void>();
	let done: Download[] = [];
	let toldAtMs = 0;

	const board: Board = {
		records: [],
		running: null,
		get toldAtMs() {
			return toldAtMs;
		},
		tell() {
			toldAtMs = clock.monotonicMs();
			for (const listener of listeners) listener();
		},
		watch(listener) {
			const own = () => listener();
			listeners.add(own);
			return () => void listeners.delete(own);
		},
		describe(record) {
			const run = board.running?.record === record ? board.running : null;
			return describeDownload(record, run, clock.monotonicMs());
		},
		list: () => [...done, ...board.records.map(board.describe)].sort((one, other) => one.created_at - other.created_at),
		finish(record) {
			board.running = null;
			board.records = board.records.filter((one) => one !== record);
			done = [...done, { ...board.describe(record), state: "done" as const }].slice(-limits.done);
		},
		forgetDone(id) {
			const found = done.find((one) => one.id === id) ?? null;
			done = done.filter((one) => one !== found);
			if (found !== null) board.tell();
			return found;
		},
	};
	return board;
}
