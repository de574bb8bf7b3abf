/** A job's figures in words. Pure but for the language. */
import type { BatchDetails } from "../../native/contract/contract.ts";
import { formatCount, formatDuration, formatMoment, formatRate } from "../state/format.ts";
import { words } from "../words/words.ts";
import { endedAt, rateWords } from "./job-list.ts";

/** A figure with its name. */
export interface Figure {
	readonly label: string;
	readonly value: string;
	/** A few words more. */
	readonly detail?: string;
	readonly isBad?: boolean;
}

/** What people look for first. `rate`: lines a second now; null: not known. */
export function mainFigures(batch: BatchDetails, rate: number | null): readonly Figure[] {
	const said = words.jobs.figures;
	const { completed, failed, total } = batch.request_counts;
	const { statistics, usage, forecast } = batch;
	const ended = endedAt(batch);
	const hasWorked = completed + failed > 0;
	const figures: (Figure | null | false)[] = [
		total > 0
			? { label: said.lines, value: words.jobs.row.counts(formatCount(completed + failed), formatCount(total)) }
			: { label: said.lines, value: words.common.unknown },
		failed > 0 ? { label: said.failed, value: formatCount(failed), isBad: true } : null,
		usage && hasWorked && { label: said.tokensIn, value: formatCount(usage.input_tokens) },
		usage && hasWorked && { label: said.tokensOut, value: formatCount(usage.output_tokens) },
		ended === null && rate !== null && hasWorked ? { label: said.rate, value: rateWords(rate) } : null,
		ended === null && forecast ? { label: said.ready, ...readyOf(forecast) } : null,
		ended === null ? null : { label: said.ended, value: formatMoment(ended * 1_000) },
		hasWorked ? { label: said.worked, value: formatDuration(statistics.worked_seconds * 1_000) } : null,
		hasWorked ? { label: said.energy, ...energyOf(statistics.energy) } : null,
		statistics.line_seconds && {
			label: said.lineTime,
			value: formatSeconds(statistics.line_seconds.p50),
			detail: said.lineTimeMost(formatSeconds(statistics.line_seconds.p95)),
		},
	];
	return figures.filter((figure) => figure !== null && figure !== false);
}

/** How it was made, and what is seldom asked for. */
export function otherFigures(batch: BatchDetails): readonly Figure[] {
	const said = words.jobs.figures;
	const { statistics, not_before: notBefore, effective_until: staleFrom, expires_at: deadline } = batch;
	const figures: (Figure | null)[] = [
		{ label: said.model, value: batch.model ?? said.none },
		{ label: said.format, value: said.formats[batch.format] },
		{ label: said.priority, value: words.jobs.duplicate.priorities[batch.priority] },
		{ label: said.window, value: batch.completion_window },
		{ label: said.came, value: formatMoment(batch.created_at * 1_000) },
		deadline === null ? null : { label: said.deadline, value: formatMoment(deadline * 1_000) },
		notBefore === null ? null : { label: said.notBefore, value: formatMoment(notBefore * 1_000) },
		staleFrom === null ? null : { label: said.staleFrom, value: formatMoment(staleFrom * 1_000) },
		statistics.adopted > 0
			? { label: said.adopted, value: formatCount(statistics.adopted), detail: said.adoptedDetail }
			: null,
		statistics.retries > 0 ? { label: said.retries, value: formatCount(statistics.retries) } : null,
		...Object.entries(batch.metadata ?? {}).map(([label, value]) => ({ label, value })),
		{ label: said.id, value: batch.id },
	];
	return figures.filter((figure) => figure !== null);
}

/** Seconds of one line: tenths where they tell something. */
export function formatSeconds(seconds: number): string {
	if (seconds >= 60) return formatDuration(seconds * 1_000);
	return `${seconds < 10 ? seconds.toLocaleString(undefined, { maximumFractionDigits: 2 }) : formatRate(seconds)} s`;
}

function energyOf({ watt_hours: wattHours, is_measured }: BatchDetails["statistics"]["energy"]): Omit<Figure, "label"> {
	const said = words.jobs.figures;
	const value =
		wattHours >= 1_000
			? said.kilowattHours((wattHours / 1_000).toLocaleString(undefined, { maximumFractionDigits: 2 }))
			: said.wattHours(wattHours.toLocaleString(undefined, { maximumFractionDigits: wattHours < 10 ? 2 : 0 }));
	return { value, detail: is_measured ? said.measured : said.estimated };
}

function readyOf({ finish_at: finish }: NonNullable<BatchDetails["forecast"]>): Omit<Figure, "label"> {
	const low = formatMoment(finish.low * 1_000);
	const high = formatMoment(finish.high * 1_000);
	const value = formatMoment(finish.expected * 1_000);
	return low === high ? { value } : { value, detail: words.jobs.figures.range(low, high) };
}
