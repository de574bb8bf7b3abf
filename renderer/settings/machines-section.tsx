import type { SettingsValues } from "../../native/contract/contract.ts";
import { words } from "../words/words.ts";
import { ChoiceSetting } from "./choice-setting.tsx";
import { DraftInput } from "./draft-input.tsx";
import { NumberSetting } from "./number-setting.tsx";
import { useSaving } from "./saving.ts";
import { SettingGroup } from "./setting-group.tsx";
import { SettingRow } from "./setting-row.tsx";
import { ToggleSetting } from "./toggle-setting.tsx";

const text = words.settings.machines;

/** How this machine stands among others; which ones there are is the screen of machines' business. */
export function MachinesSection({ values: { mesh } }: { readonly values: SettingsValues }) {
	return (
		<>
			<SettingGroup title={text.title} hint={text.hint}>
				<ToggleSetting
					path="mesh.isOn"
					label={text.isOn}
					hint={text.isOnHint}
					value={mesh.isOn}
					patch={(isOn) => ({ mesh: { isOn } })}
				/>
				<NameSetting name={mesh.name} />
				<NumberSetting
					path="mesh.port"
					label={text.port}
					hint={text.portHint}
					unit=""
					value={mesh.port}
					patch={(port) => ({ mesh: { port } })}
				/>
			</SettingGroup>
			<HostGroup mesh={mesh} />
			<SafetyGroup mesh={mesh} />
			<SettingGroup title={text.models}>
				<ToggleSetting
					path="mesh.shareModels"
					label={text.shareModels}
					hint={text.shareModelsHint}
					value={mesh.shareModels}
					patch={(shareModels) => ({ mesh: { shareModels } })}
				/>
			</SettingGroup>
		</>
	);
}

function NameSetting({ name }: Pick<SettingsValues["mesh"], "name">) {
	const { save, say, fault, isSaving, isOff } = useSaving("mesh.name");
	return (
		<SettingRow label={text.name} hint={text.nameHint} fault={fault} isStacked>
			<span className="block max-w-96">
				<DraftInput
					autoComplete="off"
					placeholder={text.ownName}
					shown={name ?? ""}
					disabled={isOff}
					aria-busy={isSaving}
					onCommit={(typed) => save({ mesh: { name: typed === "" ? null : typed } })}
					onGiveUp={() => say(null)}
				/>
			</span>
		</SettingRow>
	);
}

function HostGroup({ mesh }: Pick<SettingsValues, "mesh">) {
	return (
		<SettingGroup title={text.hosting} hint={text.hostingHint}>
			<ChoiceSetting
				path="mesh.hosting"
				label={text.hosting}
				value={mesh.hosting}
				choices={(["allowed", "preferred", "never"] as const).map((value) => ({
					value,
					...text.hostingChoices[value],
				}))}
				patch={(hosting) => ({ mesh: { hosting } })}
			/>
		</SettingGroup>
	);
}

function SafetyGroup({ mesh }: Pick<SettingsValues, "mesh">) {
	return (
		<SettingGroup title={text.safety}>
			<div>
				<h3 className="mb-1 font-medium">{text.acknowledge}</h3>
				<ChoiceSetting
					path="mesh.acknowledge"
					label={text.acknowledge}
					value={mesh.acknowledge}
					choices={(["auto", "protect"] as const).map((value) => ({ value, ...text.acknowledgeChoices[value] }))}
					patch={(acknowledge) => ({ mesh: { acknowledge } })}
				/>
			</div>
			<div>
				<h3 className="mb-1 font-medium">{text.publish}</h3>
				<ChoiceSetting
					path="mesh.publish"
					label={text.publish}
					value={mesh.publish}
					choices={(["available", "two"] as const).map((value) => ({ value, ...text.publishChoices[value] }))}
					patch={(publish) => ({ mesh: { publish } })}
				/>
			</div>
		</SettingGroup>
	);
}
