/**
 * How it stands with the work, in one word and one line: what the tray shows, and what quitting and updating go by. Pure; must never
 * decide what may run, only say what the service said.
 */
import type { BatchDetails } from "../../native/contract/contract.ts";
import { summaryWords as said } from "../words/summary.ts";
import { doneOf, progressOf, type SummaryProgress, sumOf, totalOf } from "./progress.ts";
import { hasEnded } from "./reduce.ts";
import type { ShellState } from "./state.ts";

/** One word for how it stands, the gravest that is true. */
export type SummaryKind =
	/** The service, or work that is about to begin: a file is checked, a model loaded. */
	| "starting"
	/** The service is not up; it comes back by itself, or was stopped on purpose. */
	| "down"
	/** There is nothing that could be done now. */
	| "idle"
	/** Lines run. */
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
	/** The kind and its reason in one line, without a full stop; fit for a tooltip. */
	readonly words: string;
	/** What keeps work from running, or what is wrong, as the service says it; null: nothing. */
	readonly reason: string | null;
	/** Null: no batch is being worked on or could be. */
	readonly progress: SummaryProgress | null;
	/** Batches that need somebody, the newest first. */
	readonly attentionIds: readonly string[];
	/** Batches that are worked on, or will be without anybody's doing. */
	readonly runningIds: readonly string[];
	/** Lines run right now, whatever else is wrong. Ending the service now makes them run again later. */
	readonly isWorking: boolean;
	/** Lines of running batches that are not finished. */
	readonly linesLeft: number;
}

/** What the rest is made from. */
interface Facts {
	readonly state: ShellState;
	readonly running: readonly BatchDetails[];
	readonly paused: readonly BatchDetails[];
	readonly troubled: readonly BatchDetails[];
	readonly isWorking: boolean;
}

/** Sums the state up; `nowMs` is the present, Unix milliseconds. */
export function summarize(state: ShellState, nowMs: number): Summary {
	const open = [...state.batches.values()]
		.filter((batch) => !hasEnded(batch))
		.sort((one, other) => other.created_at - one.created_at);
	const troubled = open.filter(needsSomebody);
	const running = open.filter((batch) => couldRun(batch, nowMs));
	const paused = open.filter((batch) => batch.pause !== null);
	const isWorking = linesRun(state, running);
	const facts: Facts = { state, running, paused, troubled, isWorking };
	return {
		...headline(facts, open),
		progress: running.length === 0 ? null : progressOf(state, running, { isWorking, nowMs }),
		attentionIds: troubled.map(({ id }) => id),
		runningIds: running.map(({ id }) => id),
		isWorking,
		linesLeft: running.reduce((sum, batch) => sum + totalOf(batch) - doneOf(batch), 0),
	};
}

type Headline = Pick<Summary, "kind" | "words" | "reason">;

function headline(facts: Facts, open: readonly BatchDetails[]): Headline {
	const { service } = facts.state;
	switch (service.kind) {
		case "starting":
			return { kind: "starting", words: said.starting, reason: null };
		case "restarting":
			return { kind: "down", words: said.comingBack, reason: null };
		case "stopped":
			return { kind: "down", words: said.stopped, reason: null };
		case "given-up":
			return { kind: "attention", words: service.message, reason: service.message };
		case "up":
			return ofBatches(facts, open);
		default:
			return service satisfies never;
	}
}

function ofBatches(facts: Facts, open: readonly BatchDetails[]): Headline {
	const { state, running, paused, troubled, isWorking } = facts;
	// It answers, and has not told anything yet.
	if (state.machine === null) return { kind: "starting", words: said.starting, reason: null };
	const [first] = troubled;
	if (first !== undefined) {
		const words = troubled.length === 1 ? said.attentionTo(nameOf(first)) : said.attention(troubled.length);
		return { kind: "attention", words, reason: first.health.words };
	}
	const rest = restOf(state);
	if (rest !== null) return rest;
	const [only] = paused;
	if (only !== undefined && paused.length === open.length) {
		return { kind: "paused", words: said.batchesPaused(paused.length), reason: only.pause?.message ?? null };
	}
	if (running.length === 0) {
		const waiting = open.length - paused.length;
		return { kind: "idle", words: waiting === 0 ? said.idle : said.waiting(waiting), reason: null };
	}
	const reason = heldBy(state);
	if (reason !== null) return { kind: "yielding", words: said.yielding(reason), reason };
	if (isWorking) {
		const worked = running.filter(({ status }) => status === "in_progress");
		return { kind: "working", words: said.working(sumOf(worked, doneOf), sumOf(worked, totalOf)), reason: null };
	}
	return { kind: "starting", words: beginning(state, running), reason: null };
}

/** The owner's word for all work. */
function restOf({ machine }: ShellState): Headline | null {
	if (machine === null) return null;
	const { isPaused, snoozedUntilMs } = machine.rest;
	if (!isPaused && snoozedUntilMs === null) return null;
	return { kind: "paused", words: isPaused ? said.paused : said.snoozed, reason: machine.verdict.reason };
}

/** What keeps work from running; null: nothing. */
function heldBy({ machine, engine }: ShellState): string | null {
	if (machine !== null && machine.verdict.rung !== "run")
		return machine.verdict.reason.replace(/^(waiting|frozen): /, "");
	// The verdict tells of it a moment later.
	return engine?.isAside === true ? said.forRequest : null;
}

/** What is done before the first line runs. */
function beginning({ engine }: ShellState, running: readonly BatchDetails[]): string {
	const loading = engine?.models.find((model) => model.usedByBatch && model.state !== "ready");
	if (loading !== undefined) return said.loading(loading.name);
	const checked = running.find(({ status }) => status === "validating");
	if (checked !== undefined) return said.checking(nameOf(checked));
	const finished = running.find(({ status }) => status === "finalizing");
	return finished !== undefined ? said.finishing(nameOf(finished)) : said.beginning;
}

/** It does not go on until somebody does something. */
function needsSomebody({ health, pause }: BatchDetails): boolean {
	return health.state === "stuck" || (pause !== null && pause.cause !== "user");
}

/** Something will be done for it without anybody's doing, as soon as nothing keeps it. */
function couldRun(batch: BatchDetails, nowMs: number): boolean {
	if (batch.pause !== null || batch.status === "cancelling" || needsSomebody(batch)) return false;
	// A rehearsal is over when it waits to be queued.
	if (batch.health.state === "rehearsed") return false;
	return batch.not_before === null || batch.not_before * 1_000 <= nowMs;
}

/** Lines run: nothing keeps them, and a model is there that works for them. */
function linesRun(state: ShellState, running: readonly BatchDetails[]): boolean {
	if (state.service.kind !== "up" || heldBy(state) !== null) return false;
	const hasModel = state.engine?.models.some((model) => model.usedByBatch && model.state === "ready") === true;
	return hasModel && running.some(({ status }) => status === "in_progress");
}

function nameOf({ input_filename }: BatchDetails): string {
	return input_filename ?? said.unnamed;
}
