/** What the screen says of the machines that belong together. Pure. */
import type { MeshMachine, MeshView } from "../../native/contract/contract.ts";
import { formatCount, formatMoment, formatRate } from "../state/format.ts";
import type { Tone } from "../ui/tag.tsx";
import { words } from "../words/words.ts";
import type { Fact } from "./facts.tsx";
import { formatMemory } from "./format-memory.ts";
import { capital, withDot } from "./machine-cards.ts";

const text = words.mesh;

/** All that is shown of another machine. */
export interface PeerCard {
	readonly id: string;
	readonly name: string;
	readonly isOnline: boolean;
	readonly isHost: boolean;
	/** In a word or two. */
	readonly state: string;
	readonly tone: Tone;
	/** What it does, or when it was last heard, as sentences. */
	readonly lines: readonly string[];
	readonly facts: readonly Fact[];
}

/** What a job is called; null: this page does not know it. */
export type NameOfJob = (batchId: string) => string | null;

/** The other machines: those that are there first, then by name. */
export function listPeers(view: MeshView, nameOfJob: NameOfJob, nowMs: number): readonly PeerCard[] {
	const others = view.machines.filter((machine) => !machine.is_self);
	const sorted = others.toSorted(
		(one, other) => Number(other.is_online) - Number(one.is_online) || one.name.localeCompare(other.name),
	);
	return sorted.map((machine) => describePeer(machine, view, nameOfJob, nowMs));
}

function describePeer(machine: MeshMachine, view: MeshView, nameOfJob: NameOfJob, nowMs: number): PeerCard {
	const { about, is_online: isOnline } = machine;
	return {
		id: machine.id,
		name: machine.name,
		isOnline,
		isHost: machine.is_host,
		state: isOnline ? text.activity[about?.activity ?? "idle"] : text.offline,
		tone: isOnline ? (about?.activity === "resting" ? "neutral" : "good") : "warn",
		lines: isOnline ? present(machine, view, nameOfJob) : [whenHeard(machine, nowMs)],
		facts: factsOf(machine),
	};
}

function present(machine: MeshMachine, { machines }: MeshView, nameOfJob: NameOfJob): readonly string[] {
	const { about, relayed_by: relay } = machine;
	const relayed = relay === null ? null : (machines.find(({ id }) => id === relay)?.name ?? relay);
	return [
		worksOn(machine, nameOfJob) ?? (about === null ? text.notTold : capital(withDot(about.words))),
		...(relayed === null ? [] : [text.relayed(relayed)]),
	];
}

/** The lines in a machine's hands; null: it has none. */
export function worksOn({ slices }: Pick<MeshMachine, "slices">, nameOfJob: NameOfJob): string | null {
	const held = slices.filter(({ lines }) => lines > 0);
	if (held.length === 0) return null;
	const parts = held.map(({ batch_id, lines }) =>
		text.slice(formatCount(lines), nameOfJob(batch_id) ?? text.unknownJob),
	);
	return text.worksOnLines(list.format(parts));
}

const list = new Intl.ListFormat(undefined, { type: "conjunction" });

function whenHeard({ last_heard_at }: MeshMachine, nowMs: number): string {
	if (last_heard_at === null) return capital(withDot(text.neverHeard));
	return capital(withDot(text.lastHeard(formatMoment(last_heard_at * 1_000, nowMs))));
}

function factsOf({ about, address, hosting }: MeshMachine): readonly Fact[] {
	const plain = (label: string, value: string): Fact => ({ label, value, detail: null });
	const told =
		about === null
			? []
			: [
					plain(
						text.rate,
						about.lines_per_second === null
							? text.notMeasured
							: text.linesPerSecond(formatRate(about.lines_per_second)),
					),
					plain(text.gpus, about.gpus.length === 0 ? text.noGpus : about.gpus.join(", ")),
					plain(
						text.models,
						about.models.length === 0 ? text.noModels : about.models.map(({ name }) => name).join(", "),
					),
					plain(text.memory, formatMemory(about.memory_bytes)),
					plain(text.version, about.version),
				];
	return [
		...told,
		...(hosting === "allowed" ? [] : [plain(text.hosting, text.hostingWords[hosting])]),
		...(address === null ? [] : [plain(text.address, address)]),
	];
}

/** Who hands out the work, since when and why; null: that is nobody's business, for there is one machine only. */
export function hostLine({ host, machines, is_on }: MeshView, nowMs: number): string | null {
	if (!is_on || machines.length < 2) return null;
	const machine = machines.find(({ id }) => id === host?.id);
	if (host === null || machine === undefined) return text.noHost;
	const since = formatMoment(host.since * 1_000, nowMs);
	const reason = text.why[host.why];
	return machine.is_self ? text.thisHost(since, reason) : text.hostLine(machine.name, since, reason);
}

/** Whether this machine hears none of those it is paired with. */
export function isAlone({ is_on, machines }: MeshView): boolean {
	return is_on && machines.length > 1 && machines.every((machine) => machine.is_self || !machine.is_online);
}
