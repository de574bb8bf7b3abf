/** What `nightshift machines` and `nightshift pair` print. Pure. */
import { assertNever, durationInWords, formatCount, timeInWords } from "../base/base.ts";
import type { Durability, MeshHost, MeshMachine, MeshView, PairingCode } from "../contract/contract.ts";
import type { MachineFlags } from "./batch-flags.ts";

/** The machines as a table, and below it what there is to know or to do. */
export function describeMachines(view: MeshView, nowMs: number): string {
	const { machines, awaiting_approval: waiting, strangers, is_on: isOn, self, trouble } = view;
	const lines = [
		...table(machines.map((machine) => describeMachine(machine, view.host, nowMs))),
		...(machines.length > 1 ? [] : ["This machine works by itself. 'nightshift pair' shows a code that adds another."]),
		...(isOn || self === null ? [] : ["Working together is switched off: 'nightshift machines on'."]),
		...(trouble === null ? [] : [`Needs you: ${trouble}`]),
		...waiting.map((machine) => {
			const name = asArgument(machine);
			return `${machine.name} was admitted by a machine that is removed: 'nightshift machines approve ${name}' or 'remove ${name}'.`;
		}),
		...strangers
			.filter(({ is_pairing, address }) => is_pairing && IS_ADDRESS.test(address))
			.map(({ name, address }) => `${name} shows a code: 'nightshift pair --with ${address}' joins it.`),
	];
	return `${lines.map(harmless).join("\n")}\n`;
}

/** What a command that is printed to be copied may hold: others chose these words, and a shell would do what else they say. */
const IS_ADDRESS = /^[\w.[\]:-]+$/;
const IS_PLAIN_NAME = /^\w[\w.-]*$/;

/** How a machine is named on a command line. */
function asArgument({ id, name }: Pick<MeshMachine, "id" | "name">): string {
	return IS_PLAIN_NAME.test(name) ? name : id;
}

/** Without what a terminal would obey: much of it was said by other machines, and strangers say their own names. */
export function harmless(text: string): string {
	return text.replaceAll(/[\p{Cc}\p{Cf}]/gu, "");
}

/** How safe a batch is, e.g. `safe on 2 machines`. */
export function describeDurability({ level, reason }: Durability): string {
	if (level === 2) return "safe on 2 machines";
	switch (reason) {
		case "alone":
			return "1 copy: no other machine is reachable";
		case "no-room":
			return "1 copy: no other machine has room for it";
		case "pending":
			return "1 copy: the second is being made";
		case "only-member":
		case null:
			return "1 copy: there is no other machine";
		default:
			return assertNever(reason);
	}
}

/** Which machines may work, as they were named, e.g. `All machines but attic work`. */
export function describeChoice({ machines, not = [] }: MachineFlags): string {
	const allowed = machines?.filter((name) => !not.includes(name));
	if (allowed !== undefined) return `None but ${listOf(allowed)} may work`;
	return not.length === 0 ? "All machines may work" : `All machines but ${listOf(not)} may work`;
}

function listOf(names: readonly string[]): string {
	return new Intl.ListFormat("en-GB").format(names);
}

/** With a capital letter, as a line of its own begins. */
export function capital(text: string): string {
	return text.charAt(0).toUpperCase() + text.slice(1);
}

/** How long a shown code still counts. */
export function describeCode({ expires_at, tries_left }: PairingCode, nowMs: number): string {
	const secondsLeft = Math.max(0, Math.ceil(expires_at - nowMs / 1_000));
	return `waits for the other machine, ${secondsLeft} s and ${tries(tries_left)} left`;
}

/** `1 try`, `2 tries`. */
export function tries(count: number): string {
	return count === 1 ? "1 try" : `${count} tries`;
}

const headings = ["", "name", "online", "does", "lines/s", "models"];

function describeMachine(machine: MeshMachine, host: MeshHost | null, nowMs: number): readonly string[] {
	const { about } = machine;
	return [
		machine.is_host ? "*" : "",
		machine.is_self ? `${machine.name} (this machine)` : machine.name,
		describeOnline(machine, nowMs),
		[about?.words ?? "has not told yet", ...hostWords(machine, host, nowMs)].join("; "),
		about?.lines_per_second == null ? "-" : about.lines_per_second.toFixed(1),
		about === null || about.models.length === 0 ? "-" : about.models.map(({ name }) => name).join(", "),
	];
}

function describeOnline(machine: MeshMachine, nowMs: number): string {
	if (machine.is_online) return machine.relayed_by === null ? "yes" : "yes, by way of another";
	return machine.last_heard_at === null ? "no" : `no, ${ago(machine.last_heard_at, nowMs)}`;
}

function ago(atSeconds: number, nowMs: number): string {
	return `heard ${durationInWords(Math.max(0, nowMs - atSeconds * 1_000))} ago`;
}

function hostWords({ is_host }: MeshMachine, host: MeshHost | null, nowMs: number): readonly string[] {
	if (!is_host || host === null) return [];
	return [`host since ${timeInWords(host.since, nowMs)}: ${describeWhy(host.why)}`];
}

/** Why a machine is host. */
export function describeWhy(why: MeshHost["why"]): string {
	switch (why) {
		case "only-machine":
			return "no other machine was there";
		case "silence":
			return "the one before fell silent";
		case "hand-over":
			return "it was asked to";
		case "found":
			return "it was host already";
		default:
			return assertNever(why);
	}
}

function table(rows: readonly (readonly string[])[]): readonly string[] {
	if (rows.length === 0) return [];
	const all = [headings, ...rows];
	const widths = headings.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
	return all.map((row) =>
		row
			.map((cell, column) => cell.padEnd(widths[column] ?? 0))
			.join("  ")
			.trimEnd(),
	);
}

/** How many machines there are now, e.g. `2 machines work together now.` */
export function describeCount(view: MeshView): string {
	return `${formatCount(view.machines.length)} machines belong together now.`;
}
