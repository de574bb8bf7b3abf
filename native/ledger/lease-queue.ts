import { setImmediate as nextTurn } from "node:timers/promises";

/** Finished lines the cursor passes in one go: some ten milliseconds. */
const SKIPPED_AT_ONCE = 5_000;

/** What the leases need to know of the lines of a batch. */
export interface LeaseSource {
	/** Lines in the order in which they are handed out, by page; null: past the end. */
	orderPage(batch: number, page: number): Uint32Array | null;
	readonly pageLines: number;
	hasResult(batch: number, line: number): boolean;
	lengthOf(batch: number, line: number): number;
	/** Position before which all lines have results. */
	floor(batch: number): number;
}

/** Open lines of one batch in the order to hand them out: those that came back first, then on from a cursor. */
export interface LeaseQueue {
	/** Takes the next line without a result; null: none left. */
	next(): { readonly position: number; readonly line: number } | null;
	/** Lines with their positions that come back. */
	giveBack(lines: ReadonlyMap<number, number>): void;
	/** Every line in the queue is at this position or after it. */
	first(): number;
	/** Moves the cursor past lines that have results, letting others work in between. */
	skipFinished(): Promise<void>;
}

/** The queue of a batch, from where `source` says that open lines begin. */
export function createLeaseQueue(batch: number, source: LeaseSource): LeaseQueue {
	let cursor = source.floor(batch);
	let page: { readonly number: number; readonly lines: Uint32Array } | null = null;
	/** Lines that came back, by position. */
	const returned = new Map<number, number>();
	/** Positions of `returned`, descending, so that the first is taken from the end; null: to be sorted anew. */
	let returnedOrder: number[] | null = null;

	/** The line at a position of the order; null: past the end. */
	function lineAt(position: number): number | null {
		const number = Math.floor(position / source.pageLines);
		if (page?.number !== number) {
			const lines = source.orderPage(batch, number);
			page = lines === null ? null : { number, lines };
		}
		return page?.lines[position % source.pageLines] ?? null;
	}

	/** The next line, with a result or not. */
	function take(): { readonly position: number; readonly line: number } | null {
		returnedOrder ??= [...returned.keys()].sort((left, right) => right - left);
		const back = returnedOrder.pop();
		if (back !== undefined) {
			const line = returned.get(back) ?? 0;
			returned.delete(back);
			return { position: back, line };
		}
		const line = lineAt(cursor);
		if (line === null) return null;
		cursor += 1;
		return { position: cursor - 1, line };
	}

	return {
		next() {
			let taken = take();
			while (taken !== null && source.hasResult(batch, taken.line)) taken = take();
			return taken;
		},
		giveBack(lines) {
			for (const [line, position] of lines) returned.set(position, line);
			returnedOrder = null;
		},
		first() {
			let first = cursor;
			for (const position of returned.keys()) first = Math.min(first, position);
			return first;
		},
		async skipFinished() {
			for (let passed = 1; ; passed += 1) {
				const line = lineAt(cursor);
				if (line === null || !source.hasResult(batch, line)) return;
				cursor += 1;
				if (passed % SKIPPED_AT_ONCE === 0) await nextTurn();
			}
		},
	};
}
