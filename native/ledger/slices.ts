/** Lines of one slice at most that are looked at: a slice is thousands, and who names more is no host. */
const MAX_SLICE_LINES = 100_000;

/** Slices at most; a host grants two at a time. The oldest goes. */
const MAX_SLICES = 1_000;

/** Runs of lines: pairs of first line and count. */
export type LineRuns = readonly (readonly [first: number, count: number])[];

/** What slices need to know of the lines of a batch. */
export interface SliceSource {
	hasResult(batch: number, line: number): boolean;
	/** Lines of one family share their beginning and go out together. */
	familyOf(batch: number, line: number): number;
}

/** Lines that somebody else says are this machine's to run, in memory only: losing them costs double work and nothing else. */
export interface Slices {
	/** Adds lines from before `total` to a slice; those with a result are passed over. */
	assign(batch: number, total: number, sliceId: string, lines: LineRuns): void;
	/** Takes lines that were not handed out from a slice; null: the slice is no more. */
	withdraw(sliceId: string, lines: LineRuns | null): void;
	/** Lines of a slice without a result; 0 also for an unknown one. */
	openOf(sliceId: string): number;
	/** Takes the next line of a batch's slices, oldest slice first, within it by family and line. */
	next(batch: number): number | null;
	/** A line that was handed out comes back to its slice, if that is still there. */
	giveBack(batch: number, line: number): void;
	/** A line has a result now. */
	settled(batch: number, line: number): void;
	forget(batch: number): void;
	forgetAll(): void;
}

interface Slice {
	readonly batch: number;
	/** Without a result. */
	readonly open: Set<number>;
	/** To be handed out. */
	readonly waiting: Set<number>;
	/** `waiting` in the order in which they go out, last first; null: to be sorted anew. */
	order: number[] | null;
}

/** No slices. */
export function createSlices(source: SliceSource): Slices {
	const slices = new Map<string, Slice>();

	function* slicesOf(batch: number): Generator<Slice> {
		for (const slice of slices.values()) if (slice.batch === batch) yield slice;
	}

	function nextOf(slice: Slice): number | null {
		slice.order ??= inOrder(source, slice);
		for (let line = slice.order.pop(); line !== undefined; line = slice.order.pop()) {
			if (!slice.waiting.delete(line)) continue;
			if (!source.hasResult(slice.batch, line)) return line;
			slice.open.delete(line);
		}
		return null;
	}

	return {
		assign(batch, total, sliceId, lines) {
			const slice: Slice = slices.get(sliceId) ?? { batch, open: new Set(), waiting: new Set(), order: null };
			if (slice.batch !== batch) return;
			slices.set(sliceId, slice);
			for (const oldest of slices.keys()) {
				if (slices.size <= MAX_SLICES) break;
				slices.delete(oldest);
			}
			for (const line of eachLine(lines, total)) {
				if (slice.open.has(line) || source.hasResult(batch, line)) continue;
				slice.open.add(line);
				slice.waiting.add(line);
			}
			slice.order = null;
		},
		withdraw(sliceId, lines) {
			const slice = slices.get(sliceId);
			if (slice === undefined) return;
			if (lines === null) {
				slices.delete(sliceId);
				return;
			}
			for (const line of [...slice.waiting]) {
				if (!isAmong(lines, line)) continue;
				slice.waiting.delete(line);
				slice.open.delete(line);
			}
		},
		openOf: (sliceId) => slices.get(sliceId)?.open.size ?? 0,
		next(batch) {
			for (const slice of slicesOf(batch)) {
				const line = nextOf(slice);
				if (line !== null) return line;
			}
			return null;
		},
		giveBack(batch, line) {
			for (const slice of slicesOf(batch)) {
				if (!slice.open.has(line)) continue;
				slice.waiting.add(line);
				slice.order = null;
			}
		},
		settled(batch, line) {
			// Most machines are alone, and each result comes by here.
			if (slices.size === 0) return;
			for (const slice of slicesOf(batch)) {
				slice.open.delete(line);
				slice.waiting.delete(line);
			}
		},
		forget(batch) {
			for (const [sliceId, slice] of slices) if (slice.batch === batch) slices.delete(sliceId);
		},
		forgetAll: () => slices.clear(),
	};
}

function inOrder(source: SliceSource, { batch, waiting }: Slice): number[] {
	const families = new Map([...waiting].map((line) => [line, source.familyOf(batch, line)]));
	const familyOf = (line: number): number => families.get(line) ?? 0;
	return [...waiting].sort((left, right) => familyOf(right) - familyOf(left) || right - left);
}

function* eachLine(lines: LineRuns, total: number): Generator<number> {
	let left = MAX_SLICE_LINES;
	for (const [first, count] of lines) {
		for (let line = first; line < Math.min(first + count, total) && left > 0; line += 1) {
			left -= 1;
			yield line;
		}
	}
}

function isAmong(lines: LineRuns, line: number): boolean {
	return lines.some(([first, count]) => line >= first && line < first + count);
}
