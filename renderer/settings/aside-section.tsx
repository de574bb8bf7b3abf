import type { SettingsValues } from "../../native/contract/contract.ts";
import { words } from "../words/words.ts";
import { ChoiceSetting } from "./choice-setting.tsx";
import { NumberSetting } from "./number-setting.tsx";
import { OthersGroup } from "./others-group.tsx";
import { SettingGroup } from "./setting-group.tsx";
import { ToggleSetting } from "./toggle-setting.tsx";

const text = words.settings;

/** When batch work gives way, and to whom. */
export function AsideSection({ values }: { readonly values: SettingsValues }) {
	return (
		<>
			<OthersGroup limits={values.limits} />
			<HardwareGroup limits={values.limits} />
			<DayGroup day={values.day} />
			<RequestsGroup stepAside={values.stepAside} />
			<SettingGroup title={text.outOfMemory.title}>
				<ChoiceSetting
					path="outOfMemory.settleFor"
					label={text.outOfMemory.title}
					value={values.outOfMemory.settleFor}
					choices={(["fewer-layers", "fewer-lanes", "wait"] as const).map((value) => ({
						value,
						...text.outOfMemory.choices[value],
					}))}
					patch={(settleFor) => ({ outOfMemory: { settleFor } })}
				/>
			</SettingGroup>
			<SleepGroup sleep={values.sleep} />
		</>
	);
}

function HardwareGroup({ limits }: Pick<SettingsValues, "limits">) {
	return (
		<SettingGroup title={text.hardware.title}>
			<NumberSetting
				path="limits.temperatureCelsius"
				label={text.hardware.temperature}
				hint={text.hardware.temperatureHint}
				unit={text.celsius}
				isOptional
				value={limits.temperatureCelsius}
				patch={(temperatureCelsius) => ({ limits: { temperatureCelsius } })}
			/>
			<ToggleSetting
				path="limits.onBattery"
				label={text.hardware.onBattery}
				hint={text.hardware.onBatteryHint}
				value={limits.onBattery}
				patch={(onBattery) => ({ limits: { onBattery } })}
			/>
			<NumberSetting
				path="limits.leastBatteryPercent"
				label={text.hardware.leastBattery}
				hint={text.hardware.leastBatteryHint}
				unit={text.percent}
				value={limits.leastBatteryPercent}
				patch={(leastBatteryPercent) => ({ limits: { leastBatteryPercent } })}
			/>
		</SettingGroup>
	);
}

function DayGroup({ day }: Pick<SettingsValues, "day">) {
	return (
		<SettingGroup title={text.day.title}>
			<NumberSetting
				path="day.gpuPercent"
				label={text.day.gpu}
				hint={text.day.gpuHint}
				unit={text.percent}
				value={day.gpuPercent}
				patch={(gpuPercent) => ({ day: { gpuPercent } })}
			/>
			<NumberSetting
				path="day.gpuWatts"
				label={text.day.watts}
				hint={text.day.wattsHint}
				unit={text.watts}
				isOptional
				value={day.gpuWatts}
				patch={(gpuWatts) => ({ day: { gpuWatts } })}
			/>
		</SettingGroup>
	);
}

const MILLISECONDS_A_SECOND = 1_000;

function RequestsGroup({ stepAside }: Pick<SettingsValues, "stepAside">) {
	return (
		<SettingGroup title={text.requests.title}>
			<NumberSetting
				path="stepAside.quietMs"
				label={text.requests.quiet}
				hint={text.requests.quietHint}
				unit={text.seconds}
				perUnit={MILLISECONDS_A_SECOND}
				value={stepAside.quietMs}
				patch={(quietMs) => ({ stepAside: { quietMs } })}
			/>
			<NumberSetting
				path="stepAside.longestQuietMs"
				label={text.requests.longest}
				hint={text.requests.longestHint}
				unit={text.seconds}
				perUnit={MILLISECONDS_A_SECOND}
				value={stepAside.longestQuietMs}
				patch={(longestQuietMs) => ({ stepAside: { longestQuietMs } })}
			/>
		</SettingGroup>
	);
}

function SleepGroup({ sleep }: Pick<SettingsValues, "sleep">) {
	return (
		<SettingGroup title={text.sleep.title}>
			<ToggleSetting
				path="sleep.keepAwake"
				label={text.sleep.keepAwake}
				hint={text.sleep.keepAwakeHint}
				value={sleep.keepAwake}
				patch={(keepAwake) => ({ sleep: { keepAwake } })}
			/>
			<ToggleSetting
				path="sleep.wakeForNight"
				label={text.sleep.wake}
				hint={text.sleep.wakeHint}
				value={sleep.wakeForNight}
				patch={(wakeForNight) => ({ sleep: { wakeForNight } })}
			/>
		</SettingGroup>
	);
}
