/**
 * What the screen says of this machine, in words and figures. Pure. What others tell of themselves is less, and in `peers.ts`.
 */
import type { Cause, MachineSource, MachineStatus, Rung } from "../../native/contract/contract.ts";
import { formatCount, formatDuration, formatPercent } from "../state/format.ts";
import type { Tone } from "../ui/tag.tsx";
import { words } from "../words/words.ts";
import type { Fact } from "./facts.tsx";
import { formatMemory } from "./format-memory.ts";
import { describeGpu, type GpuCard } from "./gpu-card.ts";

/** All that is shown of a machine. */
export interface MachineCard {
	readonly id: string;
	readonly name: string;
	/** The one whose service serves this page. */
	readonly isThis: boolean;
	readonly rung: Rung;
	readonly state: string;
	readonly tone: Tone;
	/** Why it is in that state, as a sentence. */
	readonly reason: string;
	readonly causes: readonly Cause[];
	/** When work comes back, Unix milliseconds; null: it may run, or nobody knows. */
	readonly untilMs: number | null;
	/** Part of the GPU's time that batch work may take; null: all of it. */
	readonly shareFraction: number | null;
	readonly gpus: readonly GpuCard[];
	readonly facts: readonly Fact[];
	readonly sources: readonly MachineSource[];
}

/** The machines there are, this one first. */
export function listMachines(status: MachineStatus): readonly MachineCard[] {
	return [describeThis(status)];
}

function describeThis({ name, snapshot, verdict }: MachineStatus): MachineCard {
	return {
		id: "this",
		name,
		isThis: true,
		rung: verdict.rung,
		state: words.machines.state[verdict.rung],
		tone: toneOf(verdict.rung),
		reason: verdict.rung === "run" ? words.machines.runs : capital(withDot(verdict.reason)),
		causes: verdict.causes,
		untilMs: verdict.untilMs,
		shareFraction: verdict.shareFraction < 1 ? verdict.shareFraction : null,
		gpus: snapshot.gpus.map(describeGpu),
		facts: describeComputer(snapshot),
		sources: snapshot.sources,
	};
}

/** What a rung looks like. */
export function toneOf(rung: Rung): Tone {
	switch (rung) {
		case "run":
			return "good";
		case "freeze":
			return "accent";
		case "yield":
			return "warn";
		case "leave":
			return "neutral";
		default:
			return rung satisfies never;
	}
}

/** Words of the service with a capital letter, as a line of its own begins. */
export function capital(text: string): string {
	return text.charAt(0).toUpperCase() + text.slice(1);
}

/** With a dot at its end. */
export function withDot(text: string): string {
	return /[.!?]$/.test(text) ? text : `${text}.`;
}

function describeComputer(snapshot: MachineStatus["snapshot"]): readonly Fact[] {
	const { cpu, memory, heat } = snapshot;
	const text = words.machines;
	const isHot =
		cpu.temperatureCelsius === null ? "" : `, ${text.celsius(formatCount(Math.round(cpu.temperatureCelsius)))}`;
	return [
		{
			label: text.processor,
			value: cpu.totalFraction === null ? text.unknown : formatPercent(cpu.totalFraction),
			detail: `${shares(cpu)}${text.cores(formatCount(cpu.cores))}${isHot}`,
		},
		{
			label: text.memory,
			value: text.memoryFree(formatMemory(memory.availableBytes), formatMemory(memory.totalBytes)),
			detail: memory.oursBytes === null || memory.oursBytes === 0 ? null : text.ours(formatMemory(memory.oursBytes)),
		},
		{ label: text.supply, value: describeSupply(snapshot.power), detail: null },
		{ label: text.desk, value: describeDesk(snapshot.user), detail: null },
		...(heat === null ? [] : [{ label: text.heat, value: text.heatWords[heat], detail: null }]),
	];
}

function shares({ oursFraction, othersFraction }: MachineStatus["snapshot"]["cpu"]): string {
	if (oursFraction === null || othersFraction === null) return "";
	return `${words.machines.busyBy(formatPercent(oursFraction), formatPercent(othersFraction))}; `;
}

function describeSupply({ supply, batteryFraction }: MachineStatus["snapshot"]["power"]): string {
	const text = words.machines;
	const battery = batteryFraction === null ? null : formatPercent(batteryFraction);
	switch (supply) {
		case "mains":
			return battery === null ? text.mains : text.mainsCharging(battery);
		case "battery":
			return text.battery(battery);
		case null:
			return text.unknown;
		default:
			return supply satisfies never;
	}
}

/** Less than this counts as sitting there: looks are seconds apart, and "nobody for 4 s" would only flicker. */
const JUST_NOW_MS = 60_000;

function describeDesk({ hasDesktop, isLocked, idleMs }: MachineStatus["snapshot"]["user"]): string {
	const text = words.machines;
	if (!hasDesktop) return text.deskNone;
	if (isLocked === true) return text.deskLocked;
	if (idleMs === null) return text.unknown;
	return idleMs < JUST_NOW_MS ? text.deskHere : text.deskIdle(formatDuration(idleMs));
}
