import { Radio } from "@base-ui/react/radio";
import { RadioGroup } from "@base-ui/react/radio-group";
import { useId } from "react";
import type { SettingsPatch } from "../../native/contract/contract.ts";
import type { Choice } from "../ui/ui.ts";
import type { SettingPath } from "./faults.ts";
import { NotSaved } from "./not-saved.tsx";
import { useSaving } from "./saving.ts";

/** A setting that is one of a few, each explained. */
export function ChoiceSetting<Value extends string>({
	path,
	label,
	value,
	choices,
	patch,
}: {
	readonly path: SettingPath;
	/** Name for screen readers; the title above says it to others. */
	readonly label: string;
	readonly value: Value;
	readonly choices: readonly Choice<Value>[];
	readonly patch: (value: Value) => SettingsPatch;
}) {
	const { save, fault, isOff } = useSaving(path);
	const id = useId();
	return (
		<div>
			<RadioGroup
				aria-label={label}
				value={value}
				disabled={isOff}
				onValueChange={(chosen) => {
					const choice = choices.find((one) => one.value === chosen);
					if (choice && choice.value !== value) void save(patch(choice.value));
				}}
				className="flex flex-col gap-1"
			>
				{choices.map((choice) => (
					// biome-ignore lint/a11y/noLabelWithoutControl: Base UI's radio inside it brings the input.
					<label
						key={choice.value}
						className="-mx-2 flex items-start gap-2.5 rounded-md px-2 py-1.5 hover:bg-hover has-data-[disabled]:opacity-50"
					>
						<Radio.Root
							value={choice.value}
							aria-labelledby={`${id}-${choice.value}`}
							aria-describedby={choice.detail === undefined ? undefined : `${id}-${choice.value}-detail`}
							className="mt-0.5 flex size-4 shrink-0 items-center justify-center rounded-full border border-strong-line bg-raised data-[checked]:border-accent data-[checked]:bg-accent"
						>
							<Radio.Indicator className="size-1.5 rounded-full bg-on-accent" />
						</Radio.Root>
						<span>
							<span id={`${id}-${choice.value}`} className="block font-medium">
								{choice.label}
							</span>
							{choice.detail !== undefined && (
								<span id={`${id}-${choice.value}-detail`} className="block text-sm text-muted">
									{choice.detail}
								</span>
							)}
						</span>
					</label>
				))}
			</RadioGroup>
			<NotSaved fault={fault} />
		</div>
	);
}
