import { expect, test } from "vitest";
import { createStateFeed } from "./state-feed.ts";

/** Something that a test changes. */
function createThing() {
	let value = 1;
	let look: (() => void) | null = null;
	const feed = createStateFeed({
		read: () => ({ value }),
		watch(wanted) {
			look = wanted;
			return () => {
				look = null;
			};
		},
	});
	return {
		feed,
		isWatched: () => look !== null,
		set(next: number) {
			value = next;
			look?.();
		},
	};
}

test("tells who joins how it is, and all of what changes", () => {
	const { feed, set } = createThing();
	const [one, other]: number[][] = [[], []];
	feed.join(({ value }) => one?.push(value));
	set(2);
	feed.join(({ value }) => other?.push(value));
	set(3);
	set(3);
	expect([one, other]).toEqual([
		[1, 2, 3],
		[2, 3],
	]);
});

test("looks at nothing while nobody listens", () => {
	const { feed, set, isWatched } = createThing();
	expect(isWatched()).toBe(false);
	const [leave, leaveToo] = [feed.join(() => {}), feed.join(() => {})];
	leave();
	leave();
	expect(isWatched()).toBe(true);
	leaveToo();
	expect(isWatched()).toBe(false);
	set(7);
	const told: number[] = [];
	feed.join(({ value }) => told.push(value));
	expect(told).toEqual([7]);
	expect(isWatched()).toBe(true);
});
