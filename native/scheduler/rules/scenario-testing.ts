/** Tests only: a computer in few words, and what the rules come to when it goes through some moments. */
import {
	type MachineSnapshot,
	type Rung,
	type SettingsValues,
	settingsSchema,
	type Weekday,
} from "../../contract/contract.ts";
import { heldCauses, initialState, type Settled, settle } from "../settle.ts";
import { judge } from "./judge.ts";
import type { Facts } from "./rules.ts";

/** A GPU. Sizes are gigabytes, use is percent. */
export interface GivenGpu {
	readonly name?: string;
	readonly total?: number | null;
	readonly used?: number | null;
	readonly ours?: number | null;
	readonly others?: number | null;
	readonly busy?: number | null;
	readonly celsius?: number | null;
	/** Name, gigabytes, percent of its time. Null: who uses it can't be seen. */
	readonly processes?: readonly (readonly [name: string | null, memory: number | null, busy: number | null])[] | null;
	/** Others' memory when our model came up. */
	readonly atLoad?: number;
}

/** What is told of a moment; the rest is a computer on mains that nobody uses and nothing is known of. */
export interface Given {
	/** Weekday and local time in the week of Monday, 12 January 2026; Wednesday at two in the afternoon where it is not told. */
	readonly at?: `${Weekday} ${string}`;
	readonly mode?: SettingsValues["schedule"]["mode"];
	readonly awayMinutes?: number;
	readonly night?: Partial<SettingsValues["night"]>;
	readonly limits?: Partial<SettingsValues["limits"]>;
	/** Minutes since the last key or click. */
	readonly idle?: number | null;
	readonly isLocked?: boolean | null;
	readonly hasDesktop?: boolean;
	readonly screen?: NonNullable<MachineSnapshot["user"]["foreground"]>["kind"];
	readonly front?: string | null;
	readonly programs?: readonly string[];
	readonly gpus?: readonly GivenGpu[];
	/** Percent that others use of the processor. */
	readonly cpu?: number | null;
	readonly cpuCelsius?: number;
	/** Percent of 16 GB of memory that is available. */
	readonly memory?: number;
	readonly supply?: "mains" | "battery" | null;
	/** Percent. */
	readonly battery?: number | null;
	readonly heat?: MachineSnapshot["heat"];
	readonly isPaused?: boolean;
	readonly snoozedUntil?: `${Weekday} ${string}`;
	readonly live?: string;
	readonly isOnProcessor?: boolean;
	readonly usesGpu?: boolean;
}

/** A moment, or a stretch of time of which somebody looks every two seconds. */
export interface Step extends Given {
	/** Seconds it lasts. */
	readonly for?: number;
	/** The owner says resume when it begins. */
	readonly says?: "resume";
	/** Seconds that the computer sleeps before: only the wall clock goes on. */
	readonly sleeps?: number;
}

/** A row of a table: a sentence, a moment or several, and what the last comes to. */
export type Row = readonly [sentence: string, given: Step | readonly Step[], rung: Rung, reason: string];

const GIGABYTE = 2 ** 30;
const LOOK_SECONDS = 2;
const daysOfWeek = {
	monday: 12,
	tuesday: 13,
	wednesday: 14,
	thursday: 15,
	friday: 16,
	saturday: 17,
	sunday: 18,
} as const;

/** A moment of that week. */
export function momentOf(at: `${Weekday} ${string}`): number {
	const [weekday, time = "00:00"] = at.split(" ");
	const day = Object.entries(daysOfWeek).find(([name]) => name === weekday)?.[1] ?? 12;
	const [hours = 0, minutes = 0] = time.split(":").map(Number);
	return new Date(2026, 0, day, hours, minutes).getTime();
}

/** What a row is about: rung and reason after its last moment. */
export function outcomeOf(given: Step | readonly Step[]): { readonly rung: Rung; readonly reason: string } {
	const { rung, reason } = runThrough("length" in given ? given : [given]).verdict;
	return { rung, reason };
}

/** Goes through the steps, from the start of the service, and answers what the last moment came to. */
export function runThrough(steps: readonly Step[]): Settled {
	let nowMs = momentOf(steps[0]?.at ?? "wednesday 14:00");
	let monotonicMs = 1_000_000;
	let settled: Settled | null = null;
	for (const step of steps) {
		nowMs += (step.sleeps ?? 0) * 1_000;
		for (let second = 0; second <= (step.for ?? 0); second += LOOK_SECONDS) {
			const state = settled?.state ?? initialState;
			const facts = factsOf(step, nowMs, heldCauses(state));
			settled = settle(state, {
				findings: judge(facts),
				nowMs,
				monotonicMs,
				limits: facts.settings.limits,
				isWordGiven: step.says === "resume" && second === 0,
				share: 1,
			});
			nowMs += LOOK_SECONDS * 1_000;
			monotonicMs += LOOK_SECONDS * 1_000;
		}
	}
	if (settled === null) throw new Error("A scenario needs a step.");
	return settled;
}

/** The facts of a moment. */
export function factsOf(given: Given, nowMs: number, held: Facts["held"] = new Set()): Facts {
	const settings = settingsSchema.parse({
		schedule: { mode: given.mode ?? "always", awayMinutes: given.awayMinutes },
		night: given.night,
		limits: given.limits,
	});
	const gpus = (given.gpus ?? []).map(gpuOf);
	const atLoad = (given.gpus ?? []).flatMap(({ atLoad: memory }, index) =>
		memory === undefined ? [] : [[`gpu:${index}`, memory * GIGABYTE] as const],
	);
	return {
		nowMs,
		snapshot: { ...unknownComputer(nowMs), ...partsOf(given), gpus },
		settings,
		rest: {
			isPaused: given.isPaused ?? false,
			snoozedUntilMs: given.snoozedUntil === undefined ? null : momentOf(given.snoozedUntil),
		},
		live: given.live === undefined ? null : { words: given.live, sinceMs: 0 },
		isOnProcessor: given.isOnProcessor ?? false,
		usesGpu: given.usesGpu ?? true,
		othersAtLoadBytes: new Map(atLoad),
		held,
	};
}

/** A computer that nothing is known of. */
export function unknownComputer(nowMs: number): MachineSnapshot {
	return {
		atMs: nowMs,
		gpus: [],
		cpu: { cores: 8, totalFraction: null, oursFraction: null, othersFraction: null, temperatureCelsius: null },
		memory: { totalBytes: 0, availableBytes: 0, oursBytes: null },
		power: { supply: null, batteryFraction: null },
		heat: null,
		user: { hasDesktop: false, idleMs: null, isLocked: null, foreground: null },
		programs: [],
		sources: [],
	};
}

function partsOf(given: Given): Partial<MachineSnapshot> {
	const { idle = null, screen } = given;
	return {
		cpu: {
			cores: 8,
			totalFraction: null,
			oursFraction: null,
			othersFraction: fractionOf(given.cpu),
			temperatureCelsius: given.cpuCelsius ?? null,
		},
		memory: {
			totalBytes: 16 * GIGABYTE,
			availableBytes: (16 * GIGABYTE * (given.memory ?? 50)) / 100,
			oursBytes: null,
		},
		power: { supply: given.supply === undefined ? "mains" : given.supply, batteryFraction: fractionOf(given.battery) },
		heat: given.heat ?? null,
		user: {
			hasDesktop: given.hasDesktop ?? true,
			idleMs: idle === null ? null : idle * 60_000,
			isLocked: given.isLocked ?? null,
			foreground: screen === undefined ? null : { kind: screen, name: given.front ?? null },
		},
		programs: [...(given.programs ?? [])],
	};
}

function gpuOf(given: GivenGpu, index: number): MachineSnapshot["gpus"][number] {
	return {
		id: `gpu:${index}`,
		name: given.name ?? "RTX 4070",
		vendor: "nvidia",
		memory: {
			totalBytes: bytesOf(given.total === undefined ? 12 : given.total),
			usedBytes: bytesOf(given.used),
			oursBytes: bytesOf(given.ours),
			othersBytes: bytesOf(given.others),
		},
		busy: { totalFraction: null, oursFraction: null, othersFraction: fractionOf(given.busy) },
		powerWatts: null,
		powerLimitWatts: null,
		temperatureCelsius: given.celsius ?? null,
		clockMegahertz: null,
		processes:
			given.processes?.map(([name, memory, busy], place) => ({
				pid: 100 + place,
				name,
				isOurs: name === "nightshift",
				memoryBytes: bytesOf(memory),
				busyFraction: fractionOf(busy),
			})) ?? null,
		source: "test",
	};
}

function bytesOf(gigabytes: number | null | undefined): number | null {
	return gigabytes === null || gigabytes === undefined ? null : gigabytes * GIGABYTE;
}

function fractionOf(percent: number | null | undefined): number | null {
	return percent === null || percent === undefined ? null : percent / 100;
}
