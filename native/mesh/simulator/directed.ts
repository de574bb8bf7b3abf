import { assertNever } from "../../base/base.ts";
import type { DirectedKind } from "./mutants.ts";
import { CHAOS_MS, type Fault, type Plan, planOf } from "./plan.ts";
import { createRandom, type Random } from "./random.ts";

/**
 * Plans that lead into corners which chance finds rarely: the fault is placed where it hurts (FoundationDB's BUGGIFY). Within the
 * corner the seed still decides.
 */
export function directedPlanOf(kind: DirectedKind, seed: number): Plan {
	const random = createRandom(seed ^ 0x5eed);
	switch (kind) {
		case "anything":
			return planOf(seed);
		case "crashing-writers":
			return plan(seed, random, 2, crashingWriters(random));
		case "dying-hosts":
			return plan(seed, random, 2, dyingHosts(random));
		case "late-grants":
			return plan(seed, random, 3, lateGrants(random));
		case "lost-workers":
			return plan(seed, random, 3, lostWorkers(random));
		case "returning-hosts":
			return plan(seed, random, 2 + random.below(2), returningHosts(random));
		case "sleeping-hosts":
			return plan(seed, random, 3, sleepingHosts(random));
		case "far-hosts":
			return plan(seed, random, 3, farHosts(random));
		default:
			return assertNever(kind);
	}
}

function plan(seed: number, random: Random, machines: number, faults: readonly Fault[]): Plan {
	const submits = Array.from({ length: 3 }, (_, number): Fault => {
		const atMs = 1_000 + number * Math.floor(CHAOS_MS / 4);
		return { kind: "submit", atMs, machine: random.below(machines), lines: 20 + random.below(40) };
	});
	const all = [...submits, ...faults].sort((left, right) => left.atMs - right.atMs);
	return { seed, machines, protection: "auto", publishAt: "available", frameMs: 40, isNoisy: true, faults: all };
}

/** Slow disks under machines that work and crash: what was sent may not have been written. */
function crashingWriters(random: Random): readonly Fault[] {
	const slow: Fault[] = [0, 1].map((machine) => ({ kind: "slow-disk", atMs: 0, machine, delayMs: 3_000 }));
	return [...slow, ...every(random, 9_000, 12_000, (atMs) => crash(atMs, random.below(2), random.between(500, 3_000)))];
}

/** Hosts crash again and again while nobody else hears them, and come back at once. */
function dyingHosts(random: Random): readonly Fault[] {
	const apart: Fault = { kind: "split", atMs: 500, sides: 1, isOneWay: false };
	const heal: Fault = { kind: "heal", atMs: 80_000 };
	return [apart, heal, ...every(random, 10_000, 15_000, (atMs) => crash(atMs, random.below(2), 500))];
}

/** Grants are long under way while the host that made them sleeps and another takes over. */
function lateGrants(random: Random): readonly Fault[] {
	const holds = every(random, 18_000, 22_000, (atMs): Fault => {
		return { kind: "hold", atMs, message: "grant", delayMs: 9_000 + random.below(8_000), forMs: 15_000 };
	});
	const sleeps = every(random, 25_000, 30_000, (atMs): Fault => {
		return { kind: "sleep", atMs, machine: random.below(3), forMs: 20_000 };
	});
	return [...holds, ...sleeps];
}

/** A machine is gone for good while it works. */
function lostWorkers(random: Random): readonly Fault[] {
	return [{ kind: "lose-disk", atMs: 14_000 + random.below(20_000), machine: random.below(3) }];
}

/** A split makes two hosts; the newer one crashes, and comes back long after all can hear each other again. */
function returningHosts(random: Random): readonly Fault[] {
	const machine = random.below(2);
	const splitMs = 10_000 + random.below(5_000);
	const crashMs = splitMs + 18_000 + random.below(5_000);
	return [
		{ kind: "split", atMs: splitMs, sides: 1 << machine, isOneWay: false },
		...(random.chance(0.6) ? [crash(crashMs, machine, 35_000)] : []),
		{ kind: "heal", atMs: crashMs + 25_000 },
	];
}

/** A host sleeps; when it wakes, the first it hears is a machine that knows its successor by hearsay only. */
function sleepingHosts(random: Random): readonly Fault[] {
	const [host, successor, third] = random.pick([
		[0, 1, 2],
		[1, 0, 2],
		[0, 2, 1],
		[2, 0, 1],
	]) as readonly [number, number, number];
	return [25_000, 85_000].flatMap((atMs): Fault[] => {
		const wakeMs = atMs + 28_000;
		const cutMs = wakeMs - 6_800 - random.below(1_500);
		return [
			{ kind: "sleep", atMs, machine: host, forMs: wakeMs - atMs },
			{ kind: "cut", atMs: cutMs, machine: successor, other: third, isOneWay: false },
			{ kind: "heal", atMs: wakeMs + 5_000 },
		];
	});
}

/** One of three cannot hear the host, but a machine that does. */
function farHosts(random: Random): readonly Fault[] {
	const [one, other] = random.pick([
		[0, 1],
		[0, 2],
		[1, 2],
	]) as readonly [number, number];
	return [{ kind: "cut", atMs: 20_000, machine: one, other, isOneWay: random.chance(0.5) }];
}

function crash(atMs: number, machine: number, forMs: number): Fault {
	return { kind: "crash", atMs, machine, forMs: Math.floor(forMs) };
}

function every(random: Random, least: number, most: number, make: (atMs: number) => Fault): readonly Fault[] {
	const faults: Fault[] = [];
	for (let atMs = random.between(least, most); atMs < CHAOS_MS; atMs += random.between(least, most)) {
		faults.push(make(Math.floor(atMs)));
	}
	return faults;
}
