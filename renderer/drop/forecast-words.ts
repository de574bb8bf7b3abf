/** What the rest of a batch will take, in words with their honest width. Pure but for the browser's language. */
import type { ForecastObject, Range } from "../../native/contract/contract.ts";
import { formatCount, formatDuration, formatMoment, formatRate } from "../state/format.ts";
import { words } from "../words/words.ts";

/** One line of a forecast. */
export interface ForecastFact {
	readonly name: string;
	/** The likely figure. */
	readonly value: string;
	/** Its width and where it comes from; null: nothing more to say. */
	readonly detail: string | null;
}

const rounded = new Intl.NumberFormat(undefined, { maximumSignificantDigits: 3 });
const w = words.drop;

/** A forecast, fact by fact; of a batch of which nothing is left, none. */
export function forecastFacts(forecast: ForecastObject, nowMs: number): readonly ForecastFact[] {
	if (forecast.lines_left === 0) return [];
	const { finish_at: finish, seconds, output_tokens: output, lines_done: done } = forecast;
	const facts: ForecastFact[] = [
		fact(w.forecast.ready, finish, (at) => formatMoment(at * 1_000, nowMs), w.readyIfQueued),
		fact(w.forecast.work, seconds, (value) => formatDuration(value * 1_000), w.speedFrom[forecast.speed_from]),
		{
			name: w.forecast.left,
			value:
				done === 0
					? formatCount(forecast.lines_left)
					: w.leftAndDone(formatCount(forecast.lines_left), formatCount(done)),
			detail: null,
		},
		{
			name: w.forecast.tokens,
			value: w.about(w.inAndOut(figure(forecast.input_tokens.expected), figure(output.expected))),
			detail: sentence([width(output, figure), w.perSecond(formatRate(forecast.tokens_per_second.expected))]),
		},
	];
	return [...facts, ...energyFacts(forecast), ...hostedFacts(forecast)];
}

function energyFacts({ energy }: ForecastObject): readonly ForecastFact[] {
	if (energy === null) return [];
	const { kilowatt_hours: used, cost, currency } = energy;
	const money = cost === null ? null : w.costs(formatMoney(cost.expected, currency));
	return [
		{
			name: w.forecast.energy,
			value: sentence([formatEnergy(used.expected), money]) ?? "",
			detail: sentence([width(used, formatEnergy), energy.is_measured ? w.measured : energy.basis]),
		},
	];
}

/** What the same work costs elsewhere, the cheapest first: of many only the ends. */
function hostedFacts({ hosted, prices_as_of: day }: ForecastObject): readonly ForecastFact[] {
	const byPrice = hosted.toSorted((one, other) => one.usd.expected - other.usd.expected);
	const [cheapest, dearest] = [byPrice[0], byPrice.at(-1)];
	if (cheapest === undefined || dearest === undefined) return [];
	const least = formatMoney(cheapest.usd.expected, "USD");
	const most = formatMoney(dearest.usd.expected, "USD");
	const name = w.forecast.hosted;
	if (least === most) return [{ name, value: least, detail: w.hostedAll(formatCount(hosted.length), day) }];
	return [{ name, value: w.fromTo(least, most), detail: w.hostedEnds(cheapest.model, dearest.model, day) }];
}

/** What the same work costs with each hosted model, the cheapest first; none where there is nothing to compare. */
export function hostedPrices({ hosted }: ForecastObject): readonly { readonly name: string; readonly price: string }[] {
	return hosted
		.toSorted((one, other) => one.usd.expected - other.usd.expected)
		.map(({ provider, model, usd }) => {
			const money = (value: number) => formatMoney(value, "USD");
			const range = width(usd, money);
			return { name: `${provider} ${model}`, price: `${money(usd.expected)}${range === null ? "" : `, ${range}`}` };
		});
}

function fact(name: string, range: Range, format: (value: number) => string, basis: string): ForecastFact {
	return { name, value: w.about(format(range.expected)), detail: sentence([width(range, format), basis]) };
}

/** e.g. `between 02:10 and 03:40`; null where both ends read alike. */
function width({ low, high }: Range, format: (value: number) => string): string | null {
	const [from, to] = [format(low), format(high)];
	return from === to ? null : w.between(from, to);
}

function sentence(parts: readonly (string | null)[]): string | null {
	const said = parts.filter((part) => part !== null);
	return said.length === 0 ? null : said.join(", ");
}

function figure(value: number): string {
	return rounded.format(Math.round(value));
}

/** Watt-hours below a tenth of a kilowatt-hour. */
export function formatEnergy(kilowattHours: number): string {
	if (kilowattHours >= 0.1) return w.kilowattHours(rounded.format(kilowattHours));
	const wattHours = kilowattHours * 1_000;
	return wattHours < 1 ? w.lessThan(w.wattHours("1")) : w.wattHours(rounded.format(wattHours));
}

/** Money; what is less than a hundredth of it is said to be. */
export function formatMoney(value: number, currency: string): string {
	const money = new Intl.NumberFormat(undefined, { style: "currency", currency });
	return value > 0 && value < 0.01 ? w.lessThan(money.format(0.01)) : money.format(value);
}

/** Seconds with a decimal where they are few. */
export function formatSeconds(seconds: number): string {
	return seconds < 10 ? w.seconds(seconds.toFixed(1)) : formatDuration(seconds * 1_000);
}
