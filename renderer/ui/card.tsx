import type { ReactNode } from "react";
import { join } from "./join.ts";

/** A part of a screen. */
export interface CardProps {
	/** Heading; none where what is inside speaks for itself, but then it needs a `label`. */
	readonly title?: ReactNode;
	/** Name for screen readers where there is no title. */
	readonly label?: string;
	/** Buttons at the right of the title. */
	readonly actions?: ReactNode;
	readonly children: ReactNode;
	readonly className?: string;
}

/** A part of a screen, with its heading. */
export function Card({ title, label, actions, children, className }: CardProps) {
	return (
		<section aria-label={label} className={join("rounded-lg border border-line bg-surface p-4", className)}>
			{(title !== undefined || actions !== undefined) && (
				<header className={join("mb-3 flex items-center justify-between gap-3", actions !== undefined && "min-h-8")}>
					{title !== undefined && <h2 className="text-base font-semibold">{title}</h2>}
					{actions !== undefined && <div className="flex items-center gap-1.5">{actions}</div>}
				</header>
			)}
			{children}
		</section>
	);
}

/** Head of a screen. */
export function PageHeader({ title, children }: { readonly title: string; readonly children?: ReactNode }) {
	return (
		<header className="mb-4 flex min-h-9 flex-wrap items-center justify-between gap-x-4 gap-y-2">
			<h1 className="text-xl font-semibold tracking-tight">{title}</h1>
			{children !== undefined && <div className="flex flex-wrap items-center gap-1.5">{children}</div>}
		</header>
	);
}
