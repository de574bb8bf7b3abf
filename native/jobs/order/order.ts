/**
 * Whose turn it is: rehearsals, tiers, ageing, models, deadlines, the night's budget. Owns the order of batches, as pure rules over
 * records and the clock; must never run a line or change a batch.
 */
import type { BatchRecord, Digest } from "../../ledger/ledger.ts";

/** The batch that is worked on; made by `takeUp`. */
export interface CurrentWork {
	readonly batchId: string;
	/** When it was taken up. */
	readonly sinceMs: number;
	/** How long it had waited then. */
	readonly waitedMs: number;
}

/** What the order depends on beyond the batches themselves. */
export interface OrderFacts {
	readonly nowMs: number;
	/** Null: none is worked on. Stays what it is while the batch is drained. */
	readonly current: CurrentWork | null;
	/** Digests of the models in memory. */
	readonly residentModels: ReadonlySet<Digest>;
	/** The night's budget is used up: only rehearsals go on. */
	readonly isNightSpent: boolean;
	/** By batch: time between its forecast end and its deadline, negative where it is late; missing where it is not known. */
	readonly slackMs: ReadonlyMap<string, number>;
}

/** How much longer a `standard` batch must have waited than every `soon` one to go first: half a working day. */
export const AGEING_MS = 4 * 3_600_000;

/** Within a tier one that waited so much longer goes first: often enough for everybody, seldom enough for a model swap each. */
export const TURN_MS = 30 * 60_000;

/** A batch is left for an equal one only after so much work: loading a model can take minutes, which must not be the main work. */
export const LEAST_TURN_MS = 10 * 60_000;

/** Another must have so much less slack than the one in hand, lest two with about the same slack take turns. */
const SLACK_MARGIN_MS = 30 * 60_000;

/** The record of a batch's being taken up now, to be kept as `OrderFacts.current` until its work has ended. */
export function takeUp(batch: BatchRecord, nowMs: number): CurrentWork {
	return { batchId: batch.id, sinceMs: nowMs, waitedMs: waitedSince(batch, nowMs) };
}

/**
 * The batch to work on now, out of all open ones in any order; null: none may. If it is another than the current one, that one
 * is to be drained: its running lines finish, no new ones start, and then this is asked again.
 *
 * Rehearsals first, for somebody is watching; then `soon` before `standard`, unless that has waited `AGEING_MS` longer; then
 * whoever waited `TURN_MS` longer; then the model in memory, the least slack, the oldest. The current one keeps its turn for
 * `LEAST_TURN_MS`, but for rehearsals and a higher tier.
 */
export function chooseBatch(batches: readonly BatchRecord[], facts: OrderFacts): BatchRecord | null {
	const due = batches.filter((batch) => isDue(batch, facts));
	const current = due.find(({ id }) => id === facts.current?.batchId) ?? null;
	const rehearsals = due.filter(({ isHeld }) => isHeld);
	if (rehearsals.length > 0) return rehearsals.find((batch) => batch === current) ?? first(rehearsals, oldestFirst);
	const equals = ofLongestWait(ofFirstTier(due, facts), facts);
	const resident = equals.filter(({ model }) => model !== null && facts.residentModels.has(model.digest));
	const chosen = first(resident.length > 0 ? resident : equals, leastSlackFirst(facts));
	if (chosen === null || current === null || !isFresh(facts)) return chosen;
	return isHigher(chosen, current) ? chosen : current;
}

/** All batches whose lines may run now, by the same rules: the first is to be worked on first. For who hands out work to many machines. */
export function inOrder(batches: readonly BatchRecord[], facts: OrderFacts): readonly BatchRecord[] {
	const ordered: BatchRecord[] = [];
	let left = batches;
	for (let next = chooseBatch(left, facts); next !== null; next = chooseBatch(left, facts)) {
		const { id } = next;
		ordered.push(next);
		left = left.filter((batch) => batch.id !== id);
	}
	return ordered;
}

/** Whether the current batch is to be drained now: another one's turn has come, or it may not go on. */
export function shouldLeave(batches: readonly BatchRecord[], facts: OrderFacts): boolean {
	return facts.current !== null && chooseBatch(batches, facts)?.id !== facts.current.batchId;
}

/** Whether lines of it may run now. A rehearsal does not wait for its time, nor for the next night. */
function isDue(batch: BatchRecord, { nowMs, isNightSpent }: OrderFacts): boolean {
	if (batch.status !== "in_progress" || batch.pause !== null || batch.givenUp !== null) return false;
	if (nowMs >= batch.expiresAtMs) return false;
	// Also where all of its lines are answered: what they came to is still to be recorded.
	if (batch.isHeld) return batch.rehearsed === null;
	if (batch.completed + batch.failed >= batch.total) return false;
	return !isNightSpent && nowMs >= (batch.manifest.notBeforeMs ?? 0);
}

/** Those of the tier whose turn it is: all `soon` ones, or all `standard` ones that waited long enough to go before them. */
function ofFirstTier(due: readonly BatchRecord[], facts: OrderFacts): readonly BatchRecord[] {
	const soon = due.filter(({ manifest }) => manifest.priority === "soon");
	const standard = due.filter(({ manifest }) => manifest.priority === "standard");
	if (soon.length === 0) return standard;
	const longestMs = Math.max(...soon.map((batch) => waitOf(batch, facts)));
	const aged = standard.filter((batch) => waitOf(batch, facts) >= longestMs + AGEING_MS);
	return aged.length > 0 ? aged : soon;
}

/** Those that nobody among them waited `TURN_MS` longer than. */
function ofLongestWait(tier: readonly BatchRecord[], facts: OrderFacts): readonly BatchRecord[] {
	const longestMs = Math.max(...tier.map((batch) => waitOf(batch, facts)));
	return tier.filter((batch) => longestMs - waitOf(batch, facts) < TURN_MS);
}

/**
 * A batch in hand waits no more; but for its least turn what it had waited still counts, or one that came to its turn by age
 * would lose it to the next `soon` batch in the same minute.
 */
function waitOf(batch: BatchRecord, facts: OrderFacts): number {
	const { current, nowMs } = facts;
	if (batch.id !== current?.batchId) return waitedSince(batch, nowMs);
	return isFresh(facts) ? current.waitedMs + nowMs - current.sinceMs : 0;
}

function isFresh({ current, nowMs }: OrderFacts): boolean {
	return current !== null && nowMs - current.sinceMs < LEAST_TURN_MS;
}

/** Since it was last worked on, or came (also: was queued or reopened after its last work), or might begin. */
function waitedSince(batch: BatchRecord, nowMs: number): number {
	const sinceMs = Math.max(
		batch.inProgressAtMs ?? batch.createdAtMs,
		batch.lastWorkedAtMs ?? 0,
		batch.manifest.notBeforeMs ?? 0,
	);
	return Math.max(nowMs - sinceMs, 0);
}

function isHigher(one: BatchRecord, other: BatchRecord): boolean {
	return one.manifest.priority === "soon" && other.manifest.priority === "standard";
}

type Order = (one: BatchRecord, other: BatchRecord) => number;

function leastSlackFirst({ slackMs, current }: OrderFacts): Order {
	const slackOf = ({ id }: BatchRecord): number =>
		(slackMs.get(id) ?? Number.MAX_VALUE) - (id === current?.batchId ? SLACK_MARGIN_MS : 0);
	const isCurrent = ({ id }: BatchRecord): number => (id === current?.batchId ? 1 : 0);
	return (one, other) => slackOf(one) - slackOf(other) || isCurrent(other) - isCurrent(one) || oldestFirst(one, other);
}

function oldestFirst(one: BatchRecord, other: BatchRecord): number {
	if (one.createdAtMs !== other.createdAtMs) return one.createdAtMs - other.createdAtMs;
	return one.id < other.id ? -1 : 1;
}

function first(batches: readonly BatchRecord[], order: Order): BatchRecord | null {
	return [...batches].sort(order)[0] ?? null;
}
