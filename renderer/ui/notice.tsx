import { CircleAlert, CircleCheck, Info, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { join } from "./join.ts";
import type { Tone } from "./tag.tsx";

const looks: Record<Tone, string> = {
	neutral: "border-line bg-surface",
	accent: "border-transparent bg-accent-soft",
	good: "border-transparent bg-good-soft",
	warn: "border-transparent bg-warn-soft",
	bad: "border-transparent bg-bad-soft",
};
const icons = { neutral: Info, accent: Info, good: CircleCheck, warn: TriangleAlert, bad: CircleAlert } as const;
const colours: Record<Tone, string> = {
	neutral: "text-muted",
	accent: "text-accent",
	good: "text-good",
	warn: "text-warn",
	bad: "text-bad",
};

/** Something to be said in the middle of a screen; `bad` ones are read out at once. */
export function Notice({
	tone = "neutral",
	title,
	children,
	actions,
}: {
	readonly tone?: Tone;
	readonly title?: string;
	readonly children?: ReactNode;
	readonly actions?: ReactNode;
}) {
	const Icon = icons[tone];
	// Beside buttons a line of words stands in the middle of them; where there is no room for both, they go below.
	const hasActions = actions !== undefined && actions !== null && actions !== false;
	return (
		<div
			role={tone === "bad" ? "alert" : "status"}
			className={join(
				"flex items-start gap-2.5 rounded-md border px-3",
				hasActions ? "flex-wrap py-1.5" : "py-2.5",
				looks[tone],
			)}
		>
			<Icon aria-hidden className={join(hasActions ? "mt-2" : "mt-0.5", "size-4 shrink-0", colours[tone])} />
			<div className={join("min-w-0 grow", hasActions ? "basis-44 py-1.5" : "basis-0")}>
				{title !== undefined && <p className="font-medium">{title}</p>}
				{children}
			</div>
			{hasActions && <div className="ml-auto flex shrink-0 gap-1.5">{actions}</div>}
		</div>
	);
}
