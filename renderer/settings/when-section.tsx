import type { SettingsValues } from "../../native/contract/contract.ts";
import { words } from "../words/words.ts";
import { ChoiceSetting } from "./choice-setting.tsx";
import { NightGroup } from "./night-group.tsx";
import { NowPanel } from "./now-panel.tsx";
import { NumberSetting } from "./number-setting.tsx";
import { SettingGroup } from "./setting-group.tsx";

const text = words.settings;

/** At which times batch work may run, and whether it would now. */
export function WhenSection({ values }: { readonly values: SettingsValues }) {
	const { mode, awayMinutes } = values.schedule;
	return (
		<>
			<NowPanel />
			<SettingGroup title={text.mode.title} hint={text.mode.hint}>
				<ChoiceSetting
					path="schedule.mode"
					label={text.mode.title}
					value={mode}
					choices={(["when-idle", "night", "away", "always"] as const).map((value) => ({
						value,
						...text.mode.choices[value],
					}))}
					patch={(chosen) => ({ schedule: { mode: chosen } })}
				/>
				<NumberSetting
					path="schedule.awayMinutes"
					label={text.mode.awayMinutes}
					hint={text.mode.awayMinutesHint}
					unit={text.minutes}
					value={awayMinutes}
					patch={(minutes) => ({ schedule: { awayMinutes: minutes } })}
				/>
			</SettingGroup>
			<NightGroup night={values.night} isUsed={mode === "when-idle" || mode === "night"} />
		</>
	);
}
