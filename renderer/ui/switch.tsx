import { Switch as BaseSwitch } from "@base-ui/react/switch";
import { type ReactNode, useId } from "react";

/** On or off, with its words beside it. */
export interface SwitchProps {
	readonly label: ReactNode;
	readonly hint?: ReactNode;
	readonly isOn: boolean;
	readonly onChange: (isOn: boolean) => void;
	readonly isDisabled?: boolean;
}

/** On or off, with its words beside it. */
export function Switch({ label, hint, isOn, onChange, isDisabled = false }: SwitchProps) {
	const id = useId();
	return (
		<div className="flex items-start justify-between gap-4">
			<span className="min-w-0">
				<label id={`${id}-label`} htmlFor={id} className="block font-medium">
					{label}
				</label>
				{hint !== undefined && <span className="block text-sm text-muted">{hint}</span>}
			</span>
			<BaseSwitch.Root
				id={id}
				aria-labelledby={`${id}-label`}
				checked={isOn}
				disabled={isDisabled}
				onCheckedChange={onChange}
				className="relative mt-px flex h-5 w-9 shrink-0 items-center rounded-full border border-strong-line bg-sunken transition-colors data-[checked]:border-accent data-[checked]:bg-accent data-[disabled]:opacity-50"
			>
				<BaseSwitch.Thumb className="block size-3.5 translate-x-0.5 rounded-full bg-strong-line transition-transform data-[checked]:translate-x-4.5 data-[checked]:bg-on-accent" />
			</BaseSwitch.Root>
		</div>
	);
}
