/** Numbers that look random and are the same for the same seed, on every machine and in every version. */
export interface Random {
	/** From 0, inclusive, to 1, exclusive. */
	next(): number;
	/** A number from `low`, inclusive, to `high`, exclusive. */
	between(low: number, high: number): number;
	/** A whole number from 0 to `count`, exclusive. */
	below(count: number): number;
	/** True in so many of all cases. */
	chance(part: number): boolean;
	/** One of them. Throws when there is none. */
	pick<Item>(items: readonly Item[]): Item;
}

/** Odd constants of mulberry32 (Tommy Ettinger, public domain): 32 bits of state, good enough to vary schedules by. */
const STRIDE = 0x6d2b79f5;
const TWO_TO_32 = 4_294_967_296;

/** Numbers from a seed; near seeds give unlike numbers. */
export function createRandom(seed: number): Random {
	let state = Math.imul(seed | 0, 0x9e3779b1) | 0;
	const next = (): number => {
		state = (state + STRIDE) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / TWO_TO_32;
	};
	const below = (count: number): number => Math.floor(next() * count);
	return {
		next,
		below,
		between: (low, high) => low + next() * (high - low),
		chance: (part) => next() < part,
		pick(items) {
			const item = items[below(items.length)];
			if (item === undefined) throw new Error("Nothing to pick from.");
			return item;
		},
	};
}
