/** What is to happen when, in virtual time: earliest first, and in the order it was planned where times are equal. */
export interface Agenda {
	/** Plans something at a moment. */
	plan(atMs: number, happening: () => void): void;
	/** Takes out the next that happens no later than `untilMs`; null: there is none. */
	next(untilMs: number): Planned | null;
}

/** Something planned. */
export interface Planned {
	readonly atMs: number;
	readonly order: number;
	readonly happening: () => void;
}

/** An empty agenda: a binary heap, since a run plans some ten thousand things. */
export function createAgenda(): Agenda {
	const heap: Planned[] = [];
	let order = 0;

	function sinkFirst(item: Planned): void {
		let at = 0;
		for (;;) {
			const child = earlierChild(heap, at);
			const found = heap[child];
			if (found === undefined || !isBefore(found, item)) break;
			heap[at] = found;
			at = child;
		}
		heap[at] = item;
	}

	return {
		plan(atMs, happening) {
			const item = { atMs, order, happening };
			order += 1;
			let at = heap.length;
			heap.push(item);
			while (at > 0) {
				const parent = (at - 1) >> 1;
				const above = heap[parent];
				if (above === undefined || !isBefore(item, above)) break;
				heap[at] = above;
				at = parent;
			}
			heap[at] = item;
		},
		next(untilMs) {
			const first = heap[0];
			if (first === undefined || first.atMs > untilMs) return null;
			const last = heap.pop();
			if (last !== undefined && heap.length > 0) sinkFirst(last);
			return first;
		},
	};
}

function earlierChild(heap: readonly Planned[], at: number): number {
	const left = 2 * at + 1;
	const leftItem = heap[left];
	const rightItem = heap[left + 1];
	return leftItem !== undefined && rightItem !== undefined && isBefore(rightItem, leftItem) ? left + 1 : left;
}

function isBefore(left: Planned, right: Planned): boolean {
	return left.atMs < right.atMs || (left.atMs === right.atMs && left.order < right.order);
}
