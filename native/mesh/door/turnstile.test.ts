import fc from "fast-check";
import { expect, test } from "vitest";
import { createTurnstile, type Knock, type TurnstileLimits } from "./turnstile.ts";

const limits: TurnstileLimits = { knocks: 3, windowMs: 1_000, pending: 4, addresses: 5 };

function at(within: TurnstileLimits = limits) {
	const time = { nowMs: 0 };
	const turnstile = createTurnstile({ nowMs: () => 0, monotonicMs: () => time.nowMs }, within);
	return { time, turnstile };
}

test("half-open connections count from the start, so that many don't pass together", () => {
	const { turnstile } = at();
	expect([1, 2, 3, 4].map(() => turnstile.enter("a") !== null)).toEqual([true, true, true, false]);
});

test("too many at once are turned away whatever addresses they come from", () => {
	const { turnstile } = at();
	const knocks = ["a", "b", "c", "d", "e"].map((address) => turnstile.enter(address));
	expect(knocks.map((knock) => knock !== null)).toEqual([true, true, true, true, false]);
	knocks[0]?.count();
	expect(turnstile.enter("e")).not.toBeNull();
});

test("a knock is over once, whatever is called after", () => {
	const { turnstile } = at({ ...limits, pending: 1 });
	const knock = turnstile.enter("a");
	knock?.forgive();
	knock?.count();
	knock?.forgive();
	expect(turnstile.enter("b")).not.toBeNull();
	expect(turnstile.enter("c")).toBeNull();
});

test("no address gets more through in a window than it may, forgiven ones aside, and none is locked out for good", () => {
	const step = fc.record({
		address: fc.constantFrom("a", "b", "c"),
		isMember: fc.boolean(),
		laterMs: fc.nat(700),
	});
	fc.assert(
		fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
			const { time, turnstile } = at({ ...limits, pending: 1_000 });
			const counted = new Map<string, number[]>();
			for (const { address, isMember, laterMs } of steps) {
				time.nowMs += laterMs;
				const before = (counted.get(address) ?? []).filter((atMs) => atMs > time.nowMs - limits.windowMs);
				const knock: Knock | null = turnstile.enter(address);
				expect(knock !== null).toBe(before.length < limits.knocks);
				if (isMember) knock?.forgive();
				else if (knock !== null) {
					knock.count();
					counted.set(address, [...before, time.nowMs]);
				}
			}
			time.nowMs += limits.windowMs;
			expect(turnstile.enter("a")).not.toBeNull();
		}),
	);
});

test("addresses beyond those it can remember push out the one that knocked longest ago", () => {
	const { turnstile } = at();
	for (let times = 0; times < 3; times += 1) turnstile.enter("first")?.count();
	expect(turnstile.enter("first")).toBeNull();
	for (const address of ["b", "c", "d", "e", "f"]) turnstile.enter(address)?.count();
	expect(turnstile.enter("first")).not.toBeNull();
});
