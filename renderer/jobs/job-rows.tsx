import { useVirtualizer } from "@tanstack/react-virtual";
import { useRef } from "react";
import type { BatchDetails } from "../../native/contract/contract.ts";
import { words } from "../words/words.ts";
import { JobRow } from "./job-row.tsx";

/** Rows that are simply there; of more only those in sight, for each is drawn anew with every event. */
const MOST_PLAIN_ROWS = 100;
/** Height of most rows; the true one is measured. */
const ROW_PX = 88;

/** The rows of the list of jobs. */
export function JobRows({ batches }: { readonly batches: readonly BatchDetails[] }) {
	if (batches.length > MOST_PLAIN_ROWS) return <ManyRows batches={batches} />;
	return (
		<ul aria-label={words.jobs.list.listLabel} className="overflow-hidden rounded-lg border border-line bg-surface">
			{batches.map((batch) => (
				<li key={batch.id} className="border-line not-first:border-t">
					<JobRow batch={batch} />
				</li>
			))}
		</ul>
	);
}

function ManyRows({ batches }: { readonly batches: readonly BatchDetails[] }) {
	const list = useRef<HTMLUListElement>(null);
	const rows = useVirtualizer({
		count: batches.length,
		// The page's own scroll box: the list is as long as it is.
		getScrollElement: () => document.getElementById("content"),
		estimateSize: () => ROW_PX,
		getItemKey: (index) => batches[index]?.id ?? index,
		scrollMargin: list.current?.offsetTop ?? 0,
		overscan: 6,
	});
	return (
		<ul
			ref={list}
			aria-label={words.jobs.list.listLabel}
			className="relative overflow-hidden rounded-lg border border-line bg-surface"
			style={{ height: rows.getTotalSize() }}
		>
			{rows.getVirtualItems().map((item) => {
				const batch = batches[item.index];
				return (
					batch && (
						<li
							key={item.key}
							ref={rows.measureElement}
							data-index={item.index}
							aria-posinset={item.index + 1}
							aria-setsize={batches.length}
							className="absolute top-0 left-0 w-full border-b border-line"
							style={{ transform: `translateY(${item.start - rows.options.scrollMargin}px)` }}
						>
							<JobRow batch={batch} />
						</li>
					)
				);
			})}
		</ul>
	);
}
