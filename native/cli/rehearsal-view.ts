/** What a rehearsal showed, in words: outputs beside inputs, tokens, time, energy, money. Pure. */
import { assertNever, durationInWords, formatCount } from "../base/base.ts";
import type { ForecastObject, Range, Rehearsal, RehearsedLine } from "../contract/contract.ts";

/** Characters of a request or an answer that are shown: a few lines of a terminal. */
const SHOWN_CHARACTERS = 400;

/** What `nightshift rehearse` prints. `formatTime` writes a moment of Unix seconds in local time. */
export function rehearsalInWords(rehearsal: Rehearsal, formatTime: (seconds: number) => string): string {
	const { batch, lines, forecast } = rehearsal;
	const parts = lines.map(describeLine);
	const adopted = batch.statistics.adopted;
	const total = batch.request_counts.total;
	parts.push(`${formatCount(total)} lines checked, ${formatCount(lines.length)} rehearsed.`);
	if (adopted > 0)
		parts.push(`${formatCount(adopted)} of the ${formatCount(total)} were answered before and are not run again.`);
	if (forecast !== null) parts.push(describeForecast(forecast, formatTime));
	return `${parts.join("\n")}\n`;
}

/** One rehearsed line: what was asked beside what came of it. */
export function describeLine(line: RehearsedLine): string {
	const asked = shorten(askedText(line.request));
	const said = line.text === null ? shorten(JSON.stringify(line.result)) : shorten(line.text);
	const head = `── line ${line.line} (${line.custom_id}), ${line.input_tokens} + ${line.output_tokens} tokens, ${line.seconds.toFixed(1)} s`;
	return `${head}\n${asked}\n→ ${line.is_error ? "failed: " : ""}${said}\n`;
}

/** The last message of a chat, the prompt of a completion, or the request as it is. */
function askedText(request: RehearsedLine["request"]): string {
	const messages: unknown = request.messages ?? request.contents;
	const last: unknown = Array.isArray(messages) ? messages.at(-1) : undefined;
	const text = textOf(last) ?? textOf(request.prompt ?? request.input);
	return text ?? JSON.stringify(last ?? request);
}

/** The text of a message, of its parts, or of a string; null: it is something else, as a picture. */
function textOf(value: unknown): string | null {
	if (typeof value === "string") return value;
	if (Array.isArray(value)) {
		const texts = value.map(textOf);
		return texts.length === 0 || texts.includes(null) ? null : texts.join("\n");
	}
	if (typeof value !== "object" || value === null) return null;
	if ("text" in value) return textOf(value.text);
	if ("content" in value) return textOf(value.content);
	return "parts" in value ? textOf(value.parts) : null;
}

/** A forecast in a few lines. */
export function describeForecast(forecast: ForecastObject, formatTime: (seconds: number) => string): string {
	if (forecast.lines_left === 0) return "All lines are answered; none is left to run.";
	const { finish_at: finish, seconds, energy, hosted } = forecast;
	const lines = [
		`${formatCount(forecast.lines_left)} lines to run, ${range(forecast.input_tokens_per_line, round)} + ${range(forecast.output_tokens_per_line, round)} tokens a line`,
		`Ready about ${formatTime(finish.expected)}, between ${formatTime(finish.low)} and ${formatTime(finish.high)} (${durationInWords(seconds.expected * 1_000)} of work; speed ${speedFrom(forecast)})`,
	];
	if (forecast.misses_deadline && forecast.deadline_at !== null) {
		lines.push(`That is after its deadline, ${formatTime(forecast.deadline_at)}.`);
	}
	if (energy !== null) {
		const cost = energy.cost === null ? "" : `, ${range(energy.cost, money)} ${energy.currency}`;
		lines.push(`Energy ${range(energy.kilowatt_hours, kilowattHours)} kWh${cost} (${energy.basis})`);
	}
	const shown = [...hosted].sort((one, other) => one.usd.expected - other.usd.expected);
	const [cheapest] = shown;
	const dearest = shown.at(-1);
	if (cheapest && dearest) {
		const prices = `as of ${forecast.prices_as_of}`;
		lines.push(
			`Hosted batch APIs: ${money(cheapest.usd.expected)} USD (${cheapest.model}) to ${money(dearest.usd.expected)} USD (${dearest.model}), ${prices}`,
		);
	}
	return lines.join("\n");
}

function speedFrom({ speed_from }: ForecastObject): string {
	switch (speed_from) {
		case "running":
			return "as it runs";
		case "history":
			return "from earlier work";
		case "rehearsal":
			return "from the rehearsal alone";
		default:
			return assertNever(speed_from);
	}
}

function range(value: Range, write: (one: number) => string): string {
	const [low, high] = [write(value.low), write(value.high)];
	return low === high ? low : `${low} to ${high}`;
}

function round(value: number): string {
	return formatCount(Math.round(value));
}

function money(value: number): string {
	return value < 0.01 && value > 0 ? "below 0.01" : value.toFixed(2);
}

function kilowattHours(value: number): string {
	return value < 0.1 ? value.toFixed(4) : value.toFixed(2);
}

function shorten(text: string): string {
	return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}
