import { LoaderCircle, SearchX } from "lucide-react";
import { useCallback, useState } from "react";
import type { BatchDetails } from "../../native/contract/contract.ts";
import { formatCount } from "../state/format.ts";
import { Button, Empty, Failure } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import type { Hunt, HuntWish } from "./hunt.ts";
import { LineDialog } from "./line-dialog.tsx";
import { LineHead } from "./line-head.tsx";
import { LineList } from "./line-list.tsx";
import { neighboursIn } from "./line-neighbours.ts";
import { useHunt } from "./use-hunt.ts";

/** Found lines before the end of the list at which it goes on looking. */
const NEAR_END = 40;

/**
 * The lines that somebody looks for, as far as they are found, and how far that is. As high as a list that is full, so that what is
 * below stays where it is while words are typed.
 */
export function FoundLines({
	batch,
	wish,
	onClear,
}: {
	readonly batch: BatchDetails;
	readonly wish: HuntWish;
	readonly onClear: () => void;
}) {
	const { hunt, stop, goOn, again } = useHunt(batch.id, wish);
	const { found, state } = hunt;
	const said = words.jobs.lines;
	const [open, setOpen] = useState<number | null>(null);
	const [target, setTarget] = useState<{ readonly index: number } | null>(null);
	const onLook = useCallback(
		(_: number, last: number) => {
			if (state === "resting" && last >= found.length - NEAR_END) goOn();
		},
		[state, found.length, goOn],
	);
	return (
		<div className="min-h-120">
			<div className="mb-2 flex min-h-8 flex-wrap items-center gap-2 text-sm text-muted">
				<LoaderCircle aria-hidden className={state === "running" ? "size-3.5 animate-spin" : "hidden"} />
				<p role="status" className="grow">
					{progressOf(hunt)}
				</p>
				{state === "running" && <Button onClick={stop}>{said.stop}</Button>}
				{(state === "stopped" || state === "resting") && <Button onClick={goOn}>{said.goOn}</Button>}
				{(state === "over" || state === "full") && <Button onClick={again}>{said.again}</Button>}
				<Button tone="quiet" onClick={onClear}>
					{said.clear}
				</Button>
			</div>
			{hunt.error !== null && state === "failed" && (
				<div className="mb-2">
					<Failure error={hunt.error} onRetry={goOn} />
				</div>
			)}
			{found.length === 0 && state === "over" && (
				<Empty icon={<SearchX aria-hidden className="size-8" />} title={said.none}>
					{said.noneBody}
				</Empty>
			)}
			{found.length > 0 && (
				<>
					<LineHead />
					<LineList
						count={found.length}
						lineAt={(index) => found[index] ?? "waiting"}
						numberAt={(index) => found[index]?.line ?? 0}
						goTo={target}
						onLook={onLook}
						onOpen={setOpen}
					/>
				</>
			)}
			{open !== null && (
				<LineDialog
					batchId={batch.id}
					line={open}
					{...neighboursIn(
						found.map(({ line }) => line),
						open,
					)}
					onGo={(line) => {
						setOpen(line);
						setTarget({ index: found.findIndex((one) => one.line === line) });
					}}
					onClose={() => setOpen(null)}
				/>
			)}
		</div>
	);
}

function progressOf({ found, next, state }: Hunt): string {
	const said = words.jobs.lines;
	const count = formatCount(found.length);
	if (state === "over") return said.searchedAll(count);
	return state === "full" ? said.full(count) : said.searching(formatCount(next), count);
}
