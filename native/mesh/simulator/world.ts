import type { CoreEvent, CoreState, Rules, Step } from "../core/core.ts";
import { type Agenda, createAgenda } from "./agenda.ts";
import { type Checker, createChecker } from "./checker.ts";
import type { Happening, Machine } from "./machine.ts";
import { createNetwork, type Network } from "./network.ts";
import type { Plan } from "./plan.ts";
import { createRandom, type Random } from "./random.ts";
import { tell } from "./tell.ts";

/** Rules of parts around the core, which the simulator stands in for, and can break as well. */
export interface SurroundingRules {
	/** A machine that lays down its office keeps its log. */
	readonly keepsLogs: boolean;
	/** Of two results of a line all machines choose the same, whatever the order they arrive in. */
	readonly choosesWinners: boolean;
	/** A published file is named by its bytes. */
	readonly namesFilesByDigest: boolean;
}

/** How the world is meant. */
export const ALL_SURROUNDING_RULES: SurroundingRules = {
	keepsLogs: true,
	choosesWinners: true,
	namesFilesByDigest: true,
};

/** What a run does beside its plan. */
export interface WorldOptions {
	readonly rules: Rules;
	readonly surroundings: SurroundingRules;
	/** Whether what happens is written down; costs time. */
	readonly isTraced: boolean;
	/** Sees every step of every core. */
	readonly observe?: Observer | undefined;
}

/** Told of a step: what the state was, what happened, and what came of it. */
export type Observer = (before: CoreState, event: CoreEvent, after: Step) => void;

/** Everything there is while a plan runs: virtual time, machines, the network between them, and who watches. */
export interface World {
	readonly plan: Plan;
	readonly options: WorldOptions;
	readonly random: Random;
	readonly machines: Machine[];
	readonly network: Network;
	readonly checker: Checker;
	readonly trace: readonly string[];
	/** Virtual time since the beginning; no machine knows it. */
	readonly nowMs: number;
	/** A number never answered before. */
	stamp(): number;
	after(delayMs: number, happening: () => void): void;
	/** As `after`, on a machine: not if it crashed meanwhile, later if it sleeps. */
	afterOn(machine: Machine, delayMs: number, happening: () => void): void;
	/** Something happens on a machine: its core hears of it, and what the core wants is done. */
	tell(machine: Machine, happening: Happening): void;
	/** Lets so much time pass. */
	run(durationMs: number): void;
	/** Writes down what happened, if anybody wants to read it. */
	note(machine: Machine | null, text: string): void;
}

/** A world without machines. */
export function createWorld(plan: Plan, options: WorldOptions): World {
	const agenda: Agenda = createAgenda();
	const random = createRandom(plan.seed);
	const trace: string[] = [];
	let nowMs = 0;
	let stamps = 0;

	const world: World = {
		plan,
		options,
		random,
		machines: [],
		network: createNetwork(plan, random, () => nowMs),
		checker: createChecker(() => world, options.surroundings.namesFilesByDigest),
		trace,
		get nowMs() {
			return nowMs;
		},
		stamp() {
			stamps += 1;
			return stamps;
		},
		after: (delayMs, happening) => agenda.plan(nowMs + delayMs, happening),
		afterOn(machine, delayMs, happening) {
			const { incarnation } = machine;
			const happen = (): void => {
				if (machine.incarnation !== incarnation) return;
				if (machine.condition === "asleep") machine.whenAwake.push(happen);
				else happening();
			};
			agenda.plan(nowMs + delayMs, happen);
		},
		tell: (machine, happening) => tell(world, machine, happening),
		run(durationMs) {
			const endMs = nowMs + durationMs;
			for (let planned = agenda.next(endMs); planned !== null; planned = agenda.next(endMs)) {
				nowMs = planned.atMs;
				planned.happening();
			}
			nowMs = endMs;
		},
		note(machine, text) {
			if (options.isTraced) trace.push(`${(nowMs / 1000).toFixed(3)} ${machine?.device ?? "-"} ${text}`);
		},
	};
	return world;
}
