/** Those who want to hear of something, told in the order they joined. */

/** Those who listen. */
export interface Listeners<News> {
	/** Answers a function that ends it. */
	join(listener: (news: News) => void): () => void;
	tell(news: News): void;
}

/** Nobody listens yet. */
export function createListeners<News>(): Listeners<News> {
	const all = new Set<(news: News) => void>();
	return {
		join(listener) {
			all.add(listener);
			return () => void all.delete(listener);
		},
		tell(news) {
			// Whoever leaves or joins meanwhile changes nothing for the others.
			for (const listener of [...all]) listener(news);
		},
	};
}
