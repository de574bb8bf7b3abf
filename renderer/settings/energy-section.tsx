import type { SettingsValues } from "../../native/contract/contract.ts";
import { words } from "../words/words.ts";
import { DraftInput } from "./draft-input.tsx";
import { NumberSetting } from "./number-setting.tsx";
import { useSaving } from "./saving.ts";
import { SettingGroup } from "./setting-group.tsx";
import { SettingRow } from "./setting-row.tsx";

const text = words.settings.energy;

/** Price and power, for reports and forecasts. */
export function EnergySection({ values: { energy } }: { readonly values: SettingsValues }) {
	return (
		<SettingGroup title={text.title}>
			<NumberSetting
				path="energy.pricePerKilowattHour"
				label={text.price}
				hint={text.priceHint}
				unit={energy.currency}
				placeholder={words.settings.none}
				isOptional
				value={energy.pricePerKilowattHour}
				patch={(pricePerKilowattHour) => ({ energy: { pricePerKilowattHour } })}
			/>
			<Currency currency={energy.currency} />
			<NumberSetting
				path="energy.estimatedWatts"
				label={text.watts}
				hint={text.wattsHint}
				unit={words.settings.watts}
				placeholder={words.settings.automatic}
				isOptional
				value={energy.estimatedWatts}
				patch={(estimatedWatts) => ({ energy: { estimatedWatts } })}
			/>
		</SettingGroup>
	);
}

function Currency({ currency }: { readonly currency: string }) {
	const { save, say, fault, isOff } = useSaving("energy.currency");
	return (
		<SettingRow label={text.currency} hint={text.currencyHint} fault={fault}>
			<span className="flex items-center gap-2">
				<span className="w-20">
					<DraftInput
						className="text-right"
						autoComplete="off"
						spellCheck={false}
						shown={currency}
						disabled={isOff}
						onCommit={(typed) => save({ energy: { currency: typed.toUpperCase() } })}
						onGiveUp={() => say(null)}
					/>
				</span>
				<span className="w-12" />
			</span>
		</SettingRow>
	);
}
