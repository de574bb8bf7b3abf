import type { SettingsPatch } from "../../native/contract/contract.ts";
import { Switch } from "../ui/ui.ts";
import type { SettingPath } from "./faults.ts";
import { NotSaved } from "./not-saved.tsx";
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
			<NotSaved fault={fault} />
		</div>
	);
}
