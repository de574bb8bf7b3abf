/**
 * What work there is, batch by batch: the one place that tells which batches are open, run, or wait for somebody. What the tray, quitting,
 * updates and the taskbar look at. Pure; must never decide what may run, only read what the service said.
 */
import type { BatchDetails } from "../../native/contract/contract.ts";
import { hasEnded } from "./reduce.ts";
import type { ShellState } from "./state.ts";

/** The work at hand; batches the newest first. */
export interface Work {
	/** Batches that are not over. */
	readonly open: readonly BatchDetails[];
	/** Those that go on without anybody's word, now or at their time: neither paused nor rehearsals that wait to be queued. */
	readonly pending: readonly BatchDetails[];
	/** Those that are worked on, or are as soon as nothing keeps work from running. */
	readonly running: readonly BatchDetails[];
	/** Those that somebody or something has paused. */
	readonly paused: readonly BatchDetails[];
	/** Those that don't go on until somebody does something. */
	readonly troubled: readonly BatchDetails[];
	/** Lines run here right now, whatever else is wrong. */
	readonly isWorking: boolean;
	/** Names of other machines that have lines of a running batch in hand. */
	readonly othersAtWork: readonly string[];
	/** Ending the service now would cut something off: lines that run or are frozen, a model that is loaded for them, a file that is checked. */
	readonly isBusy: boolean;
}

/** What work there is at a moment, Unix milliseconds. */
export function workOf(state: ShellState, nowMs: number): Work {
	const open = [...state.batches.values()]
		.filter((batch) => !hasEnded(batch))
		.sort((one, other) => other.created_at - one.created_at);
	const pending = open.filter(isPending);
	const running = pending.filter((batch) => couldRun(batch, nowMs));
	return {
		open,
		pending,
		running,
		paused: open.filter(({ pause }) => pause !== null),
		troubled: open.filter(needsSomebody),
		isWorking: linesRun(state, running),
		othersAtWork: othersAtWork(state, running),
		isBusy: isBusy(state, pending),
	};
}

function isPending({ pause, health }: BatchDetails): boolean {
	return pause === null && health.state !== "rehearsed";
}

function needsSomebody({ health, pause }: BatchDetails): boolean {
	return health.state === "stuck" || (pause !== null && pause.cause !== "user");
}

function couldRun(batch: BatchDetails, nowMs: number): boolean {
	if (batch.status === "cancelling" || needsSomebody(batch)) return false;
	return batch.not_before === null || batch.not_before * 1_000 <= nowMs;
}

/** Nothing keeps them, and a model is there that works for them. */
function linesRun({ service, machine, engine }: ShellState, running: readonly BatchDetails[]): boolean {
	if (service.kind !== "up" || engine?.isAside === true) return false;
	if (machine !== null && machine.verdict.rung !== "run") return false;
	const hasModel = engine?.models.some((model) => model.usedByBatch && model.state === "ready") === true;
	return hasModel && running.some(({ status }) => status === "in_progress");
}

function othersAtWork({ service, mesh }: ShellState, running: readonly BatchDetails[]): readonly string[] {
	if (service.kind !== "up" || mesh === null) return [];
	const ids = new Set(running.map(({ id }) => id));
	return mesh.machines.flatMap(({ name, is_self: isSelf, is_online: isOnline, slices }) =>
		!isSelf && isOnline && slices.some(({ batch_id, lines }) => lines > 0 && ids.has(batch_id)) ? [name] : [],
	);
}

function isBusy({ service, machine, engine }: ShellState, pending: readonly BatchDetails[]): boolean {
	const rung = machine?.verdict.rung ?? "run";
	if (service.kind !== "up" || (rung !== "run" && rung !== "freeze")) return false;
	// Of a batch that is late the service does not say whether it is in hand; without a model none is.
	const hasModel = engine === null || engine.models.some(({ usedByBatch }) => usedByBatch);
	return pending.some(({ status, health }) => {
		const isInHand = health.state !== "waiting" && health.state !== "stuck";
		return isInHand && (hasModel || status !== "in_progress");
	});
}
