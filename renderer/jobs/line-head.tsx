import { words } from "../words/words.ts";

/** What stands in which column; in a narrow window they stand below each other and speak for themselves. */
export function LineHead() {
	const { columns } = words.jobs.lines;
	return (
		<div aria-hidden className="hidden items-center gap-2.5 pr-3 pl-1 pb-1 text-xs text-muted wide:flex">
			<span className="w-14 shrink-0 text-right">{columns.line}</span>
			<div className="grid grow grid-cols-2 gap-x-4">
				<span>{columns.asked}</span>
				<span>{columns.answered}</span>
			</div>
		</div>
	);
}
