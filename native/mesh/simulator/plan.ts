import { createRandom, type Random } from "./random.ts";

/** All that a run depends on. As JSON it can be kept and run again; without its faults it can be shrunk. */
export interface Plan {
	/** For all that is not written down here: delays, losses, how long a line takes. */
	readonly seed: number;
	readonly machines: number;
	readonly protection: "auto" | "protect";
	readonly publishAt: "available" | "two";
	/** How long a frame takes at most. */
	readonly frameMs: number;
	/** Whether frames are lost and doubled, and some disks slow. */
	readonly isNoisy: boolean;
	readonly faults: readonly Fault[];
}

/** Something that is done to the machines at a moment of virtual time. Machines are counted round, so that any number will do. */
export type Fault = { readonly atMs: number } & (
	| { readonly kind: "submit"; readonly machine: number; readonly lines: number }
	| { readonly kind: "cancel"; readonly machine: number }
	/** Every machine that is up finds that the time of a batch is over. */
	| { readonly kind: "expire"; readonly machine: number }
	/** The owner lets all machines but one work on a batch; once all is to be well, that one too. */
	| { readonly kind: "choose"; readonly machine: number }
	/** Somebody wants failed lines of an ended batch run again. */
	| { readonly kind: "retry"; readonly machine: number }
	/** Everything not fsynced is gone; it starts again after `forMs`. */
	| { readonly kind: "crash"; readonly machine: number; readonly forMs: number }
	/** As crash, but the core is told before. */
	| { readonly kind: "quit"; readonly machine: number; readonly forMs: number }
	| { readonly kind: "sleep"; readonly machine: number; readonly forMs: number }
	/** Its disk is gone, and the machine with it, for good. Only the first such fault of a plan counts. */
	| { readonly kind: "lose-disk"; readonly machine: number }
	/** From now on an fsync takes up to so long. */
	| { readonly kind: "slow-disk"; readonly machine: number; readonly delayMs: number }
	/** Somebody sets the wall clock. */
	| { readonly kind: "set-clock"; readonly machine: number; readonly byMs: number }
	/** Its worker gives up what it works on, and takes nothing for so long. */
	| { readonly kind: "owner-returns"; readonly machine: number; readonly forMs: number }
	| { readonly kind: "hand-over"; readonly machine: number }
	/** Machines whose bit is set on one side, the others on the other; one way: the first side still hears nothing, but is heard. */
	| { readonly kind: "split"; readonly sides: number; readonly isOneWay: boolean }
	| { readonly kind: "cut"; readonly machine: number; readonly other: number; readonly isOneWay: boolean }
	| { readonly kind: "heal" }
	/** Frames of a kind that are sent from now on for `forMs` take so much longer. */
	| {
			readonly kind: "hold";
			readonly message: "grant" | "operations" | "want" | "yield";
			readonly delayMs: number;
			readonly forMs: number;
	  }
);

/** How long faults come, in virtual time; afterwards all is mended. */
export const CHAOS_MS = 120_000;

/** Mostly two, the hardest number. */
const MACHINE_COUNTS = [2, 2, 2, 3, 5] as const;

/** Mostly a cable; now and then a radio on its last bar. */
const FRAMES_MS = [40, 40, 40, 1_500] as const;

/** The plan of a seed. */
export function planOf(seed: number): Plan {
	const random = createRandom(seed);
	const isStrict = random.chance(0.15);
	const submits = Array.from({ length: 1 + random.below(3) }, () => submit(random));
	const count = 2 + random.below(14);
	const faults = Array.from({ length: count }, () => anyFault(random)).filter(
		// Who wants everything on two disks, and has lost one of two, waits for a new machine.
		({ kind }) => !(isStrict && kind === "lose-disk"),
	);
	const circumstances = {
		machines: random.pick(MACHINE_COUNTS),
		protection: isStrict && random.chance(0.5) ? ("protect" as const) : ("auto" as const),
		publishAt: isStrict ? ("two" as const) : ("available" as const),
		frameMs: random.pick(FRAMES_MS),
	};
	const decisions = RARE_DECISIONS.filter(() => random.chance(0.15)).map((kind) => ({ kind, ...anywhere(random) }));
	const all = [...submits, ...faults, ...decisions].sort((left, right) => left.atMs - right.atMs);
	return { seed, ...circumstances, isNoisy: true, faults: all };
}

/** The plan of a seed with its batches only: no faults, no noise. */
export function calmPlanOf(seed: number): Plan {
	const plan = planOf(seed);
	return {
		...plan,
		frameMs: FRAMES_MS[0],
		isNoisy: false,
		faults: plan.faults.filter(({ kind }) => kind === "submit"),
	};
}

function submit(random: Random): Fault {
	// Early enough that there is work while things go wrong.
	const atMs = Math.floor(random.between(0, CHAOS_MS * 0.6));
	return { kind: "submit", atMs, machine: random.below(5), lines: 8 + random.below(50) };
}

/** Each kind of fault with how often it is drawn, relative to the others. */
const FAULTS: readonly (readonly [weight: number, make: (random: Random, at: Where) => Fault])[] = [
	[20, (random, { atMs }) => ({ kind: "split", atMs, sides: random.below(32), isOneWay: random.chance(0.2) })],
	[10, (random, at) => ({ kind: "cut", ...at, other: random.below(5), isOneWay: random.chance(0.3) })],
	[20, (_, { atMs }) => ({ kind: "heal", atMs })],
	[20, (random, at) => ({ kind: "crash", ...at, forMs: whole(random, 500, 15_000) })],
	[3, (random, at) => ({ kind: "quit", ...at, forMs: whole(random, 500, 15_000) })],
	[22, (random, at) => ({ kind: "sleep", ...at, forMs: whole(random, 1_000, 45_000) })],
	[4, (_, at) => ({ kind: "lose-disk", ...at })],
	[4, (random, at) => ({ kind: "slow-disk", ...at, delayMs: random.pick([20, 800, 3_000]) })],
	[2, (random, at) => ({ kind: "set-clock", ...at, byMs: whole(random, -600_000, 600_000) })],
	[6, (random, at) => ({ kind: "owner-returns", ...at, forMs: whole(random, 1_000, 30_000) })],
	[4, (_, at) => ({ kind: "hand-over", ...at })],
	[3, (_, at) => ({ kind: "cancel", ...at })],
	[8, (_, at) => ({ kind: "retry", ...at })],
	[
		4,
		(random, { atMs }) => ({
			kind: "hold",
			atMs,
			message: random.pick(["grant", "operations", "want", "yield"] as const),
			delayMs: whole(random, 1_000, 20_000),
			forMs: whole(random, 1_000, 10_000),
		}),
	],
];

/** What people decide now and then; drawn after everything else, so that what older seeds draw stays the same. */
const RARE_DECISIONS = ["expire", "choose"] as const;

const TOTAL_WEIGHT = FAULTS.reduce((sum, [weight]) => sum + weight, 0);

interface Where {
	readonly atMs: number;
	readonly machine: number;
}

function anyFault(random: Random): Fault {
	const at = anywhere(random);
	let left = random.between(0, TOTAL_WEIGHT);
	for (const [weight, make] of FAULTS) {
		left -= weight;
		if (left < 0) return make(random, at);
	}
	return { kind: "heal", atMs: at.atMs };
}

function anywhere(random: Random): Where {
	return { atMs: Math.floor(random.between(0, CHAOS_MS)), machine: random.below(5) };
}

function whole(random: Random, low: number, high: number): number {
	return Math.floor(random.between(low, high));
}
