import type { ReactNode } from "react";
import type { NightReport } from "../../native/contract/contract.ts";
import { formatCount } from "../state/format.ts";
import { routeTo } from "../state/route.ts";
import { Card, Disclosure } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { basisWords, formatKilowattHours, formatMoney, savedUsd, splitHosted } from "./report-sums.ts";

const text = words.morning;

/** What the night took and what the same would have cost elsewhere. */
export function EnergyPart({ report }: { readonly report: NightReport }) {
	const { energy, hosted, prices_as_of } = report;
	const { shown, folded } = splitHosted(hosted);
	return (
		<Card title={text.energy}>
			<dl>
				<Row label={text.used} detail={basisWords(energy.basis)}>
					{text.kilowattHours(formatKilowattHours(energy.kilowatt_hours))}{" "}
					<span className="text-muted">{energy.is_measured ? text.measured : text.estimated}</span>
					{!energy.is_measured && <SettingLink>{text.setWatts}</SettingLink>}
				</Row>
				<Row label={text.costHere}>
					{energy.cost === null ? (
						<span className="text-muted">
							{text.noPrice}
							<SettingLink>{text.setPrice}</SettingLink>
						</span>
					) : (
						formatMoney(energy.cost, energy.currency)
					)}
				</Row>
			</dl>
			<h3 className="mt-4 mb-1 text-sm font-semibold">{text.hosted(prices_as_of)}</h3>
			{hosted.length === 0 && <p className="text-muted">{text.noHosted}</p>}
			<Prices hosted={shown} />
			{folded.length > 0 && (
				<div className="mt-2">
					<Disclosure label={text.moreModels(formatCount(folded.length))}>
						<Prices hosted={folded} />
					</Disclosure>
				</div>
			)}
			{hosted.length > 0 && <p className="mt-2 text-sm text-muted">{describeSaving(report)}</p>}
		</Card>
	);
}

/** Against the cheapest: whoever pays the dearest knows that there are cheaper ones. */
function describeSaving(report: NightReport): string {
	const cheapest = report.hosted.at(-1);
	const saved = cheapest === undefined ? null : savedUsd(report, cheapest.usd);
	if (cheapest === undefined || saved === null) return text.energyNotOff;
	const amount = formatMoney(Math.abs(saved), "USD");
	return saved < 0 ? text.energyMore(amount, cheapest.model) : text.energyOff(amount, cheapest.model);
}

function SettingLink({ children }: { readonly children: string }) {
	return (
		<a className="ml-1.5 text-accent underline underline-offset-2" href={routeTo("settings", "energy")}>
			{children}
		</a>
	);
}

function Row({
	label,
	detail,
	children,
}: {
	readonly label: string;
	readonly detail?: string;
	readonly children: ReactNode;
}) {
	return (
		<div className="flex justify-between gap-4 border-t border-line py-1.5 first:border-t-0 first:pt-0">
			<dt className="shrink-0 text-muted">{label}</dt>
			<dd className="text-right">
				{children}
				{detail !== undefined && <span className="block text-sm text-muted">{detail}</span>}
			</dd>
		</div>
	);
}

function Prices({ hosted }: Pick<NightReport, "hosted">) {
	return (
		<dl>
			{hosted.map(({ provider, model, usd }) => (
				<Row key={`${provider} ${model}`} label={`${provider} ${model}`}>
					{formatMoney(usd, "USD")}
				</Row>
			))}
		</dl>
	);
}
