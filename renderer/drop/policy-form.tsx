import { formatCount } from "../state/format.ts";
import { Disclosure, Field, TextInput } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { type BoundedChoice, bounds, type ChoiceFaults, type OptionsForm } from "./options.ts";

const w = words.drop;

/** What every choice of a number takes. */
export interface ChoiceProps {
	readonly options: OptionsForm;
	readonly faults: ChoiceFaults;
	readonly onChange: (part: Partial<OptionsForm>) => void;
}

const failing = ["giveUpPercent", "mostCrashes", "backoffSeconds"] as const;
const limiting = ["lineTokens", "lineSeconds", "batchTokens", "batchMinutes", "runawayFactor"] as const;

/** What is put up with, and for how long. */
export function PolicyForm(props: ChoiceProps) {
	return (
		<>
			<Disclosure label={w.policy}>
				<Numbers names={failing} {...props} />
			</Disclosure>
			<Disclosure label={w.limits}>
				<Numbers names={limiting} {...props} />
			</Disclosure>
		</>
	);
}

function Numbers({ names, ...props }: ChoiceProps & { readonly names: readonly (keyof typeof w & BoundedChoice)[] }) {
	return (
		<div className="grid items-end gap-x-5 gap-y-3.5 wide:grid-cols-2">
			{names.map((name) => (
				<NumberChoice key={name} name={name} label={w[name]} {...props} />
			))}
		</div>
	);
}

/** A whole number within its bounds; empty where that means no limit. */
export function NumberChoice({
	name,
	label,
	options,
	faults,
	onChange,
}: ChoiceProps & { readonly name: BoundedChoice; readonly label: string }) {
	const { least, most, mayBeEmpty } = bounds[name];
	return (
		<Field
			label={label}
			fault={faults[name] === undefined ? null : w.faultOf.number(formatCount(least), formatCount(most))}
		>
			<TextInput
				inputMode="numeric"
				className="max-w-40"
				value={options[name]}
				placeholder={mayBeEmpty ? (name === "giveUpPercent" ? w.never : w.noLimit) : undefined}
				onValueChange={(value) => onChange({ [name]: value })}
			/>
		</Field>
	);
}
