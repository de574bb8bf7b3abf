import type { SettingsValues } from "../../native/contract/contract.ts";
import { useMachine } from "../machines/use-machine.ts";
import { words } from "../words/words.ts";
import { programName, suggestPrograms } from "./entries.ts";
import { ListSetting } from "./list-setting.tsx";
import { NumberSetting } from "./number-setting.tsx";
import { SettingGroup } from "./setting-group.tsx";

const text = words.settings.others;
const units = words.settings;

/** What other programs may use before batch work gives way, and which programs count. */
export function OthersGroup({ limits }: Pick<SettingsValues, "limits">) {
	return (
		<SettingGroup title={text.title}>
			<NumberSetting
				path="limits.othersGpuPercent"
				label={text.gpu}
				hint={text.gpuHint}
				unit={units.percent}
				isOptional
				value={limits.othersGpuPercent}
				patch={(othersGpuPercent) => ({ limits: { othersGpuPercent } })}
			/>
			<NumberSetting
				path="limits.othersGpuMemoryPercent"
				label={text.gpuMemory}
				hint={text.gpuMemoryHint}
				unit={units.percent}
				isOptional
				value={limits.othersGpuMemoryPercent}
				patch={(othersGpuMemoryPercent) => ({ limits: { othersGpuMemoryPercent } })}
			/>
			<NumberSetting
				path="limits.leastFreeGpuMegabytes"
				label={text.leastFree}
				hint={text.leastFreeHint}
				unit={units.megabytes}
				placeholder={units.none}
				isOptional
				value={limits.leastFreeGpuMegabytes}
				patch={(leastFreeGpuMegabytes) => ({ limits: { leastFreeGpuMegabytes } })}
			/>
			<NumberSetting
				path="limits.othersCpuPercent"
				label={text.cpu}
				hint={text.cpuHint}
				unit={units.percent}
				isOptional
				value={limits.othersCpuPercent}
				patch={(othersCpuPercent) => ({ limits: { othersCpuPercent } })}
			/>
			<NumberSetting
				path="limits.leastFreeMemoryPercent"
				label={text.leastMemory}
				hint={text.leastMemoryHint}
				unit={units.percent}
				placeholder={units.none}
				isOptional
				value={limits.leastFreeMemoryPercent}
				patch={(leastFreeMemoryPercent) => ({ limits: { leastFreeMemoryPercent } })}
			/>
			<Programs limits={limits} />
			<NumberSetting
				path="limits.coolDownMinutes"
				label={text.coolDown}
				hint={text.coolDownHint}
				unit={units.minutes}
				value={limits.coolDownMinutes}
				patch={(coolDownMinutes) => ({ limits: { coolDownMinutes } })}
			/>
			<NumberSetting
				path="limits.gameCoolDownMinutes"
				label={text.gameCoolDown}
				hint={text.gameCoolDownHint}
				unit={units.minutes}
				value={limits.gameCoolDownMinutes}
				patch={(gameCoolDownMinutes) => ({ limits: { gameCoolDownMinutes } })}
			/>
		</SettingGroup>
	);
}

function Programs({ limits }: Pick<SettingsValues, "limits">) {
	const { status } = useMachine();
	const suggestions = suggestPrograms(status?.snapshot ?? null, [...limits.stopFor, ...limits.ignore]);
	return (
		<div className="flex flex-col gap-4">
			<ListSetting
				path="limits.stopFor"
				label={text.stopFor}
				hint={text.stopForHint}
				entryLabel={text.programName}
				placeholder="obs"
				entries={limits.stopFor}
				suggestions={suggestions}
				normalise={programName}
				patch={(stopFor) => ({ limits: { stopFor } })}
			/>
			<ListSetting
				path="limits.ignore"
				label={text.ignore}
				hint={text.ignoreHint}
				entryLabel={text.programName}
				placeholder="firefox"
				entries={limits.ignore}
				suggestions={suggestions}
				normalise={programName}
				patch={(ignore) => ({ limits: { ignore } })}
			/>
		</div>
	);
}
