/** A set of digests with a number each, in about 20 bytes an entry. */

/** Words of a digest that are kept: 96 bits of SHA-256, so that two of five million are alike once in 10^15 files. */
const DIGEST_WORDS = 3;
const SLOT_WORDS = DIGEST_WORDS + 1;
/** Share of slots filled before a shard grows; linear probing still takes few steps below it. */
const MAX_LOAD = 0.85;
/** By how much a shard grows: with doubling, up to half of the memory would lie idle. */
const GROWTH = 1.25;
/** Shards grow one by one: growing one table of a million entries would hold up everything else for 100 ms. */
const SHARDS = 64;
/** Slots of a shard to begin with: a file of a few thousand lines needs no more. */
const FIRST_SLOTS = 64;
/** The byte of the digest that chooses the shard: the first that is not kept. */
const SHARD_BYTE = DIGEST_WORDS * 4;

/** Digests are given as SHA-256 in text of one character a byte: the fastest form Node has for them. */
export interface DigestTable {
	/** Keeps `value` (above 0) under a digest that is not there yet. Answers what was there before; 0: nothing. */
	claim(digest: string, value: number): number;
	/** Counts a digest. Answers how often it was counted before. */
	increment(digest: string): number;
	/** Gives the memory back now rather than at some later garbage collection. The table is empty and of no more use. */
	release(): void;
}

/** An empty table. */
export function createDigestTable(): DigestTable {
	const shards = Array.from({ length: SHARDS }, createShard);

	function update(digest: string, fresh: number, step: number): number {
		const shard = shards[digest.charCodeAt(SHARD_BYTE) % SHARDS];
		if (shard === undefined) throw new Error("A digest is too short.");
		return shard.update(wordAt(digest, 0), wordAt(digest, 4), wordAt(digest, 8), fresh, step);
	}

	return {
		claim: (digest, value) => update(digest, value, 0),
		increment: (digest) => update(digest, 1, 1),
		release() {
			for (const shard of shards) shard.release();
		},
	};
}

interface Shard {
	/** Puts `fresh` under a new digest or adds `step` to a known one's value; answers the value before, 0 for a new one. */
	update(first: number, second: number, third: number, fresh: number, step: number): number;
	release(): void;
}

/** Open addressing in one typed array: no object an entry, nothing for the garbage collector to walk. */
function createShard(): Shard {
	let slots = new Uint32Array(FIRST_SLOTS * SLOT_WORDS);
	let slotCount = FIRST_SLOTS;
	let size = 0;

	/** Index of the slot of a digest, or of the empty one where it belongs. */
	function find(first: number, second: number, third: number): number {
		for (let slot = first % slotCount; ; slot = slot + 1 === slotCount ? 0 : slot + 1) {
			const at = slot * SLOT_WORDS;
			if (slots[at + DIGEST_WORDS] === 0) return at;
			if (slots[at] === first && slots[at + 1] === second && slots[at + 2] === third) return at;
		}
	}

	function grow(): void {
		const old = slots;
		slotCount = Math.ceil(slotCount * GROWTH);
		slots = new Uint32Array(slotCount * SLOT_WORDS);
		for (let from = 0; from < old.length; from += SLOT_WORDS) {
			if (old[from + DIGEST_WORDS] === 0) continue;
			const to = find(old[from] ?? 0, old[from + 1] ?? 0, old[from + 2] ?? 0);
			for (let word = 0; word < SLOT_WORDS; word += 1) slots[to + word] = old[from + word] ?? 0;
		}
		free(old);
	}

	function update(first: number, second: number, third: number, fresh: number, step: number): number {
		const at = find(first, second, third);
		const before = slots[at + DIGEST_WORDS] ?? 0;
		if (before > 0) {
			slots[at + DIGEST_WORDS] = before + step;
			return before;
		}
		slots[at] = first;
		slots[at + 1] = second;
		slots[at + 2] = third;
		slots[at + DIGEST_WORDS] = fresh;
		size += 1;
		if (size > slotCount * MAX_LOAD) grow();
		return 0;
	}

	return { update, release: () => free(slots) };
}

/** Moving a buffer's bytes into an empty one frees them at once. */
function free(slots: Uint32Array<ArrayBuffer>): void {
	slots.buffer.transfer(0);
}

function wordAt(digest: string, at: number): number {
	const high = (digest.charCodeAt(at) << 8) | digest.charCodeAt(at + 1);
	const low = (digest.charCodeAt(at + 2) << 8) | digest.charCodeAt(at + 3);
	return ((high << 16) | low) >>> 0;
}
