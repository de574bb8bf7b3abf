/** Those who want to hear of something. */

/** A list of listeners. */
export interface Listeners<Told extends readonly unknown[]> {
	/** Calls the listener from now on. Answers a function that ends it. */
	watch(listener: (...told: Told) => void): () => void;
	/** Calls all of them, also where one ends another meanwhile. */
	tell(...told: Told): void;
}

/** An empty list. The same function given twice is called twice. */
export function createListeners<Told extends readonly unknown[]>(): Listeners<Told> {
	const entries = new Set<{ readonly listener: (...told: Told) => void }>();
	return {
		watch(listener) {
			const entry = { listener };
			entries.add(entry);
			return () => void entries.delete(entry);
		},
		tell(...told) {
			for (const { listener } of [...entries]) listener(...told);
		},
	};
}
