/** Slots a table has for every line: half of them stay free, so that a search meets a free one soon. */
const SLOTS_PER_LINE = 2;

/** Marks a slot whose line was taken out; a search goes on past it. */
const REMOVED = 0xffff_ffff;

/**
 * Finds lines by the first eight bytes of their content key, in 24 bytes a line: a map of a million lines in 24 MB. Equal
 * beginnings of different keys are possible; whoever asks compares the whole key.
 */
export interface KeyTable {
	add(key: Uint8Array, line: number): void;
	/** Lines whose keys begin like `key`. */
	find(key: Uint8Array): readonly number[];
	remove(key: Uint8Array, line: number): void;
	readonly size: number;
}

/** A table for at most `lines` lines. */
export function createKeyTable(lines: number): KeyTable {
	const slots = Math.max(8, lines * SLOTS_PER_LINE);
	// Three numbers a slot: two of the key, and the line plus one; zero: free.
	const table = new Uint32Array(slots * 3);
	let size = 0;

	function* occupied(key: Uint8Array): Generator<number> {
		const [high, low] = head(key);
		for (let slot = high % slots; ; slot = (slot + 1) % slots) {
			const base = slot * 3;
			if (table[base + 2] === 0) return;
			if (table[base] === high && table[base + 1] === low && table[base + 2] !== REMOVED) yield base;
		}
	}

	return {
		add(key, line) {
			if (size >= lines) throw new RangeError(`The table was made for ${lines} lines.`);
			const [high, low] = head(key);
			let slot = high % slots;
			while (table[slot * 3 + 2] !== 0) slot = (slot + 1) % slots;
			table.set([high, low, line + 1], slot * 3);
			size += 1;
		},
		find: (key) => Array.from(occupied(key), (base) => (table[base + 2] ?? 0) - 1),
		remove(key, line) {
			for (const base of occupied(key)) {
				if (table[base + 2] !== line + 1) continue;
				table[base + 2] = REMOVED;
				size -= 1;
				return;
			}
		},
		get size() {
			return size;
		},
	};
}

function head(key: Uint8Array): [high: number, low: number] {
	const view = new DataView(key.buffer, key.byteOffset, key.byteLength);
	return [view.getUint32(0), view.getUint32(4)];
}
