import { Progress } from "@base-ui/react/progress";
import { join } from "./join.ts";
import type { Tone } from "./tag.tsx";

const fills: Record<Tone, string> = {
	neutral: "bg-strong-line",
	accent: "bg-accent",
	good: "bg-good",
	warn: "bg-warn",
	bad: "bg-bad",
};

/** How far something is; null: it goes on, nobody knows how far. */
export function ProgressBar({
	label,
	fraction,
	tone = "accent",
}: {
	readonly label: string;
	readonly fraction: number | null;
	readonly tone?: Tone;
}) {
	return (
		<Progress.Root value={fraction === null ? null : fraction * 100} aria-label={label}>
			<Progress.Track className="h-1.5 overflow-hidden rounded-full bg-sunken">
				<Progress.Indicator
					className={join(
						"h-full rounded-full transition-[width]",
						fills[tone],
						// In the middle where nothing may move: at the left it would look like a third of it done.
						fraction === null && "w-1/3 translate-x-full animate-slide",
					)}
				/>
			</Progress.Track>
		</Progress.Root>
	);
}

/** One part of a whole in a `StackedBar`. */
export interface BarPart {
	readonly label: string;
	/** 0 to 1. */
	readonly fraction: number;
	readonly tone: Tone;
}

/** What a whole is made of, e.g. GPU memory by ours, others and free. The words for it stand beside it. */
export function StackedBar({ label, parts }: { readonly label: string; readonly parts: readonly BarPart[] }) {
	return (
		<div role="img" aria-label={label} className="flex h-2 overflow-hidden rounded-full bg-sunken">
			{parts.map((part) => (
				<span key={part.label} className={fills[part.tone]} style={{ width: `${part.fraction * 100}%` }} />
			))}
		</div>
	);
}
