import fc from "fast-check";
import { expect, it } from "vitest";
import { systemRandom } from "./ids.ts";
import type { LeaseSource } from "./lease-queue.ts";
import { createLeases, type Leases } from "./leases.ts";
import type { SliceSource } from "./slices.ts";
import { manualClock } from "./testing/fixtures.ts";

const BATCH = 1;
const PAGE_LINES = 4;

/** Lines in an order of their own, some with results, and leases over them that can be lost and begun anew. */
function leasesOver(order: readonly number[]) {
	const done = new Set<number>();
	const clock = manualClock();
	let floor = 0;
	let looked = 0;
	const source: LeaseSource & SliceSource = {
		pageLines: PAGE_LINES,
		orderPage: (_, page) => {
			const lines = order.slice(page * PAGE_LINES, (page + 1) * PAGE_LINES);
			return lines.length === 0 ? null : Uint32Array.from(lines);
		},
		hasResult: (_, line) => {
			looked += 1;
			return done.has(line);
		},
		lengthOf: (_, line) => (line === 99 ? 100_000_000 : 10),
		floor: () => floor,
		familyOf: () => 0,
	};
	const raiseFloor = (_: number, position: number): void => {
		floor = Math.max(floor, position);
	};
	const begin = (): Leases => createLeases({ source, clock, random: systemRandom, raiseFloor, floorEveryResults: 2 });
	const settle = (leases: Leases, lines: readonly number[]): void => {
		for (const line of lines) done.add(line);
		leases.settled(BATCH, lines);
	};
	return { done, clock, begin, settle, looked: () => looked, floor: () => floor };
}

it("hands out every open line to one holder at a time, whatever is claimed, given back, finished or lost", () => {
	const step = fc.oneof(
		fc.record({ do: fc.constant("claim" as const), max: fc.integer({ min: 1, max: 4 }) }),
		fc.record({ do: fc.constantFrom("release", "finish", "finish part", "renew" as const), which: fc.nat(5) }),
		fc.record({ do: fc.constant("finish any" as const), line: fc.nat(14) }),
		fc.record({ do: fc.constantFrom("expire", "restart", "forget" as const) }),
	);
	const order = Array.from({ length: 15 }, (_, index) => (index * 4) % 15);
	fc.assert(
		fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
			const world = leasesOver(order);
			let leases = world.begin();
			let held: { token: string; lines: readonly number[] }[] = [];
			for (const one of steps) {
				if (one.do === "claim") {
					const grant = leases.claim(BATCH, one.max, 100);
					const taken = new Set(held.flatMap((lease) => lease.lines));
					for (const line of grant?.lines ?? [])
						expect([taken.has(line), world.done.has(line)]).toEqual([false, false]);
					if (grant !== null) held.push(grant);
				} else if (one.do === "finish any") {
					world.settle(leases, [one.line]);
				} else if (one.do === "expire") {
					world.clock.advance(100);
					held = [];
				} else if (one.do === "restart") {
					leases = world.begin();
					held = [];
				} else if (one.do === "forget") {
					leases.forget(BATCH);
					held = [];
				} else if ("which" in one) {
					const [lease] = held.splice(one.which % Math.max(held.length, 1), 1);
					if (lease === undefined) continue;
					if (one.do === "renew") {
						const left = lease.lines.filter((line) => !world.done.has(line));
						expect(leases.renew(lease.token, 100)?.lines ?? []).toEqual(left);
						held.push(lease);
						continue;
					}
					if (one.do !== "release") world.settle(leases, one.do === "finish" ? lease.lines : lease.lines.slice(1));
					leases.release(lease.token);
				}
			}
			const rest = new Set(held.flatMap((lease) => lease.lines).filter((line) => !world.done.has(line)));
			const open = order.filter((line) => !world.done.has(line) && !rest.has(line));
			expect([...(leases.claim(BATCH, 99, 100)?.lines ?? [])].sort()).toEqual(open.sort());
		}),
		{ numRuns: 500 },
	);
});

it("begins near the first open line after a restart, without looking at all that is done", () => {
	const order = Array.from({ length: 1_000 }, (_, line) => line);
	const world = leasesOver(order);
	const leases = world.begin();
	for (let round = 0; round < 90; round += 1) world.settle(leases, leases.claim(BATCH, 10, 100)?.lines ?? []);
	const before = world.looked();
	expect(world.begin().claim(BATCH, 1, 100)?.lines).toEqual([900]);
	expect(world.looked() - before).toBeLessThan(20);
});

it("moves past lines that were finished without being claimed", async () => {
	const order = Array.from({ length: 1_000 }, (_, line) => line);
	const world = leasesOver(order);
	world.settle(world.begin(), order.slice(0, 800));
	await world.begin().skipFinished(BATCH);
	expect(world.floor()).toBe(800);
	expect(world.begin().claim(BATCH, 1, 100)?.lines).toEqual([800]);
});

it("a renewed lease is held from then on, and one that ran out is not brought back", () => {
	const world = leasesOver([0, 1, 2, 3]);
	const leases = world.begin();
	const token = leases.claim(BATCH, 2, 100)?.token ?? "";
	world.clock.advance(60);
	expect(leases.renew(token, 100)?.lines).toEqual([0, 1]);
	world.clock.advance(60);
	world.settle(leases, [0]);
	expect(leases.renew(token, 100)?.lines).toEqual([1]);
	expect(leases.claim(BATCH, 4, 100)?.lines).toEqual([2, 3]);
	world.clock.advance(100);
	expect(leases.renew(token, 100)).toBeNull();
	expect(leases.claim(BATCH, 4, 100)?.lines).toEqual([1, 2, 3]);
	expect(leases.renew("lease_none", 100)).toBeNull();
});

it("cuts a slice of very long lines short", () => {
	const leases = leasesOver([1, 99, 2, 3]).begin();
	expect(leases.claim(BATCH, 4, 100)?.lines).toEqual([1, 99]);
	expect(leases.claim(BATCH, 4, 100)?.lines).toEqual([2, 3]);
	expect(leases.claim(BATCH, 0, 100)).toBeNull();
});
