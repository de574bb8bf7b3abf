/**
 * Which notices become notifications, and when several become one. Pure: notices in, what is to be shown out. Must never show anything.
 *
 * Notices are gathered for a moment and then decided together: a batch keeps only its newest, what somebody looks at anyway is left
 * out, and from the third within ten seconds on one summary stands for all of them.
 */
import type { NoticeObject, SettingsValues } from "../../native/contract/contract.ts";
import { screens } from "../screens.ts";
import { notificationWords, type SummaryCounts } from "../words/notifications.ts";
import { type Card, cardOf, groupOf, REPORT_TAG, SUMMARY_TAG } from "./card.ts";

/** What has been told of late. */
export interface Told {
	/** Number of the last notice that was decided; null: never any. */
	readonly lastNumber: number | null;
	/** When that one happened, Unix milliseconds; of one of an earlier run: when this one began. */
	readonly lastAtMs: number;
	/** Notices shown within one burst, by tag; what a summary stands for. */
	readonly burst: ReadonlyMap<string, NoticeObject>;
	/** When the last of them was shown, Unix milliseconds. */
	readonly burstAtMs: number;
}

/** What a decision looks at. */
export interface Circumstances {
	readonly nowMs: number;
	/** When this shell began, Unix milliseconds: what lies before its very first start is no news to anybody. */
	readonly startedAtMs: number;
	/** What people want to be told of; null: not known yet, so everything. */
	readonly wanted: SettingsValues["notifications"] | null;
	/** The page that the user has before their eyes: its hash, e.g. `#/jobs/batch_1`; null: none of our windows has the focus. */
	readonly seenHash: string | null;
}

/** What is to happen to notifications. */
export type Effect = { readonly kind: "show"; readonly card: Card } | { readonly kind: "close"; readonly tag: string };

/** Notices this close to each other belong to one burst. */
const BURST_MS = 10_000;
/** Notifications of one burst that stand for themselves; with one more a summary takes their place. */
const MOST_SINGLE = 2;
/** Batches that one summary counts: more than a night ends; a flood of notices must not fill the memory. */
const MOST_IN_BURST = 500;
/** Batches a summary names: what a notification shows at a glance. */
const MOST_NAMED = 3;

/** Nothing told yet in this run; `lastNumber` is what is remembered of earlier ones. */
export function nothingTold(lastNumber: number | null, startedAtMs: number): Told {
	return { lastNumber, lastAtMs: startedAtMs, burst: new Map(), burstAtMs: 0 };
}

/**
 * Whether a notice still has to be decided. Numbers count up, but those of a data folder that was begun anew from one again: what happened
 * after all that was told is news, whatever its number.
 */
export function isNews({ number, at }: NoticeObject, { lastNumber, lastAtMs }: Told): boolean {
	return lastNumber === null || number > lastNumber || at * 1_000 > lastAtMs;
}

/** Decides notices that came at about the same time, in the order of their numbers. */
export function decide(
	told: Told,
	notices: readonly NoticeObject[],
	circumstances: Circumstances,
): { readonly told: Told; readonly effects: readonly Effect[] } {
	const news = notices.filter((notice) => isNews(notice, told));
	const fresh = new Map<string, NoticeObject>();
	const effects: Effect[] = [];
	for (const notice of news) {
		const { tag, hash } = cardOf(notice);
		fresh.delete(tag);
		if (!isWorthTelling(notice, told, circumstances)) continue;
		// Who looks at the job sees it there; what was said of it before is void now.
		if (circumstances.seenHash === hash) effects.push({ kind: "close", tag });
		else fresh.set(tag, notice);
	}
	const newest = news.at(-1);
	const last = newest === undefined ? told : { lastNumber: newest.number, lastAtMs: newest.at * 1_000 };
	const report = fresh.get(REPORT_TAG);
	if (report !== undefined) effects.push({ kind: "show", card: cardOf(report) });
	fresh.delete(REPORT_TAG);
	if (fresh.size === 0) return { told: { ...told, lastNumber: last.lastNumber, lastAtMs: last.lastAtMs }, effects };
	const { nowMs } = circumstances;
	const burst = join(nowMs - told.burstAtMs < BURST_MS ? told.burst : new Map(), fresh);
	effects.push(...(burst.size > MOST_SINGLE ? summarise(burst) : [...fresh.values()].map(show)));
	return { told: { lastNumber: last.lastNumber, lastAtMs: last.lastAtMs, burst, burstAtMs: nowMs }, effects };
}

function isWorthTelling({ kind, at }: NoticeObject, { lastNumber }: Told, circumstances: Circumstances): boolean {
	const { wanted, startedAtMs } = circumstances;
	const group = groupOf(kind);
	if (group === null || wanted?.[group] === false) return false;
	return lastNumber !== null || (at + 1) * 1_000 > startedAtMs;
}

function show(notice: NoticeObject): Effect {
	return { kind: "show", card: cardOf(notice) };
}

function join(
	before: ReadonlyMap<string, NoticeObject>,
	fresh: ReadonlyMap<string, NoticeObject>,
): ReadonlyMap<string, NoticeObject> {
	const kept = [...before].filter(([tag]) => !fresh.has(tag));
	return new Map([...kept, ...fresh].slice(-MOST_IN_BURST));
}

/** One notification in the place of all. */
function summarise(burst: ReadonlyMap<string, NoticeObject>): readonly Effect[] {
	const notices = [...burst.values()];
	const counts: Record<keyof SummaryCounts, number> = { done: 0, failed: 0, attention: 0, rehearsed: 0 };
	for (const { kind } of notices) {
		const group = kind === "rehearsed" ? kind : groupOf(kind);
		if (group !== null && group !== "morning") counts[group] += 1;
	}
	// The newest first, but what somebody has to see to before all.
	const named = notices.toReversed().sort((one, other) => urgency(other) - urgency(one));
	const titles = named.slice(0, MOST_NAMED).map(({ title }) => title);
	const card: Card = {
		tag: SUMMARY_TAG,
		title: notificationWords.summaryTitle(counts),
		body: notificationWords.summaryBody(titles, notices.length - titles.length),
		hash: screens.jobs,
		stays: counts.attention > 0,
	};
	return [...[...burst.keys()].map((tag): Effect => ({ kind: "close", tag })), { kind: "show", card }];
}

function urgency({ kind }: NoticeObject): number {
	const group = groupOf(kind);
	return group === "attention" ? 2 : group === "failed" ? 1 : 0;
}
