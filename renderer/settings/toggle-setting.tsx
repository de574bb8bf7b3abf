import type { SettingsPatch } from "../../native/contract/contract.ts";
import { Switch } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import type { SettingPath } from "./faults.ts";
import { useSaving } from "./saving.ts";

/** A setting that is on or off; it moves when the service has it. */
export function ToggleSetting({
	path,
	label,
	hint,
	value,
	patch,
}: {
	readonly path: SettingPath;
	readonly label: string;
	readonly hint: string;
	readonly value: boolean;
	readonly patch: (value: boolean) => SettingsPatch;
}) {
	const { save, fault, isSaving, isOff } = useSaving(path);
	return (
		<div>
			<Switch
				label={label}
				hint={hint}
				isOn={value}
				isDisabled={isOff || isSaving}
				onChange={(isOn) => void save(patch(isOn))}
			/>
			{fault !== null && (
				<p role="alert" className="mt-1.5 text-sm text-bad">
					{words.settings.notSaved(fault)}
				</p>
			)}
		</div>
	);
}
