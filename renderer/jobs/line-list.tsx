import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import type { BatchLine } from "../../native/contract/contract.ts";
import { join } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { LineRow } from "./line-row.tsx";

/** Height of a row, the same for all, so that any line's place is known without having seen those before it. */
const ROW_PX = 50;
/** Most rows in sight: the list is no higher than this, and no higher than the window. */
const MOST_ROWS = 12;

/** Lines as a list that scrolls in its own box. */
export interface LineListProps {
	readonly count: number;
	readonly lineAt: (index: number) => BatchLine | "waiting" | "failed";
	/** Line number of an index, counted from 0, for those that are not there yet. */
	readonly numberAt: (index: number) => number;
	/** Place to go to, once for each new object. */
	readonly goTo: { readonly index: number } | null;
	/** Rows in sight, and a few around them. */
	readonly onLook: (first: number, last: number) => void;
	readonly onOpen: (line: number) => void;
}

/** Lines as a list that scrolls in its own box: arrows, page keys, Home and End move in it, Enter opens. */
export function LineList({ count, lineAt, numberAt, goTo, onLook, onOpen }: LineListProps) {
	const box = useRef<HTMLDivElement>(null);
	const [chosen, setChosen] = useState<number | null>(null);
	const id = useId();
	const rows = useVirtualizer({
		count,
		getScrollElement: () => box.current,
		estimateSize: () => ROW_PX,
		overscan: 8,
	});
	const items = rows.getVirtualItems();
	const first = items[0]?.index ?? 0;
	const last = items.at(-1)?.index ?? 0;
	useEffect(() => {
		if (count > 0) onLook(first, last);
	}, [first, last, count, onLook]);
	useEffect(() => {
		if (goTo === null) return;
		setChosen(goTo.index);
		rows.scrollToIndex(goTo.index, { align: "center" });
	}, [goTo, rows]);

	const move = (to: number): void => {
		const index = Math.max(0, Math.min(count - 1, to));
		setChosen(index);
		rows.scrollToIndex(index, { align: "auto" });
	};
	// Who has scrolled begins at what is in sight.
	const topRow = (): number => rows.range?.startIndex ?? 0;
	const open = (index: number): void => {
		setChosen(index);
		onOpen(numberAt(index));
	};
	const onKeyDown = (event: KeyboardEvent): void => {
		if (event.altKey || event.ctrlKey || event.metaKey) return;
		const step = steps[event.key];
		if (step !== undefined) move(step(chosen ?? topRow() - 1, count));
		else if (event.key === "Enter" || event.key === " ") open(chosen ?? topRow());
		else return;
		event.preventDefault();
	};

	return (
		<div
			ref={box}
			role="listbox"
			tabIndex={0}
			aria-label={words.jobs.lines.listLabel}
			aria-activedescendant={chosen !== null && chosen >= first && chosen <= last ? `${id}-${chosen}` : undefined}
			onKeyDown={onKeyDown}
			className="max-h-[70dvh] overflow-y-auto rounded-md border border-line contain-strict"
			style={{ height: Math.min(count, MOST_ROWS) * ROW_PX + 2 }}
		>
			<div role="presentation" className="relative" style={{ height: rows.getTotalSize() }}>
				{items.map((item) => (
					// biome-ignore lint/a11y/useFocusableInteractive: the list has the focus and names the chosen row.
					// biome-ignore lint/a11y/useKeyWithClickEvents: the list hears the keys.
					<div
						key={item.key}
						id={`${id}-${item.index}`}
						role="option"
						aria-selected={item.index === chosen}
						aria-posinset={item.index + 1}
						aria-setsize={count}
						onClick={() => open(item.index)}
						className={join(
							"absolute top-0 left-0 w-full border-line hover:bg-hover aria-selected:bg-accent-soft",
							item.index < count - 1 && "border-b",
						)}
						style={{ height: ROW_PX, transform: `translateY(${item.start}px)` }}
					>
						<LineRow number={numberAt(item.index)} line={lineAt(item.index)} />
					</div>
				))}
			</div>
		</div>
	);
}

/** Rows that a page key passes. */
const PAGE_ROWS = MOST_ROWS - 1;

const steps: Readonly<Record<string, (index: number, count: number) => number>> = {
	ArrowDown: (index) => index + 1,
	ArrowUp: (index) => index - 1,
	PageDown: (index) => index + PAGE_ROWS,
	PageUp: (index) => index - PAGE_ROWS,
	Home: () => 0,
	End: (_, count) => count - 1,
};
