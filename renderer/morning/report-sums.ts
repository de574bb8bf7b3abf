/** What the morning report adds up and sorts for people. Pure. */
import type { NightReport, YieldCause } from "../../native/contract/contract.ts";

/** How often work stepped aside for something. */
export interface AsideRow {
	readonly cause: YieldCause;
	readonly count: number;
	/** How long it waited because of it, in all. */
	readonly durationMs: number;
}

/** Freezes and stops apart: the first cost nothing, the second give the memory back and load it again. */
export interface Asides {
	readonly freezes: readonly AsideRow[];
	readonly stops: readonly AsideRow[];
}

/** Tells freezes and stops apart; each most often first, as the service has them. */
export function splitAsides({ causes }: NightReport["yields"]): Asides {
	const rows = causes.map(({ cause, count, frozen_seconds }) => ({ cause, count, durationMs: frozen_seconds * 1_000 }));
	return {
		freezes: rows.filter(({ cause }) => cause.kind === "request"),
		stops: rows.filter(({ cause }) => cause.kind === "stop"),
	};
}

/** How often in all. */
export function countAsides(rows: readonly AsideRow[]): number {
	return rows.reduce((sum, { count }) => sum + count, 0);
}

/** How long in all, milliseconds. */
export function sumDurationsMs(rows: readonly AsideRow[]): number {
	return rows.reduce((sum, { durationMs }) => sum + durationMs, 0);
}

/** Whether anything happened that is worth a report. */
export function isEmptyNight(report: NightReport): boolean {
	const { lines, worked_seconds, batches, uncollected, attention } = report;
	return (
		lines === 0 && worked_seconds === 0 && batches.length === 0 && uncollected.length === 0 && attention.length === 0
	);
}

/** Tokens written a second of work; null: there was no work to divide by. */
export function tokensPerSecond({ output_tokens, worked_seconds }: NightReport): number | null {
	return worked_seconds <= 0 || output_tokens === 0 ? null : output_tokens / worked_seconds;
}

/**
 * What the hosted model costs more than the energy here, in US dollars, below 0 where energy costs more. Null where the energy's
 * price is unknown or in another currency: that can't be taken off dollars.
 */
export function savedUsd({ energy }: NightReport, hostedUsd: number): number | null {
	return energy.cost === null || energy.currency !== "USD" ? null : hostedUsd - energy.cost;
}

/** Shown at once of the price table; the rest is folded away. */
const MOST_HOSTED = 4;

/** The dearest and the cheapest first, so that nobody is shown the flattering end alone. */
export function splitHosted(hosted: NightReport["hosted"]): {
	readonly shown: NightReport["hosted"];
	readonly folded: NightReport["hosted"];
} {
	if (hosted.length <= MOST_HOSTED) return { shown: hosted, folded: [] };
	const half = MOST_HOSTED / 2;
	return { shown: [...hosted.slice(0, half), ...hosted.slice(-half)], folded: hosted.slice(half, -half) };
}

/** How the energy was found, without the name of the setting in its file: the screen has a link to it instead. */
export function basisWords(basis: string): string {
	return basis.replace(/; energy\.estimatedWatts sets it$/, "");
}

/** A kilowatt-hour's figure with as many digits as say something. */
export function formatKilowattHours(value: number): string {
	const digits = value > 0 && value < 0.1 ? 4 : 2;
	return new Intl.NumberFormat(undefined, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(
		value,
	);
}

/** An amount in its currency; what is less than a hundredth says so. */
export function formatMoney(value: number, currency: string): string {
	const format = new Intl.NumberFormat(undefined, { style: "currency", currency });
	return value > 0 && value < 0.01 ? `< ${format.format(0.01)}` : format.format(value);
}
