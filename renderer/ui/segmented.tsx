import { Radio } from "@base-ui/react/radio";
import { RadioGroup } from "@base-ui/react/radio-group";
import type { Choice } from "./select.tsx";

/** One of a few, all of them in sight. */
export function Segmented<Value extends string>({
	label,
	value,
	choices,
	onChange,
}: {
	readonly label: string;
	readonly value: Value;
	readonly choices: readonly Choice<Value>[];
	readonly onChange: (value: Value) => void;
}) {
	return (
		<RadioGroup
			aria-label={label}
			value={value}
			onValueChange={(chosen) => {
				const choice = choices.find((one) => one.value === chosen);
				if (choice) onChange(choice.value);
			}}
			className="inline-flex flex-wrap gap-0.5 rounded-md bg-sunken p-0.5"
		>
			{choices.map((choice) => (
				<Radio.Root
					key={choice.value}
					value={choice.value}
					aria-label={choice.label}
					className="inline-flex h-7 items-center rounded-sm px-2.5 text-sm font-medium text-muted hover:text-text data-[checked]:bg-raised data-[checked]:text-text data-[checked]:shadow-sm"
				>
					{choice.label}
				</Radio.Root>
			))}
		</RadioGroup>
	);
}
