import type { Message } from "../core/core.ts";
import type { Plan } from "./plan.ts";
import type { Random } from "./random.ts";

/** Part of all frames that are lost, and again of those that arrive twice. */
const NOISE = 0.02;

/** How much later the second of a doubled frame arrives at most: late enough to be overtaken by many others. */
const LATE_MS = 400;

/** The links between machines, each way apart. Harsher than TLS: frames are lost one by one and overtake each other. */
export interface Network {
	/** After how long a frame arrives, once for each time it does; empty: it is lost. */
	delaysOf(from: number, to: number, message: Message): readonly number[];
	isOpen(from: number, to: number): boolean;
	/** Open in both directions, and both for longer than so. */
	isOpenFor(durationMs: number, one: number, other: number): boolean;
	/** Open in this direction, for longer than so. */
	isHeardFor(durationMs: number, from: number, to: number): boolean;
	set(from: number, to: number, isOpen: boolean): void;
	/** Opens all links. */
	heal(): void;
	/** Frames of a kind take `delayMs` longer until a moment. */
	hold(kind: Message["kind"], delayMs: number, untilMs: number): void;
	/** From here on nothing is lost, doubled or held. */
	calmDown(): void;
}

/** All links open. */
export function createNetwork(plan: Plan, random: Random, now: () => number): Network {
	const count = plan.machines;
	const isOpen = new Array<boolean>(count * count).fill(true);
	const sinceMs = new Array<number>(count * count).fill(Number.NEGATIVE_INFINITY);
	let holds: { kind: string; delayMs: number; untilMs: number }[] = [];
	let noise = plan.isNoisy ? NOISE : 0;

	function set(from: number, to: number, open: boolean): void {
		const link = from * count + to;
		if (isOpen[link] === open) return;
		isOpen[link] = open;
		sinceMs[link] = now();
	}

	function isHeardFor(durationMs: number, from: number, to: number): boolean {
		const link = from * count + to;
		return isOpen[link] === true && now() - (sinceMs[link] ?? 0) > durationMs;
	}

	return {
		delaysOf(from, to, message) {
			if (isOpen[from * count + to] !== true || random.chance(noise)) return [];
			const held = holds.find(({ kind, untilMs }) => kind === message.kind && now() < untilMs)?.delayMs ?? 0;
			const delayMs = held + random.between(1, plan.frameMs);
			return random.chance(noise) ? [delayMs, delayMs + random.between(0, LATE_MS)] : [delayMs];
		},
		isOpen: (from, to) => isOpen[from * count + to] === true,
		isOpenFor: (durationMs, one, other) => isHeardFor(durationMs, one, other) && isHeardFor(durationMs, other, one),
		isHeardFor,
		set,
		heal() {
			for (let from = 0; from < count; from += 1) for (let to = 0; to < count; to += 1) set(from, to, true);
		},
		hold(kind, delayMs, untilMs) {
			holds = [{ kind, delayMs, untilMs }, ...holds];
		},
		calmDown() {
			noise = 0;
			holds = [];
		},
	};
}
