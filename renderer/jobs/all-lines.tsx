import { ChevronLeft, ChevronRight } from "lucide-react";
import { useCallback, useEffect, useState } from "react";
import type { BatchDetails } from "../../native/contract/contract.ts";
import { formatCount } from "../state/format.ts";
import { Button, IconButton, Notice } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { LineDialog } from "./line-dialog.tsx";
import { LineHead } from "./line-head.tsx";
import { LineList } from "./line-list.tsx";
import { neighboursOf } from "./line-neighbours.ts";
import { SECTION_LINES, sectionOf } from "./sections.ts";
import { useLinePages } from "./use-line-pages.ts";

/** All lines of a job, in parts of a hundred thousand. */
export function AllLines({
	batch,
	goTo,
}: {
	readonly batch: BatchDetails;
	/** Line to go to, counted from 0, once for each new object. */
	readonly goTo: { readonly index: number } | null;
}) {
	const { completed, failed, total } = batch.request_counts;
	const pages = useLinePages(batch.id, `${batch.round} ${completed} ${failed} ${batch.status}`);
	const [start, setStart] = useState(goTo?.index ?? 0);
	const section = sectionOf(start, total);
	const [target, setTarget] = useState<{ readonly index: number } | null>(null);
	useEffect(() => {
		if (goTo === null) return;
		setStart(goTo.index);
		setTarget({ index: goTo.index - sectionOf(goTo.index, total).first });
	}, [goTo, total]);
	const { look } = pages;
	const onLook = useCallback(
		(first: number, last: number) => look(section.first + first, section.first + last),
		[look, section.first],
	);
	const said = words.jobs.lines;
	const [open, setOpen] = useState<number | null>(null);
	// Who goes from line to line in the dialog finds the list where they left off.
	const goOn = (line: number): void => {
		setOpen(line);
		setStart(line);
		setTarget({ index: line - sectionOf(line, total).first });
	};
	const show = (line: number): void => {
		setStart(line);
		setTarget({ index: 0 });
	};
	return (
		<>
			{total > SECTION_LINES && (
				<div className="mb-2 flex items-center justify-end gap-1 text-sm text-muted">
					<span>
						{said.section(
							formatCount(section.first + 1),
							formatCount(section.first + section.count),
							formatCount(total),
						)}
					</span>
					<IconButton label={said.earlier} disabled={section.first === 0} onClick={() => show(section.first - 1)}>
						<ChevronLeft aria-hidden className="size-4" />
					</IconButton>
					<IconButton
						label={said.later}
						disabled={section.first + section.count >= total}
						onClick={() => show(section.first + section.count)}
					>
						<ChevronRight aria-hidden className="size-4" />
					</IconButton>
				</div>
			)}
			{pages.hasFailed && (
				<div className="mb-2">
					<Notice tone="warn" actions={<Button onClick={pages.retry}>{words.common.tryAgain}</Button>}>
						{said.retryPage}
					</Notice>
				</div>
			)}
			{pages.notice !== null && (
				<div className="mb-2">
					<Notice>{pages.notice}</Notice>
				</div>
			)}
			<LineHead />
			<LineList
				count={section.count}
				lineAt={(index) => pages.lineAt(section.first + index)}
				numberAt={(index) => section.first + index}
				goTo={target}
				onLook={onLook}
				onOpen={setOpen}
			/>
			{open !== null && (
				<LineDialog
					batchId={batch.id}
					line={open}
					{...neighboursOf(open, total)}
					onGo={goOn}
					onClose={() => setOpen(null)}
				/>
			)}
		</>
	);
}
