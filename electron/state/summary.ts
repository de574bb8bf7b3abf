/** How it stands with the service and the work, in one word and the reason for it: what the tray shows. Pure. */
import type { BatchDetails } from "../../native/contract/contract.ts";
import { summaryWords as said } from "../words/summary.ts";
import { progressOf, type SummaryProgress } from "./progress.ts";
import type { ShellState } from "./state.ts";
import { type Work, workOf } from "./work.ts";

/** One word for how it stands, the gravest that is true. */
export type SummaryKind =
	/** The service, or work that is about to begin: a file is checked, a model loaded. */
	| "starting"
	/** The service is not up; it comes back by itself, or was stopped on purpose. */
	| "down"
	/** There is nothing that could be done now. */
	| "idle"
	/** Lines run, here or on other machines. */
	| "working"
	/** Lines could run, but something that matters more keeps them from it. */
	| "yielding"
	/** The owner has paused or snoozed all work, or each batch. */
	| "paused"
	/** Somebody has to do something: a batch is stuck or has stopped itself, or the service can't be kept up. */
	| "attention";

/** How it stands with the work. */
export interface Summary {
	readonly kind: SummaryKind;
	/** What is behind it, in words of the service or ours, e.g. `loading demo`; null: nothing more is known. */
	readonly reason: string | null;
	/** Null: no batch is being worked on or could be. */
	readonly progress: SummaryProgress | null;
	/** Batches that need somebody, the newest first. */
	readonly attentionIds: readonly string[];
	/** Batches that are worked on, or will be without anybody's doing. */
	readonly runningIds: readonly string[];
}

/** Sums the state up; `nowMs` is the present, Unix milliseconds. */
export function summarize(state: ShellState, nowMs: number): Summary {
	const work = workOf(state, nowMs);
	const { running, troubled, isWorking } = work;
	const isElsewhere = work.othersAtWork.length > 0;
	return {
		...headline(state, work),
		progress: running.length === 0 ? null : progressOf(state, running, { isWorking, isElsewhere, nowMs }),
		attentionIds: troubled.map(({ id }) => id),
		runningIds: running.map(({ id }) => id),
	};
}

type Headline = Pick<Summary, "kind" | "reason">;

function headline(state: ShellState, work: Work): Headline {
	const { service } = state;
	switch (service.kind) {
		case "starting":
			return { kind: "starting", reason: null };
		case "restarting":
		case "stopped":
			return { kind: "down", reason: null };
		case "given-up":
			return { kind: "attention", reason: service.message };
		case "up":
			return ofBatches(state, work);
		default:
			return service satisfies never;
	}
}

function ofBatches(state: ShellState, { open, running, paused, troubled, isWorking, othersAtWork }: Work): Headline {
	// It answers, and has not told anything yet.
	if (state.machine === null) return { kind: "starting", reason: null };
	const [first] = troubled;
	if (first !== undefined) return { kind: "attention", reason: first.health.words };
	const rest = restOf(state);
	if (rest !== null) return rest;
	const [only] = paused;
	if (only !== undefined && paused.length === open.length)
		return { kind: "paused", reason: only.pause?.message ?? null };
	if (running.length === 0) {
		const waiting = open.length - paused.length;
		return { kind: "idle", reason: waiting === 0 ? null : said.waiting(waiting) };
	}
	// That work goes on matters more than why this machine takes no part in it.
	if (!isWorking && othersAtWork.length > 0) return { kind: "working", reason: said.by(othersAtWork) };
	const reason = heldBy(state);
	if (reason !== null) return { kind: "yielding", reason };
	return isWorking ? { kind: "working", reason: null } : { kind: "starting", reason: beginning(state, running) };
}

/** The owner's word for all work. */
function restOf({ machine }: ShellState): Headline | null {
	if (machine === null) return null;
	const { isPaused, snoozedUntilMs } = machine.rest;
	if (!isPaused && snoozedUntilMs === null) return null;
	// That it is paused is all there is to say of a pause.
	return { kind: "paused", reason: isPaused ? null : machine.verdict.reason };
}

/** What keeps work from running; null: nothing. */
function heldBy({ machine, engine }: ShellState): string | null {
	if (machine !== null && machine.verdict.rung !== "run")
		return machine.verdict.reason.replace(/^(waiting|frozen): /, "");
	// The verdict tells of it a moment later.
	return engine?.isAside === true ? said.forRequest : null;
}

/** What is done before the first line runs; null: it is about to begin. */
function beginning({ engine }: ShellState, running: readonly BatchDetails[]): string | null {
	const loading = engine?.models.find((model) => model.usedByBatch && model.state !== "ready");
	if (loading !== undefined) return said.loading(loading.name);
	const checked = running.find(({ status }) => status === "validating");
	if (checked !== undefined) return said.checking(nameOf(checked));
	const finished = running.find(({ status }) => status === "finalizing");
	return finished !== undefined ? said.finishing(nameOf(finished)) : null;
}

function nameOf({ input_filename }: BatchDetails): string {
	return input_filename ?? said.unnamed;
}
