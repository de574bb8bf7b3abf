import type { ModelList, SettingsValues } from "../../native/contract/contract.ts";
import { useResource } from "../state/resource.ts";
import { useWhenBack } from "../state/when-back.ts";
import { Failure, Select } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { ModelMap } from "./model-map.tsx";
import { modelChoices } from "./models.ts";
import { NumberSetting } from "./number-setting.tsx";
import { useSaving } from "./saving.ts";
import { SettingGroup } from "./setting-group.tsx";
import { SettingRow } from "./setting-row.tsx";

const text = words.settings;

/** Which model answers, how long results stay, and how much a night may take. */
export function WorkSection({ values: { models, batches } }: { readonly values: SettingsValues }) {
	const { resource, reload } = useResource<ModelList>("/v1/models");
	useWhenBack(reload);
	const names = resource.state === "there" ? resource.value.data.map(({ id }) => id) : [];
	return (
		<>
			<SettingGroup title={text.models.title}>
				{resource.state === "failed" && <Failure error={resource.error} onRetry={reload} />}
				<DefaultModel chosen={models.default} names={names} />
				<ModelMap map={models.map} names={names} />
			</SettingGroup>
			<SettingGroup title={text.results.title}>
				<NumberSetting
					path="batches.keepCollectedDays"
					label={text.results.keep}
					hint={text.results.keepHint}
					unit={text.days}
					value={batches.keepCollectedDays}
					patch={(keepCollectedDays) => ({ batches: { keepCollectedDays } })}
				/>
			</SettingGroup>
			<SettingGroup title={text.budget.title}>
				<NumberSetting
					path="batches.nightTokens"
					label={text.budget.tokens}
					hint={text.budget.tokensHint}
					unit={text.tokens}
					isOptional
					value={batches.nightTokens}
					patch={(nightTokens) => ({ batches: { nightTokens } })}
				/>
				<NumberSetting
					path="batches.nightMinutes"
					label={text.budget.minutes}
					hint={text.budget.minutesHint}
					unit={text.minutes}
					isOptional
					value={batches.nightMinutes}
					patch={(nightMinutes) => ({ batches: { nightMinutes } })}
				/>
			</SettingGroup>
		</>
	);
}

/** Stands for no model in the list to choose from; no model has an empty name. */
const NO_MODEL = "";

function DefaultModel({ chosen, names }: { readonly chosen: string | null; readonly names: readonly string[] }) {
	const { save, fault, isSaving, isOff } = useSaving("models.default");
	return (
		<SettingRow label={text.models.default} hint={text.models.defaultHint} fault={fault} isStacked>
			<Select
				label={text.models.default}
				className="w-full max-w-96"
				value={chosen ?? NO_MODEL}
				choices={[{ value: NO_MODEL, label: text.models.refuse }, ...modelChoices(names, chosen)]}
				isDisabled={isOff || isSaving}
				onChange={(name) => void save({ models: { default: name === NO_MODEL ? null : name } })}
			/>
		</SettingRow>
	);
}
