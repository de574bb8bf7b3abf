/**
 * What is done with a file that the service has: it is rehearsed, its rehearsal is followed, it is queued or dropped. Owns asking the
 * service for it; must never touch uploads.
 */
import type { BatchDetails, Rehearsal } from "../../native/contract/contract.ts";
import { type ApiFailure, call } from "../api/client.ts";
import { hasEnded, useBatches } from "../state/batches.ts";
import { readOptions } from "./options.ts";
import { type DraftPhase, draftOf, fileIdOf, findCard, happen, needsTemplate, useDrop } from "./store.ts";

/** A rehearsal is asked for again after so long at the latest: clients and proxies give up on silent connections not much later. */
const WAIT_SECONDS = 60;
/** Pause before a rehearsal is asked for again when nobody answered. */
const AGAIN_MS = 3_000;

/** Rehearsals that are waited for. */
const followed = new Set<string>();

/** Rehearses a file by its choices; a draft made by others is replaced. Choices that can't be taken are left as they are. */
export async function rehearse(key: string): Promise<void> {
	const card = findCard(key);
	const fileId = card === null ? null : fileIdOf(card);
	if (card === null || fileId === null) return;
	const before = draftOf(card);
	const reading = readOptions(card.options, { fileId, isTable: needsTemplate(card), nowMs: Date.now() });
	if (!reading.ok) return;
	if (before === null) happen({ kind: "moved", key, phase: { kind: "starting", fileId } });
	else busy(key, before);
	const answer = await call<Rehearsal>("/api/batches/rehearse", { body: reading.draft });
	if (!answer.ok) {
		if (before !== null) return refused(key, answer.error);
		return happen({ kind: "moved", key, phase: { kind: "stored", fileId, error: answer.error } });
	}
	const { batch } = answer.value;
	if (findCard(key) === null) return void drop(batch.id);
	if (before !== null) void drop(before.batchId);
	const made = card.options;
	happen({
		kind: "moved",
		key,
		phase: { kind: "draft", fileId, batchId: batch.id, made, rehearsal: answer.value, isBusy: false, error: null },
	});
	void follow(batch.id);
}

/** Waits for a rehearsal and shows its lines; ends when it is over, or nobody shows it any more. */
export async function follow(batchId: string): Promise<void> {
	if (followed.has(batchId)) return;
	followed.add(batchId);
	while (isShown(batchId)) {
		const answer = await call<Rehearsal>(`${pathOf(batchId)}/rehearsal?wait=${WAIT_SECONDS}`);
		if (answer.ok) happen({ kind: "rehearsed", rehearsal: answer.value });
		if (answer.ok ? answer.value.is_finished : answer.error.kind === "refused") break;
		if (!answer.ok) await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
	}
	followed.delete(batchId);
}

/** Queues a rehearsed draft: the rest of its lines run when they may. Answers whether it is queued. */
export async function queue(key: string): Promise<boolean> {
	const phase = draftPhase(key);
	if (phase === null) return false;
	busy(key, phase);
	const answer = await call<BatchDetails>(`${pathOf(phase.batchId)}/queue`, { body: {} });
	if (!answer.ok) {
		refused(key, answer.error);
		return false;
	}
	// The panel lets go of it before the stream tells: an older word of it must not bring it back.
	happen({ kind: "leaving", batchId: phase.batchId });
	happen({ kind: "removed", key });
	return true;
}

/** Cancels a draft, and deletes it as soon as it has ended. Answers why it can't be; null: it is on its way out. */
export async function drop(batchId: string): Promise<ApiFailure | null> {
	happen({ kind: "leaving", batchId });
	const known = await call<BatchDetails>(pathOf(batchId));
	if (!known.ok) return known.error.status === 404 ? null : known.error;
	if (hasEnded(known.value)) return remove(batchId);
	const cancelled = await call<BatchDetails>(`${pathOf(batchId)}/cancel`, { body: {} });
	if (!cancelled.ok) return cancelled.error;
	if (hasEnded(cancelled.value)) return remove(batchId);
	let isOver = false;
	const look = (): void => {
		const batch = useBatches.getState().byId.get(batchId);
		if (isOver || batch === undefined || !hasEnded(batch)) return;
		isOver = true;
		stop();
		void remove(batchId);
	};
	const stop = useBatches.subscribe(look);
	// The stream may have told it before the answer came.
	look();
	return null;
}

async function remove(batchId: string): Promise<ApiFailure | null> {
	const answer = await call(pathOf(batchId), { method: "DELETE" });
	return answer.ok || answer.error.status === 404 ? null : answer.error;
}

/** Begins to take in drafts that the service knows, and what happens to those shown; answers a function that ends it. */
export function startDrafts(): () => void {
	const { byId } = useBatches.getState();
	happen({ kind: "batches", byId, gone: new Set() });
	followShown();
	return useBatches.subscribe((now, before) => {
		if (now.byId === before.byId) return;
		const gone = new Set([...before.byId.keys()].filter((id) => !now.byId.has(id)));
		happen({ kind: "batches", byId: now.byId, gone });
		followShown();
		for (const batch of now.byId.values()) {
			if (batch !== before.byId.get(batch.id) && isRehearsing(batch.id)) void look(batch.id);
		}
	});
}

/** Lines show as they come; the long wait of `follow` answers only at the end. */
async function look(batchId: string): Promise<void> {
	const answer = await call<Rehearsal>(`${pathOf(batchId)}/rehearsal`);
	if (answer.ok) happen({ kind: "rehearsed", rehearsal: answer.value });
}

function followShown(): void {
	for (const card of useDrop.getState().cards) {
		const phase = draftOf(card);
		if (phase !== null && phase.rehearsal?.is_finished !== true) void follow(phase.batchId);
	}
}

function isShown(batchId: string): boolean {
	return useDrop.getState().cards.some((card) => draftOf(card)?.batchId === batchId);
}

function isRehearsing(batchId: string): boolean {
	return useDrop.getState().cards.some((card) => {
		const phase = draftOf(card);
		return phase?.batchId === batchId && phase.rehearsal?.is_finished !== true;
	});
}

/** Something is being asked for a draft. */
export function busy(key: string, phase: DraftPhase): void {
	happen({ kind: "moved", key, phase: { ...phase, isBusy: true, error: null } });
}

/** What was asked for a draft was not done. */
export function refused(key: string, error: ApiFailure): void {
	const phase = draftPhase(key);
	if (phase !== null) happen({ kind: "moved", key, phase: { ...phase, isBusy: false, error } });
}

function draftPhase(key: string): DraftPhase | null {
	const card = findCard(key);
	return card === null ? null : draftOf(card);
}

function pathOf(batchId: string): string {
	return `/api/batches/${encodeURIComponent(batchId)}`;
}
