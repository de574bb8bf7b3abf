import type { ReactNode } from "react";
import { join } from "./join.ts";

/** What a colour means. Never the only sign of it: the words say it too. */
export type Tone = "neutral" | "accent" | "good" | "warn" | "bad";

const tones: Record<Tone, string> = {
	neutral: "bg-sunken text-muted",
	accent: "bg-accent-soft text-accent",
	good: "bg-good-soft text-good",
	warn: "bg-warn-soft text-warn",
	bad: "bg-bad-soft text-bad",
};

/** A word or two about the state of something. */
export function Tag({ tone = "neutral", children }: { readonly tone?: Tone; readonly children: ReactNode }) {
	return (
		<span
			className={join(
				"inline-flex items-center rounded-sm px-1.5 py-px text-xs font-medium whitespace-nowrap",
				tones[tone],
			)}
		>
			{children}
		</span>
	);
}
