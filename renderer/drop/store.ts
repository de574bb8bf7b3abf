/**
 * The files on the drop panel and how far each has come. Owns what the panel shows, so that it survives going to another screen; its
 * reducer is pure. Must never ask the service: `sending.ts` and `drafts.ts` do.
 */
import { create } from "zustand";
import type { BatchDetails, Rehearsal } from "../../native/contract/contract.ts";
import type { ApiFailure } from "../api/client.ts";
import { hasEnded } from "../state/batches.ts";
import { type OptionsForm, optionsOf, usualOptions } from "./options.ts";
import type { TableHead } from "./table-head.ts";

/** Where a file's bytes are: in the browser's hands, at a path of this machine, or with the service already. */
export type Source =
	| { readonly kind: "file"; readonly file: File }
	| { readonly kind: "path"; readonly path: string }
	| { readonly kind: "service" };

/** How far a file has come. */
export type CardPhase =
	/** Others are sent first. */
	| { readonly kind: "waiting" }
	/** On its way; null: by its path, which the service copies. */
	| { readonly kind: "sending"; readonly sentBytes: number | null }
	| { readonly kind: "unsent"; readonly error: ApiFailure }
	/** With the service; somebody has to choose something, e.g. what a table's rows ask. */
	| { readonly kind: "stored"; readonly fileId: string; readonly error: ApiFailure | null }
	/** A rehearsal is being asked for. */
	| { readonly kind: "starting"; readonly fileId: string }
	| DraftPhase;

/** Its rehearsal runs or is over; it waits to be queued. */
export interface DraftPhase {
	readonly kind: "draft";
	readonly fileId: string;
	readonly batchId: string;
	/** What the rehearsal was made with. */
	readonly made: OptionsForm;
	/** Null: not told yet. */
	readonly rehearsal: Rehearsal | null;
	/** It is being queued, discarded or made anew. */
	readonly isBusy: boolean;
	/** Why the last thing asked of it was not done. */
	readonly error: ApiFailure | null;
}

/** A file on the panel. */
export interface FileCard {
	readonly key: string;
	readonly name: string;
	/** Null: not known. */
	readonly sizeBytes: number | null;
	readonly source: Source;
	readonly options: OptionsForm;
	/** Start of a table; null: it is none, or not read yet. */
	readonly table: TableHead | null;
	readonly phase: CardPhase;
}

/** A file that was dropped or chosen. */
export type NewFile = Pick<FileCard, "key" | "name" | "sizeBytes" | "source">;

/** Files that were not taken, and why; null: none. */
export interface LeftOut {
	readonly count: number;
	readonly why: "too-many" | "other-kind";
}

/** The panel. */
export interface DropState {
	/** In the order they came. */
	readonly cards: readonly FileCard[];
	/** The card that has just come by somebody's hand and is to have the focus. */
	readonly focusKey: string | null;
	/** A file is held over the window. */
	readonly isOver: boolean;
	readonly leftOut: readonly LeftOut[];
	/** Batches that are being discarded; they are not taken for drafts in the meantime. */
	readonly leaving: ReadonlySet<string>;
}

/** Files on the panel at once: more than anybody looks through; each may hold a rehearsal. Further ones are left out, and it says so. */
export const MOST_CARDS = 50;

/** What happens on the panel. */
export type DropEvent =
	| { readonly kind: "taken"; readonly files: readonly NewFile[]; readonly leftOut: readonly LeftOut[] }
	| { readonly kind: "over"; readonly isOver: boolean }
	| { readonly kind: "focused" }
	| { readonly kind: "told" }
	| { readonly kind: "moved"; readonly key: string; readonly phase: CardPhase }
	| { readonly kind: "read"; readonly key: string; readonly name: string; readonly table: TableHead | null }
	| { readonly kind: "chosen"; readonly key: string; readonly options: OptionsForm }
	| { readonly kind: "rehearsed"; readonly rehearsal: Rehearsal }
	| { readonly kind: "leaving"; readonly batchId: string }
	| { readonly kind: "removed"; readonly key: string }
	| {
			readonly kind: "batches";
			readonly byId: ReadonlyMap<string, BatchDetails>;
			/** Batches that were known a moment ago and are not any more. */
			readonly gone: ReadonlySet<string>;
	  };

/** Nothing there. */
export const emptyPanel: DropState = { cards: [], focusKey: null, isOver: false, leftOut: [], leaving: new Set() };

/** What the panel is after something has happened. What happens to a card that is gone changes nothing. */
export function applyDrop(state: DropState, event: DropEvent): DropState {
	switch (event.kind) {
		case "taken":
			return take(state, event.files, event.leftOut);
		case "over":
			return state.isOver === event.isOver ? state : { ...state, isOver: event.isOver };
		case "focused":
			return { ...state, focusKey: null };
		case "told":
			return { ...state, leftOut: [] };
		case "moved":
			return change(state, event.key, (card) => ({ ...card, phase: event.phase }));
		case "read":
			return change(state, event.key, (card) => ({ ...card, name: event.name, table: event.table }));
		case "chosen":
			return change(state, event.key, (card) => ({ ...card, options: event.options }));
		case "rehearsed":
			return rehearse(state, event.rehearsal);
		case "leaving":
			return { ...state, leaving: new Set([...state.leaving, event.batchId]) };
		case "removed":
			return { ...state, cards: state.cards.filter(({ key }) => key !== event.key) };
		case "batches":
			return follow(state, event.byId, event.gone);
		default:
			return event satisfies never;
	}
}

/** The draft a card is; null: it has not come so far. */
export function draftOf({ phase }: Pick<FileCard, "phase">): DraftPhase | null {
	return phase.kind === "draft" ? phase : null;
}

/** The file's id with the service; null: it is not there yet. */
export function fileIdOf({ phase }: Pick<FileCard, "phase">): string | null {
	return "fileId" in phase ? phase.fileId : null;
}

function take(state: DropState, files: readonly NewFile[], leftOut: readonly LeftOut[]): DropState {
	const room = Math.max(0, MOST_CARDS - state.cards.length);
	const taken = files.slice(0, room).map(
		(file): FileCard => ({
			...file,
			options: usualOptions,
			table: null,
			phase: { kind: "waiting" },
		}),
	);
	const tooMany = files.length - taken.length;
	return {
		...state,
		cards: [...state.cards, ...taken],
		focusKey: taken[0]?.key ?? state.focusKey,
		leftOut: tooMany === 0 ? leftOut : [...leftOut, { count: tooMany, why: "too-many" }],
		isOver: false,
	};
}

function change(state: DropState, key: string, how: (card: FileCard) => FileCard): DropState {
	return { ...state, cards: state.cards.map((card) => (card.key === key ? how(card) : card)) };
}

/** What the service answers of a rehearsal never goes back: two answers may come in the wrong order. */
function rehearse(state: DropState, rehearsal: Rehearsal): DropState {
	const card = state.cards.find((one) => draftOf(one)?.batchId === rehearsal.batch.id);
	const phase = card === undefined ? null : draftOf(card);
	if (card === undefined || phase === null) return state;
	const before = phase.rehearsal;
	if (
		before !== null &&
		(before.is_finished || before.lines.length > rehearsal.lines.length) &&
		!rehearsal.is_finished
	) {
		return state;
	}
	return change(state, card.key, (one) => ({ ...one, phase: { ...phase, rehearsal } }));
}

/** Takes in drafts that the service knows and this page does not, and lets go of those that were queued or cancelled elsewhere. */
function follow(state: DropState, byId: ReadonlyMap<string, BatchDetails>, gone: ReadonlySet<string>): DropState {
	const kept = state.cards.filter((card) => {
		const phase = draftOf(card);
		if (phase === null || phase.isBusy) return true;
		const batch = byId.get(phase.batchId);
		return batch === undefined ? !gone.has(phase.batchId) : isDraft(batch) || batch.status === "failed";
	});
	const shown = new Set(kept.map((card) => draftOf(card)?.batchId));
	// Its rehearsal has just been asked for, and the news of it came before the answer.
	const starting = new Set(kept.filter(({ phase }) => isStarting(phase)).map(fileIdOf));
	const found = [...byId.values()]
		.filter((batch) => isDraft(batch) && !shown.has(batch.id) && !state.leaving.has(batch.id))
		.filter((batch) => !starting.has(batch.input_file_id))
		.sort((one, other) => one.created_at - other.created_at)
		.slice(0, Math.max(0, MOST_CARDS - kept.length))
		.map(cardOf);
	if (found.length === 0 && kept.length === state.cards.length) return state;
	return { ...state, cards: [...kept, ...found] };
}

function isStarting(phase: CardPhase): boolean {
	return phase.kind === "starting" || (phase.kind === "draft" && phase.isBusy);
}

function isDraft({ is_rehearsal, status }: BatchDetails): boolean {
	return is_rehearsal && !hasEnded({ status }) && status !== "cancelling";
}

function cardOf(batch: BatchDetails): FileCard {
	const made = optionsOf(batch);
	return {
		key: batch.id,
		name: batch.input_filename ?? batch.id,
		sizeBytes: null,
		source: { kind: "service" },
		options: made,
		table: null,
		phase: {
			kind: "draft",
			fileId: batch.input_file_id,
			batchId: batch.id,
			made,
			rehearsal: null,
			isBusy: false,
			error: null,
		},
	};
}

/** The store. */
export const useDrop = create<DropState>(() => emptyPanel);

/** Has something happen on the panel. */
export function happen(event: DropEvent): void {
	useDrop.setState((state) => applyDrop(state, event));
}

/** The card of a key; null: it is gone. */
export function findCard(key: string): FileCard | null {
	return useDrop.getState().cards.find((card) => card.key === key) ?? null;
}

/** Whether a file is a table, by what was read of it or by how its batch reads it. */
export function needsTemplate(card: FileCard): boolean {
	return card.table !== null || card.options.template.prompt !== "";
}
