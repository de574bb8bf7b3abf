import { Select as BaseSelect } from "@base-ui/react/select";
import { Check, ChevronsUpDown } from "lucide-react";
import { join } from "./join.ts";

/** One thing to choose. */
export interface Choice<Value extends string> {
	readonly value: Value;
	readonly label: string;
	/** A second line. */
	readonly detail?: string;
}

/** One of several, out of a list that opens. */
export interface SelectProps<Value extends string> {
	/** Name for screen readers; a `Field` around it gives it too. */
	readonly label?: string;
	readonly value: Value;
	readonly choices: readonly Choice<Value>[];
	readonly onChange: (value: Value) => void;
	readonly isDisabled?: boolean;
	readonly className?: string;
}

/** One of several, out of a list that opens. */
export function Select<Value extends string>(props: SelectProps<Value>) {
	const { label, value, choices, onChange, isDisabled = false, className } = props;
	return (
		<BaseSelect.Root
			value={value}
			items={choices.map((choice) => ({ value: choice.value, label: choice.label }))}
			disabled={isDisabled}
			onValueChange={(chosen) => {
				if (chosen !== null) onChange(chosen);
			}}
		>
			<BaseSelect.Trigger
				aria-label={label}
				className={join(
					"flex h-8 min-w-0 items-center justify-between gap-2 rounded-md border border-strong-line bg-raised px-2.5 text-left",
					"hover:bg-hover data-[disabled]:opacity-50",
					className,
				)}
			>
				<BaseSelect.Value className="truncate" />
				<BaseSelect.Icon>
					<ChevronsUpDown aria-hidden className="size-3.5 text-muted" />
				</BaseSelect.Icon>
			</BaseSelect.Trigger>
			<BaseSelect.Portal>
				<BaseSelect.Positioner sideOffset={4} className="z-50" alignItemWithTrigger={false}>
					<BaseSelect.Popup className="max-h-80 min-w-(--anchor-width) max-w-96 overflow-y-auto rounded-lg border border-line bg-raised p-1 shadow-raised">
						{choices.map((choice) => (
							<BaseSelect.Item
								key={choice.value}
								value={choice.value}
								className="flex items-start gap-2 rounded-md px-2 py-1.5 outline-none data-[highlighted]:bg-hover"
							>
								<BaseSelect.ItemIndicator keepMounted className="mt-0.5 data-[selected]:visible invisible">
									<Check aria-hidden className="size-3.5" />
								</BaseSelect.ItemIndicator>
								<span className="min-w-0">
									<BaseSelect.ItemText>{choice.label}</BaseSelect.ItemText>
									{choice.detail !== undefined && <span className="block text-xs text-muted">{choice.detail}</span>}
								</span>
							</BaseSelect.Item>
						))}
					</BaseSelect.Popup>
				</BaseSelect.Positioner>
			</BaseSelect.Portal>
		</BaseSelect.Root>
	);
}
