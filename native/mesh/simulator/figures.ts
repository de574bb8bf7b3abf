/** What happened in a run, or in many. */
export interface Figures {
	/** Lines that got a result, each round of a batch apart. */
	lines: number;
	/** Results beyond the first of those. */
	duplicates: number;
	/** Times somebody became host, or stayed it under a new epoch. */
	tenures: number;
	seals: number;
	acknowledgedOnOne: number;
	acknowledgedOnTwo: number;
	/** Batches, each round of one apart, whose output a client saw. */
	batches: number;
	/** Those of which clients saw two different ones, both valid. */
	batchesWithTwoFiles: number;
	/** Virtual time until all was well again, after the faults ended. */
	settledAfterMs: number;
}

/** Of nothing. */
export function noFigures(): Figures {
	return {
		lines: 0,
		duplicates: 0,
		tenures: 0,
		seals: 0,
		acknowledgedOnOne: 0,
		acknowledgedOnTwo: 0,
		batches: 0,
		batchesWithTwoFiles: 0,
		settledAfterMs: 0,
	};
}

/** Adds those of one run to those of many. */
export function addFigures(sum: Figures, one: Figures): void {
	sum.lines += one.lines;
	sum.duplicates += one.duplicates;
	sum.tenures += one.tenures;
	sum.seals += one.seals;
	sum.acknowledgedOnOne += one.acknowledgedOnOne;
	sum.acknowledgedOnTwo += one.acknowledgedOnTwo;
	sum.batches += one.batches;
	sum.batchesWithTwoFiles += one.batchesWithTwoFiles;
	sum.settledAfterMs += one.settledAfterMs;
}
