import { useRef } from "react";
import { join } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import {
	DAY_MINUTES,
	dragged,
	type Grip,
	type Segment,
	type Span,
	STEP_MINUTES,
	snap,
	spanOf,
	type Window,
} from "./week.ts";

const text = words.settings.night;

/** How near to its end a bar is taken by the end, in pixels: half a finger, and less than a third of an hour's bar. */
const EDGE_PIXELS = 7;

/** What a bar takes. */
export interface WeekSegmentProps {
	readonly segment: Segment;
	/** All of the window that the bar shows, or shows a part of. */
	readonly window: Window;
	readonly isOff: boolean;
	/** The window as it would be; nothing is saved yet. */
	readonly onDrag: (span: Span) => void;
	/** What was last dragged is meant. */
	readonly onDrop: () => void;
	readonly onRemove: () => void;
}

interface Hold {
	readonly grip: Grip;
	readonly startX: number;
	readonly span: Span;
}

/** One bar of the week's strip: dragged by its middle or its ends, or moved by keys. */
export function WeekSegment({ segment, window, isOff, onDrag, onDrop, onRemove }: WeekSegmentProps) {
	const hold = useRef<Hold | null>(null);
	const { fromMinutes, toMinutes, isTail, isHead } = segment;
	const drag = (event: React.PointerEvent<HTMLElement>): void => {
		const track = event.currentTarget.parentElement;
		if (hold.current === null || track === null) return;
		const byPixels = event.clientX - hold.current.startX;
		const byMinutes = snap((byPixels / track.getBoundingClientRect().width) * DAY_MINUTES);
		onDrag(dragged(hold.current.span, hold.current.grip, byMinutes));
	};
	const drop = (): void => {
		if (hold.current !== null) onDrop();
		hold.current = null;
	};
	const press = (event: React.KeyboardEvent): void => {
		if (isOff) return;
		if (event.key === "Delete" || event.key === "Backspace") onRemove();
		const way = event.key === "ArrowLeft" ? -1 : event.key === "ArrowRight" ? 1 : 0;
		if (way === 0) return;
		event.preventDefault();
		onDrag(dragged(spanOf(window), event.shiftKey ? "end" : "all", way * STEP_MINUTES));
	};
	return (
		<button
			type="button"
			aria-label={text.window(text.days[segment.day], window.from, window.to)}
			title={`${window.from}–${window.to}`}
			aria-disabled={isOff}
			// Both parts of a window over midnight are one thing; the second need not be stepped through.
			tabIndex={isTail ? -1 : 0}
			className={join(
				"absolute inset-y-0 touch-none bg-accent hover:opacity-90 focus-visible:outline-offset-[-3px] focus-visible:outline-on-accent",
				isTail ? "rounded-r-md" : isHead ? "rounded-l-md" : "rounded-md",
				isOff && "opacity-50",
			)}
			style={{
				left: `${(fromMinutes / DAY_MINUTES) * 100}%`,
				width: `${((toMinutes - fromMinutes) / DAY_MINUTES) * 100}%`,
			}}
			onPointerDown={(event) => {
				if (isOff || event.button !== 0) return;
				event.currentTarget.setPointerCapture(event.pointerId);
				hold.current = { grip: gripAt(event, segment), startX: event.clientX, span: spanOf(window) };
			}}
			onPointerMove={drag}
			onPointerUp={drop}
			onPointerCancel={drop}
			onKeyDown={press}
			onKeyUp={(event) => {
				if (event.key === "ArrowLeft" || event.key === "ArrowRight") onDrop();
			}}
			onBlur={onDrop}
		>
			{!isTail && <span className="absolute inset-y-0 left-0 w-2 cursor-ew-resize" />}
			{!isHead && <span className="absolute inset-y-0 right-0 w-2 cursor-ew-resize" />}
		</button>
	);
}

/** Where a bar goes on over midnight it has no end to take. */
function gripAt(event: React.PointerEvent<HTMLElement>, { isTail, isHead }: Segment): Grip {
	const { left, right } = event.currentTarget.getBoundingClientRect();
	if (!isHead && right - event.clientX <= EDGE_PIXELS) return "end";
	if (!isTail && event.clientX - left <= EDGE_PIXELS) return "start";
	return "all";
}
