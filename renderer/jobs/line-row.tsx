import type { BatchLine } from "../../native/contract/contract.ts";
import { formatCount } from "../state/format.ts";
import { join } from "../ui/ui.ts";
import { words } from "../words/words.ts";

/** A line in the list: its number, what was asked, and beside it (in a narrow window below) what was answered. */
export function LineRow({
	number,
	line,
}: {
	readonly number: number;
	readonly line: BatchLine | "waiting" | "failed";
}) {
	const said = words.jobs.lines;
	const shown = formatCount(number + 1);
	if (line === "waiting" || line === "failed") {
		return (
			<div className="flex h-full items-center gap-2.5 pr-3 pl-1 text-sm text-muted">
				<span className="w-11 shrink-0 text-right text-xs wide:w-14 wide:text-sm">{shown}</span>
				{line === "waiting" ? said.loadingLine : said.failedPage}
			</div>
		);
	}
	return (
		<div className="flex h-full items-center gap-2.5 pr-3 pl-1 text-sm">
			<span className="w-11 shrink-0 text-right text-xs wide:w-14 wide:text-sm text-muted">{shown}</span>
			<div className="grid min-w-0 grow grid-cols-1 items-center wide:grid-cols-2 wide:gap-x-4">
				<span className="line-clamp-1 wide:line-clamp-2">{line.asked}</span>
				<span
					className={join(
						"line-clamp-1 wide:line-clamp-2",
						line.state === "failed" && "text-bad",
						line.state === "open" && "text-muted",
					)}
				>
					{line.state === "failed" && <span className="font-medium">{said.states.failed}: </span>}
					{line.answered ?? said.notYet}
				</span>
			</div>
		</div>
	);
}
