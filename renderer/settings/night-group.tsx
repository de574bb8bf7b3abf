import { formatCount } from "../state/format.ts";
import { Disclosure } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { NotSaved } from "./not-saved.tsx";
import { useSaving } from "./saving.ts";
import { SettingGroup } from "./setting-group.tsx";
import { minutesAWeek, type Night } from "./week.ts";
import { WeekStrip } from "./week-strip.tsx";
import { WeekTimes } from "./week-times.tsx";

const text = words.settings.night;

/** The night hours: as a strip to drag on, and as times. */
export function NightGroup({ night, isUsed }: { readonly night: Night; readonly isUsed: boolean }) {
	// A refusal about any day shows here; Monday stands for the week.
	const { save, fault, isOff } = useSaving("night.monday");
	return (
		<SettingGroup title={text.title} hint={isUsed ? text.hint : `${text.unused} ${text.hint}`}>
			<div>
				<WeekStrip night={night} isOff={isOff} onChange={(change) => save({ night: change })} />
				<p className="mt-2 text-sm text-muted">
					{text.sum(formatCount(Math.round(minutesAWeek(night) / 6) / 10))}
					<span className="sr-only">{` ${text.keys}`}</span>
				</p>
				<NotSaved fault={fault} />
			</div>
			<div>
				<Disclosure label={text.asTimes}>
					<WeekTimes night={night} isOff={isOff} onChange={(change) => save({ night: change })} />
				</Disclosure>
			</div>
		</SettingGroup>
	);
}
