import { Field as BaseField } from "@base-ui/react/field";
import type { ComponentProps, ReactNode } from "react";
import { join } from "./join.ts";

const box =
	"w-full rounded-md border border-strong-line bg-raised px-2.5 text-text placeholder:text-muted disabled:opacity-50";

/** What every field has around it. */
export interface FieldProps {
	readonly label: string;
	/** Below it: what it is for. */
	readonly hint?: ReactNode;
	/** What is wrong with what was entered; null: nothing. */
	readonly fault?: string | null;
	readonly children: ReactNode;
}

/** A control with its label, hint and fault; use it around `TextInput`, `TextArea` or a control of Base UI. */
export function Field({ label, hint, fault = null, children }: FieldProps) {
	return (
		<BaseField.Root invalid={fault !== null} className="flex flex-col gap-1">
			<BaseField.Label className="text-sm font-medium">{label}</BaseField.Label>
			{children}
			{hint !== undefined && <BaseField.Description className="text-xs text-muted">{hint}</BaseField.Description>}
			{fault !== null && (
				<BaseField.Error match className="text-xs text-bad">
					{fault}
				</BaseField.Error>
			)}
		</BaseField.Root>
	);
}

/** One line of text. Inside `Field` it gets its label from there; else give it an `aria-label`. */
export function TextInput({ className, ...rest }: ComponentProps<typeof BaseField.Control>) {
	return <BaseField.Control {...rest} className={join(box, "h-8", typeof className === "string" && className)} />;
}

/** Several lines of text. */
export function TextArea({ className, ...rest }: ComponentProps<"textarea">) {
	return (
		<BaseField.Control render={<textarea {...rest} />} className={join(box, "min-h-20 resize-y py-1.5", className)} />
	);
}
