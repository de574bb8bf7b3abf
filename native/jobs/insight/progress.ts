import { assertNever, formatCount } from "../../base/base.ts";
import type { ResidentModel } from "../../engine/residency.ts";
import type { BatchRecord } from "../../ledger/ledger.ts";
import type { BatchProgress } from "../jobs.ts";
import type { Shortage } from "./shortage.ts";

/** What is known of a batch beyond its record. */
export interface ProgressFacts {
	/** How fast it comes on; null: nothing of it runs right now. */
	readonly speed: { readonly linesPerSecond: number; readonly tokensPerSecond: number } | null;
	/** Names of other machines that work on it. */
	readonly othersAtWork: readonly string[];
	readonly models: readonly ResidentModel[];
	/** Whether it is being validated or worked on right now. */
	readonly isInHand: boolean;
	/** Its running lines come to their end, and no new ones start. */
	readonly isDraining: boolean;
	readonly trouble: string | null;
	readonly nowMs: number;
	/** Why no batch work is done this night; null: it is. */
	readonly nightSpent: string | null;
	/** Why its lines may not run now, though it would be their time (`WorkPermit.reason`); null: they may. */
	readonly notPermitted: string | null;
	/** Its model does not fit into the memory for the moment; null: nothing is known of that. */
	readonly shortage: Shortage | null;
	/** Writes a moment of Unix seconds for people. */
	readonly formatTime: (seconds: number) => string;
}

/** Puts a batch's progress together from its record and what is going on. */
export function describeProgress(batch: BatchRecord, facts: ProgressFacts): BatchProgress {
	const linesPerSecond = facts.speed?.linesPerSecond ?? 0;
	const left = batch.total - batch.completed - batch.failed;
	return {
		batch,
		isInHand: facts.isInHand,
		linesPerSecond,
		tokensPerSecond: facts.speed?.tokensPerSecond ?? 0,
		// Of a rehearsal nobody knows when it is queued.
		secondsLeft: linesPerSecond > 0 && !batch.isHeld ? left / linesPerSecond : null,
		activity: facts.trouble ?? describeActivity(batch, facts),
		trouble: facts.trouble,
	};
}

function describeActivity(batch: BatchRecord, facts: ProgressFacts): string {
	const { isInHand } = facts;
	switch (batch.status) {
		case "validating":
			return isInHand ? describeCheck(batch, facts) : (describeHindrance(facts) ?? "waiting to be checked");
		case "in_progress":
			return isInHand ? describeWork(batch, facts) : describeRest(batch, facts);
		case "finalizing":
			return "writing the results";
		case "cancelling":
			return "stopping";
		case "failed":
		case "completed":
		case "expired":
		case "cancelled":
			return batch.status;
		default:
			return assertNever(batch.status);
	}
}

/** Without a permit it goes on as far as that is possible without the model. */
function describeCheck(batch: BatchRecord, { models, notPermitted }: ProgressFacts): string {
	return (notPermitted === null ? describeModel(batch, models) : null) ?? "checking every line";
}

function describeWork(batch: BatchRecord, facts: ProgressFacts): string {
	if (facts.isDraining && facts.notPermitted === null) return "finishing the lines that run";
	const hindrance = describeHindrance(facts) ?? describeModel(batch, facts.models);
	// Whoever looks at a batch wants to know that it goes on, before why this machine does nothing for it.
	if (hindrance !== null && facts.othersAtWork.length > 0) return describeOthers(facts.othersAtWork);
	return hindrance ?? (batch.isHeld ? "rehearsing" : "working");
}

/** What keeps it from its model; null: nothing that is known. */
function describeHindrance({ notPermitted, shortage, formatTime }: ProgressFacts): string | null {
	if (notPermitted !== null) return notPermitted;
	if (shortage === null) return null;
	const { model, nextTryAtMs } = shortage;
	return `waiting: ${model} needs more memory than is free; next try ${formatTime(nextTryAtMs / 1_000)}`;
}

/** Why a batch that could be worked on is not. */
function describeRest(batch: BatchRecord, facts: ProgressFacts): string {
	const { nowMs, nightSpent, notPermitted, othersAtWork, formatTime } = facts;
	const { notBeforeMs } = batch.manifest;
	const turn = notPermitted ?? "waiting for its turn";
	if (batch.pause !== null) return `paused: ${batch.pause.message}`;
	if (batch.isHeld) return batch.rehearsed === null ? turn : "rehearsed, waiting to be queued";
	if (othersAtWork.length > 0) return describeOthers(othersAtWork);
	if (notBeforeMs !== null && notBeforeMs > nowMs) return `waiting until ${formatTime(notBeforeMs / 1_000)}`;
	return nightSpent ?? turn;
}

/** e.g. `attic works on it`, `attic and shed work on it`, `attic and 3 others work on it`. */
function describeOthers(names: readonly string[]): string {
	const [first = "", second, ...more] = names;
	if (second === undefined) return `${first} works on it`;
	return more.length === 0
		? `${first} and ${second} work on it`
		: `${first} and ${formatCount(more.length + 1)} others work on it`;
}

/** What keeps the model of a batch in hand from working; null: nothing. */
function describeModel(batch: BatchRecord, models: readonly ResidentModel[]): string | null {
	const model = models.find((one) => one.batchUsers > 0 && isOf(batch, one));
	if (model === undefined) return describeWait(batch, models);
	if (model.isLeaving) return `${model.source.name} makes room for a live request`;
	if (model.state.kind === "loading") return `loading ${model.source.name}`;
	if (model.state.kind === "restarting") return "starting the inference process again";
	return null;
}

/** Null for a batch that is being checked, which goes on without its model as far as it can. */
function describeWait(batch: BatchRecord, models: readonly ResidentModel[]): string | null {
	if (batch.status !== "in_progress" || batch.model === null) return null;
	const others = models.filter((one) => !isOf(batch, one));
	if (others.length === 0) return `waiting to load ${batch.model.name}`;
	if (others.some(({ batchUsers }) => batchUsers > 0)) return "waiting for its turn";
	return `waiting: ${batch.model.name} made room for ${others.map(({ source }) => source.name).join(" and ")}`;
}

/** Before a batch is checked its model is not known; then it is the one that batch work uses. */
function isOf({ model, manifest }: BatchRecord, { source }: ResidentModel): boolean {
	const wanted = manifest.modelOverride ?? model?.name ?? null;
	return wanted === null || source.path === wanted || source.name === wanted;
}
