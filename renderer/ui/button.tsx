import type { ComponentProps, ReactNode } from "react";
import { join } from "./join.ts";

/** How much a button asks to be pressed. */
export type ButtonTone = "primary" | "plain" | "quiet" | "danger";

const tones: Record<ButtonTone, string> = {
	primary: "bg-accent text-on-accent border-transparent hover:opacity-90",
	plain: "bg-raised text-text border-line hover:bg-hover",
	quiet: "bg-transparent text-muted border-transparent hover:bg-hover hover:text-text",
	danger: "bg-transparent text-bad border-line hover:bg-bad-soft",
};

/** What a button takes besides what every button takes. */
export interface ButtonProps extends ComponentProps<"button"> {
	readonly tone?: ButtonTone;
	/** Before the words. */
	readonly icon?: ReactNode;
	/** Something is under way; it can't be pressed and says so. */
	readonly isBusy?: boolean;
}

/** A button with words. */
export function Button({ tone = "plain", icon, isBusy = false, children, className, disabled, ...rest }: ButtonProps) {
	return (
		<button
			type="button"
			{...rest}
			disabled={disabled === true || isBusy}
			aria-busy={isBusy}
			className={join(
				"inline-flex h-8 shrink-0 items-center justify-center gap-1.5 rounded-md border px-3 font-medium whitespace-nowrap",
				"disabled:opacity-50",
				tones[tone],
				className,
			)}
		>
			{icon}
			{children}
		</button>
	);
}

/** What a button of a picture alone takes: it has to be named. */
export interface IconButtonProps extends ComponentProps<"button"> {
	readonly label: string;
}

/** A button of a picture alone. */
export function IconButton({ label, className, children, ...rest }: IconButtonProps) {
	return (
		<button
			type="button"
			{...rest}
			aria-label={label}
			title={label}
			className={join(
				"inline-flex size-8 shrink-0 items-center justify-center rounded-md text-muted hover:bg-hover hover:text-text",
				"disabled:opacity-50",
				className,
			)}
		>
			{children}
		</button>
	);
}
