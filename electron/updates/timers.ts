/** Timers by name: setting one ends the one before it of that name. */
export interface Timers<Name extends string> {
	set(name: Name, delayMs: number, what: () => void): void;
	/** It is set and has not gone off. */
	has(name: Name): boolean;
	clear(name: Name): void;
	clearAll(): void;
}

/** Makes them; none is set. */
export function createTimers<Name extends string>(): Timers<Name> {
	const running = new Map<Name, ReturnType<typeof setTimeout>>();
	function clear(name: Name): void {
		clearTimeout(running.get(name));
		running.delete(name);
	}
	return {
		set(name, delayMs, what) {
			clear(name);
			const timer = setTimeout(() => {
				running.delete(name);
				what();
			}, delayMs);
			running.set(name, timer);
		},
		has: (name) => running.has(name),
		clear,
		clearAll() {
			for (const name of [...running.keys()]) clear(name);
		},
	};
}
