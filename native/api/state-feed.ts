/** Tells pages of something that changes, each time as a whole. Looks at it only while somebody listens. */

/** Something that is told of while anybody listens; one for all who do. */
export interface Feed<State> {
	/** Tells how it is now, and from then on what changes. Answers a function that ends it. */
	join(listener: (state: State) => void): () => void;
}

/** What a feed is made from. */
export interface StateFeedDeps<State> {
	/** How it is now. */
	readonly read: () => State;
	/** Begins to watch; `look` is to be called when it may have changed. Answers a function that ends it. */
	readonly watch: (look: () => void) => () => void;
}

/** Makes a feed. What did not change is not told again. */
export function createStateFeed<State>({ read, watch }: StateFeedDeps<State>): Feed<State> {
	const listeners = new Set<(state: State) => void>();
	let told = "";
	let stopWatching = () => {};

	function look(): void {
		const state = read();
		const text = JSON.stringify(state);
		if (text === told) return;
		told = text;
		for (const listener of [...listeners]) listener(state);
	}

	return {
		join(listener) {
			const own = (state: State) => listener(state);
			const state = read();
			if (listeners.size === 0) {
				told = JSON.stringify(state);
				stopWatching = watch(look);
			}
			listeners.add(own);
			own(state);
			return () => {
				if (listeners.delete(own) && listeners.size === 0) stopWatching();
			};
		},
	};
}
