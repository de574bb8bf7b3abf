import { useMemo } from "react";
import type { ForecastObject } from "../../native/contract/contract.ts";
import { Disclosure, Notice } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { forecastFacts, hostedPrices } from "./forecast-words.ts";

/** What the rest of a batch will take, as figures with their honest width. */
export function ForecastView({ forecast }: { readonly forecast: ForecastObject }) {
	const facts = useMemo(() => forecastFacts(forecast, Date.now()), [forecast]);
	const prices = useMemo(() => hostedPrices(forecast), [forecast]);
	return (
		<div>
			<h3 className="mb-2 text-sm font-semibold">{words.drop.forecastTitle}</h3>
			{facts.length === 0 ? (
				<p className="text-muted">{words.drop.nothingLeft}</p>
			) : (
				<dl className="grid grid-cols-1 gap-x-6 gap-y-2.5 rounded-md bg-sunken px-3 py-2.5 wide:grid-cols-2">
					{facts.map(({ name, value, detail }) => (
						<div key={`${name} ${value}`} className="grid grid-cols-[84px_minmax(0,1fr)] gap-x-3">
							<dt className="text-muted">{name}</dt>
							<dd>
								{value}
								{detail !== null && <span className="block text-xs text-muted">{detail}</span>}
							</dd>
						</div>
					))}
				</dl>
			)}
			{facts.length > 0 && prices.length > 1 && (
				<div className="mt-2">
					<Disclosure label={words.drop.hostedEach}>
						<ul className="text-sm">
							{prices.map(({ name, price }) => (
								<li key={name} className="flex flex-wrap justify-between gap-x-4 py-0.5">
									<span>{name}</span>
									<span className="text-muted">{price}</span>
								</li>
							))}
						</ul>
					</Disclosure>
				</div>
			)}
			{forecast.misses_deadline && (
				<div className="mt-2">
					<Notice tone="warn">{words.drop.missesDeadline}</Notice>
				</div>
			)}
		</div>
	);
}
