/** The morning report in words. Pure. */
import { durationInWords, formatCount } from "../base/base.ts";
import type { NightReport } from "../contract/contract.ts";
import { describeCause } from "./cause-words.ts";

/** Bounds of each part, so that the whole fits a small terminal: 25 lines. `--json` tells all. */
const MOST_CAUSES = 2;
const MOST_BATCHES = 6;
const MOST_UNCOLLECTED = 3;
const MOST_ATTENTION = 4;

/** Wide enough for the longest label and a gap. */
const LABEL_WIDTH = 9;
/** Characters of a file's name that are shown. */
const NAME_LENGTH = 40;
/** Characters of what is said about a batch: a line or two of a terminal. */
const WORDS_LENGTH = 160;

/** What `nightshift report` prints: at most 25 lines, times in the time zone of whoever reads it. */
export function describeNight(report: NightReport): string {
	const parts = [
		[`Night from ${localMinute(report.from)} to ${localMinute(report.to)}`],
		report.lines > 0 || report.worked_seconds > 0 ? describeWork(report) : ["Nothing was worked on."],
		describeBatches(report.batches),
		labelled("Collect", shorten(report.uncollected.map(describeUncollected), MOST_UNCOLLECTED)),
		labelled("Look at", shorten(describeAttention(report), MOST_ATTENTION)),
	];
	const shown = parts.filter((lines) => lines.length > 0).map((lines) => lines.join("\n"));
	return `${shown.join("\n\n")}\n`;
}

function describeWork(report: NightReport): readonly string[] {
	const { lines, failed, retries, input_tokens, output_tokens, worked_seconds } = report;
	const done = [
		`${formatCount(lines - failed)} done`,
		`${formatCount(failed)} failed`,
		`${formatCount(retries)} retried`,
	].join(", ");
	return [
		...labelled("Lines", [`${done}; ${durationInWords(worked_seconds * 1000)} of work`]),
		...labelled("Tokens", [`${formatCount(input_tokens)} read, ${formatCount(output_tokens)} written`]),
		...labelled("Energy", [describeEnergy(report.energy)]),
		...labelled("Saved", describeSavings(report)),
		...labelled("Yields", describeYields(report.yields)),
	];
}

function describeEnergy({ kilowatt_hours, is_measured, basis, cost, currency }: NightReport["energy"]): string {
	const energy = `${kilowattHours(kilowatt_hours)} kWh ${is_measured ? "measured" : "estimated"}`;
	const price = cost === null ? "" : `, ${money(cost)} ${currency}`;
	return `${energy}${price} (${basis})`;
}

/** Money of another currency can't be taken off dollars. */
function describeSavings({ hosted, prices_as_of, energy }: NightReport): readonly string[] {
	const dearest = hosted[0];
	const cheapest = hosted.at(-1);
	if (!dearest || !cheapest) return [];
	const energyUsd = energy.currency === "USD" ? energy.cost : null;
	const against = (hostedModel: NightReport["hosted"][number]) => {
		const saved = hostedModel.usd - (energyUsd ?? 0);
		const lost = saved < 0 ? " lost" : "";
		return `${money(Math.abs(saved))} USD${lost} against ${hostedModel.provider} ${hostedModel.model}`;
	};
	const both = dearest === cheapest ? [dearest] : [dearest, cheapest];
	const energyWords = energyUsd === null ? "energy not taken off" : "energy taken off";
	return [`${both.map(against).join(", ")} (batch prices of ${prices_as_of}, ${energyWords})`];
}

function describeYields({ count: times, frozen_seconds, recomputed_tokens, causes }: NightReport["yields"]) {
	if (times === 0) return ["none"];
	const again = recomputed_tokens === 0 ? "nothing" : `${formatCount(recomputed_tokens)} tokens`;
	const named = causes.map(({ cause, count: caused, frozen_seconds: frozen }) => {
		return `${formatCount(caused)} for ${describeCause(cause)}, ${durationInWords(frozen * 1000)}`;
	});
	return [
		`${formatCount(times)}, ${durationInWords(frozen_seconds * 1000)} in all, ${again} computed twice`,
		...shorten(named, MOST_CAUSES),
	];
}

function describeBatches(batches: NightReport["batches"]): readonly string[] {
	const rows = batches.map(({ id, filename, lines, failed, health }) => [
		clip(filename ?? id, NAME_LENGTH),
		`${formatCount(lines)} ${lines === 1 ? "line" : "lines"}`,
		`${formatCount(failed)} failed`,
		clip(health.words, WORDS_LENGTH),
	]);
	const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
	const [nameWidth = 0, linesWidth = 0, failedWidth = 0] = widths;
	const lines = rows.map(([name = "", done = "", failed = "", words = ""]) =>
		[name.padEnd(nameWidth), done.padStart(linesWidth), failed.padStart(failedWidth), words].join("  ").trimEnd(),
	);
	return labelled("Batches", shorten(lines, MOST_BATCHES));
}

function describeUncollected({ id, filename, ended_at }: NightReport["uncollected"][number]): string {
	const name = filename === null ? id : `${clip(filename, NAME_LENGTH)} (${id})`;
	return `${name}, ended ${localMinute(ended_at)}`;
}

function describeAttention({ attention }: NightReport): readonly string[] {
	return attention.map(({ batch_id, message }) => `${batch_id}: ${clip(message, WORDS_LENGTH)}`);
}

/** Puts the label before the first line and sets the others under it. */
function labelled(label: string, lines: readonly string[]): readonly string[] {
	return lines.map((line, index) => `${(index === 0 ? label : "").padEnd(LABEL_WIDTH)}${line}`);
}

/** Of more lines than fit, the last one says how many are not shown. */
function shorten(lines: readonly string[], most: number): readonly string[] {
	if (lines.length <= most) return lines;
	const shown = lines.slice(0, most - 1);
	return [...shown, `and ${formatCount(lines.length - shown.length)} more`];
}

/** One line of at most so many characters. */
function clip(text: string, length: number): string {
	const line = text.replaceAll(/\s+/g, " ");
	return line.length > length ? `${line.slice(0, length - 1)}…` : line;
}

function money(value: number): string {
	return value < 0.01 && value > 0 ? "below 0.01" : value.toFixed(2);
}

function kilowattHours(value: number): string {
	return value < 0.1 ? value.toFixed(4) : value.toFixed(2);
}

/** e.g. `2026-11-21 06:35`, in the time of whoever reads it. */
function localMinute(seconds: number): string {
	const date = new Date(seconds * 1000);
	const two = (value: number) => String(value).padStart(2, "0");
	const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("-");
	return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}
