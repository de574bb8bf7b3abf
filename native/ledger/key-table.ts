/** Slots a table has for every line: half of them stay free, so that a search meets a free one soon. */
const SLOTS_PER_LINE = 2;

/** Ends a chain, and in a slot: no line of this key is left. Lines are kept plus one. */
const NONE = 0;
/** In a slot: no key ever. */
const FREE = 0xffff_ffff;

/**
 * Finds lines by the first eight bytes of their content key, in 28 bytes a line: a map of a million lines in 28 MB. However many
 * lines have one key, each is touched once when it is added and once when it is taken. Equal beginnings of different keys are
 * possible; whoever asks compares the whole key.
 */
export interface KeyTable {
	add(key: Uint8Array, line: number): void;
	/** Takes out those lines that `isSame` says are meant, of all whose keys begin like `key`; the one added last comes first. */
	take(key: Uint8Array, isSame: (line: number) => boolean): readonly number[];
	readonly size: number;
}

/** A table for at most `lines` lines, numbered from 0. */
export function createKeyTable(lines: number): KeyTable {
	const slots = Math.max(8, lines * SLOTS_PER_LINE);
	// Three numbers a slot: two of the key, and the first of its lines.
	const table = new Uint32Array(slots * 3).fill(FREE);
	// By line: the next one of the same key.
	const next = new Uint32Array(lines);
	let size = 0;

	/** Where the key is, or the free slot it would get. */
	function slotOf(high: number, low: number): number {
		let base = (high % slots) * 3;
		while (table[base + 2] !== FREE && (table[base] !== high || table[base + 1] !== low))
			base = (base + 3) % table.length;
		return base;
	}

	return {
		add(key, line) {
			if (line >= lines || size >= lines) throw new RangeError(`The table was made for ${lines} lines.`);
			const [high, low] = head(key);
			const base = slotOf(high, low);
			const first = table[base + 2] ?? FREE;
			next[line] = first === FREE ? NONE : first;
			table.set([high, low, line + 1], base);
			size += 1;
		},
		take(key, isSame) {
			const base = slotOf(...head(key));
			const first = table[base + 2] ?? FREE;
			if (first === FREE) return [];
			const taken: number[] = [];
			let kept = NONE;
			for (let at = first; at !== NONE; ) {
				const line = at - 1;
				at = next[line] ?? NONE;
				if (isSame(line)) {
					taken.push(line);
				} else {
					next[line] = kept;
					kept = line + 1;
				}
			}
			table[base + 2] = kept;
			size -= taken.length;
			return taken;
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
