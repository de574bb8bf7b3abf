/** The morning report's notice: once a morning, where anything was done in the night. */
import { formatCount } from "../base/base.ts";
import type { NightReport } from "../contract/contract.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Reports } from "../reports/reports.ts";

/** When people get up and when the morning is over, in hours of local time. A computer that wakes in between tells it then. */
const FIRST_HOUR = 7;
const LAST_HOUR = 12;
/** Notices read at a time. */
const NOTICE_PAGE = 500;

/** Sees to the morning report's notice. */
export interface Morning {
	/** Records the notice if it is time. Resolves when it is on disk. */
	look(nowMs: number): Promise<void>;
}

/** What it needs. */
export interface MorningDeps {
	readonly ledger: Pick<Ledger, "notices" | "notify">;
	readonly reports: Pick<Reports, "lastNight">;
}

/** Begins with what the ledger says was told before. */
export function createMorning({ ledger, reports }: MorningDeps): Morning {
	let toldAtMs: number | null = null;
	let seen = 0;
	let telling: Promise<unknown> | null = null;

	/** The last report's notice, also one from before a restart. */
	function catchUp(): void {
		for (;;) {
			const page = ledger.notices(seen, NOTICE_PAGE);
			for (const { number, kind, atMs } of page) {
				seen = number;
				if (kind === "report") toldAtMs = atMs;
			}
			if (page.length < NOTICE_PAGE) return;
		}
	}

	return {
		async look(nowMs) {
			if (telling !== null || !isMorning(nowMs)) return;
			catchUp();
			if (toldAtMs !== null && isSameDay(toldAtMs, nowMs)) return;
			const night = reports.lastNight();
			if (night.lines === 0) return;
			telling = ledger.notify("report", null, inWords(night));
			try {
				await telling;
			} finally {
				telling = null;
			}
		},
	};
}

function isMorning(nowMs: number): boolean {
	const hour = new Date(nowMs).getHours();
	return hour >= FIRST_HOUR && hour < LAST_HOUR;
}

function isSameDay(oneMs: number, otherMs: number): boolean {
	return new Date(oneMs).toDateString() === new Date(otherMs).toDateString();
}

function inWords({ lines, failed, attention }: NightReport): string {
	const parts = [`${formatCount(lines)} lines done`];
	if (failed > 0) parts.push(`${formatCount(failed)} of them failed`);
	if (attention.length > 0) parts.push(`${attention.length} batches need you`);
	return `${parts.join(", ")}.`;
}
