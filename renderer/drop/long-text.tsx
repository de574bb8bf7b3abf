import { useState } from "react";
import { join } from "../ui/ui.ts";
import { words } from "../words/words.ts";

/** Shown at first, in characters: what tells one text from another. */
const SHOWN_LENGTH = 240;

/** A text as it stands, cut short where it is long until all of it is asked for. */
export function LongText({
	text,
	isCode = false,
	isBad = false,
}: {
	readonly text: string;
	readonly isCode?: boolean;
	readonly isBad?: boolean;
}) {
	const [isAll, setIsAll] = useState(false);
	const isLong = text.length > SHOWN_LENGTH;
	return (
		<>
			<p className={join("whitespace-pre-wrap", isCode && "font-mono text-xs", isBad && "text-bad")}>
				{isLong && !isAll ? `${text.slice(0, SHOWN_LENGTH).trimEnd()}…` : text}
			</p>
			{isLong && (
				<button
					type="button"
					aria-expanded={isAll}
					className="rounded-sm text-sm text-accent hover:underline"
					onClick={() => setIsAll(!isAll)}
				>
					{isAll ? words.drop.showLess : words.drop.showAll}
				</button>
			)}
		</>
	);
}
