/** From tokens, seconds and watts to money. Pure. */
import { scaleEstimate } from "../base/base.ts";
import type { HostedCost, Range } from "../contract/contract.ts";
import type { HostedPrice } from "./prices.ts";

const TOKENS_PER_MILLION = 1_000_000;
const SECONDS_PER_HOUR = 3_600;
const WATTS_PER_KILOWATT = 1_000;

/** What a hosted batch API takes for so many tokens, in US dollars. */
export function hostedUsd(price: HostedPrice, inputTokens: number, outputTokens: number): number {
	return (inputTokens * price.inputUsdPerMillion + outputTokens * price.outputUsdPerMillion) / TOKENS_PER_MILLION;
}

/** The same for ranges of tokens: cheap where both are few. Dearest first. */
export function hostedRanges(prices: readonly HostedPrice[], input: Range, output: Range): readonly HostedCost[] {
	return prices
		.map((price) => ({
			provider: price.provider,
			model: price.model,
			usd: {
				low: hostedUsd(price, input.low, output.low),
				expected: hostedUsd(price, input.expected, output.expected),
				high: hostedUsd(price, input.high, output.high),
			},
		}))
		.sort((one, other) => other.usd.expected - one.usd.expected);
}

/** The same for tokens that were counted. Dearest first. */
export function hostedFigures(prices: readonly HostedPrice[], inputTokens: number, outputTokens: number) {
	return prices
		.map((price) => ({
			provider: price.provider,
			model: price.model,
			usd: hostedUsd(price, inputTokens, outputTokens),
		}))
		.sort((one, other) => other.usd - one.usd);
}

/** Energy in kilowatt-hours of work that draws so many watts. */
export function kilowattHours(seconds: Range, watts: number): Range {
	return scaleEstimate(seconds, watts / WATTS_PER_KILOWATT / SECONDS_PER_HOUR);
}
