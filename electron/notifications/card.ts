/** What one notification says, whatever system shows it. Pure. */
import type { NoticeKind, NoticeObject, SettingsValues } from "../../native/contract/contract.ts";
import { screens } from "../screens.ts";

/** A notification, before a system's options are made of it. */
export interface Card {
	/** One notification a tag: a later one takes its place. */
	readonly tag: string;
	readonly title: string;
	readonly body: string;
	/** Where a click leads: the part of the page's address behind its path, e.g. `#/jobs/batch_1`. */
	readonly hash: string;
	/** Stays until somebody has seen it, where the system can do that: nothing goes on before somebody acts. */
	readonly stays: boolean;
}

/** What people may switch off, one switch a group. */
type NoticeGroup = keyof SettingsValues["notifications"];

/** What the morning report is tagged with. */
export const REPORT_TAG = "report";
/** What a summary of several batches is tagged with. */
export const SUMMARY_TAG = "summary";
const BATCH_TAG = "batch:";

/** What everything about a batch is tagged with. */
export function batchTag(id: string): string {
	return `${BATCH_TAG}${id}`;
}

/** macOS shows four lines, Windows three, GNOME some more; the rest stands in the window. */
const MOST_BODY_LENGTH = 240;

/** The switch that a kind of notice hangs on; null: nobody is told. Who cancels a batch knows it. */
export function groupOf(kind: NoticeKind): NoticeGroup | null {
	switch (kind) {
		case "completed":
		case "rehearsed":
			return "done";
		case "failed":
		case "expired":
			return "failed";
		case "needs-attention":
		case "deadline-at-risk":
			return "attention";
		case "report":
			return "morning";
		case "cancelled":
			return null;
		default:
			return kind satisfies never;
	}
}

/** The notification of one notice. */
export function cardOf({ kind, batch_id, title, body }: NoticeObject): Card {
	const tag = batch_id === null ? REPORT_TAG : batchTag(batch_id);
	// A rehearsal's answers and the button that queues it are on the first screen, not on its job's.
	const hash = kind === "rehearsed" ? screens.home : hashOf(tag);
	return { tag, title, body: shortened(body), hash, stays: kind === "needs-attention" };
}

/** Something of the shell's own, e.g. that a file was not taken. */
export function ownCard(tag: string, title: string, body: string, hash: string): Card {
	return { tag, title, body, hash, stays: false };
}

/** Where a click on the notification of a tag leads, when nothing else is known of it any more. */
export function hashOf(tag: string): string {
	if (tag === REPORT_TAG) return screens.morning;
	if (!tag.startsWith(BATCH_TAG)) return screens.jobs;
	return screens.job(tag.slice(BATCH_TAG.length));
}

function shortened(text: string): string {
	return text.length <= MOST_BODY_LENGTH ? text : `${text.slice(0, MOST_BODY_LENGTH - 1)}…`;
}
