import { useRef, useState } from "react";
import type { Weekday } from "../../native/contract/contract.ts";
import { join } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import {
	DAY_MINUTES,
	drawn,
	MOST_WINDOWS,
	type Night,
	type Span,
	segmentsOf,
	timeOf,
	weekFromMonday,
	windowOf,
	withDay,
	withWindow,
} from "./week.ts";
import { WeekSegment } from "./week-segment.tsx";

const text = words.settings.night;
const hours = [0, 6, 12, 18, 24] as const;

/** A window that is being drawn, dragged or moved by keys, and not yet saved. */
interface Draft {
	readonly day: Weekday;
	/** Null: a new one. */
	readonly index: number | null;
	readonly span: Span;
}

/** What both ways of editing the week take. */
export interface WeekEditorProps {
	readonly night: Night;
	readonly isOff: boolean;
	/** Saves the windows of some days; false: the service refused. */
	readonly onChange: (change: Partial<Night>) => Promise<boolean>;
}

/** The week as seven rows of a day each, to draw hours on. */
export function WeekStrip({ night, isOff, onChange }: WeekEditorProps) {
	const [draft, setDraft] = useState<Draft | null>(null);
	// What is meant at this very moment, which the last render need not show yet; null: nothing waits to be saved.
	const meant = useRef<Draft | null>(null);
	const put = (next: Draft | null): void => {
		meant.current = next;
		setDraft(next);
	};
	// What is drawn stays in sight until the service has answered; then what holds is shown.
	const shown = draft === null ? night : withDay(night, draft.day, windowsWith(night, draft, draft.span));
	const commit = async (): Promise<void> => {
		const saved = meant.current;
		if (saved === null) return;
		meant.current = null;
		await onChange({ [saved.day]: windowsWith(night, saved, saved.span) });
		setDraft((now) => (now === saved ? null : now));
	};
	return (
		<div className="select-none">
			<ul className="flex flex-col gap-1">
				{weekFromMonday.map((day) => (
					<li key={day} aria-label={text.days[day]} className="grid grid-cols-[2.25rem_1fr] items-center">
						<span aria-hidden className="text-sm text-muted">
							{text.short[day]}
						</span>
						<Track
							isOff={isOff || night[day].length >= MOST_WINDOWS}
							onDraw={(span) => put(span === null ? null : { day, index: null, span })}
							onDrawn={() => void commit()}
						>
							{segmentsOf(shown, day).map((segment) => (
								<WeekSegment
									key={`${segment.day} ${segment.index}`}
									segment={segment}
									window={shown[segment.day][segment.index] ?? { from: "00:00", to: "00:00" }}
									isOff={isOff}
									onDrag={(span) => put({ day: segment.day, index: segment.index, span })}
									onDrop={() => void commit()}
									onRemove={() => {
										put(null);
										void onChange({ [segment.day]: withWindow(night[segment.day], segment.index, null) });
									}}
								/>
							))}
						</Track>
					</li>
				))}
			</ul>
			<div aria-hidden className="relative mt-1 ml-9 h-4 text-xs text-muted">
				{hours.map((hour) => (
					<span
						key={hour}
						className={join(
							"absolute whitespace-nowrap",
							hour === 24 ? "-translate-x-full" : hour > 0 && "-translate-x-1/2",
						)}
						style={{ left: `${(hour / 24) * 100}%` }}
					>
						{hour === 24 ? "24:00" : timeOf(hour * 60)}
					</span>
				))}
			</div>
		</div>
	);
}

function windowsWith(night: Night, { day, index }: Draft, span: Span): Night[Weekday] {
	return index === null ? [...night[day], windowOf(span)] : withWindow(night[day], index, span);
}

/** A day's row; drawing across it adds hours. */
function Track({
	isOff,
	onDraw,
	onDrawn,
	children,
}: {
	readonly isOff: boolean;
	readonly onDraw: (span: Span | null) => void;
	readonly onDrawn: () => void;
	readonly children: React.ReactNode;
}) {
	const [fromMinutes, setFromMinutes] = useState<number | null>(null);
	const minutesAt = (event: React.PointerEvent<HTMLElement>): number => {
		const { left, width } = event.currentTarget.getBoundingClientRect();
		return ((event.clientX - left) / width) * DAY_MINUTES;
	};
	return (
		// Only a shortcut for the pointer: by keyboard the same is done under "Edit as times".
		<div
			className="relative h-7 touch-pan-y overflow-hidden rounded-md bg-sunken"
			onPointerDown={(event) => {
				if (isOff || event.button !== 0 || event.target !== event.currentTarget) return;
				event.currentTarget.setPointerCapture(event.pointerId);
				setFromMinutes(minutesAt(event));
			}}
			onPointerMove={(event) => {
				if (fromMinutes !== null) onDraw(drawn(fromMinutes, minutesAt(event)));
			}}
			onPointerUp={() => {
				setFromMinutes(null);
				if (fromMinutes !== null) onDrawn();
			}}
			onPointerCancel={() => {
				setFromMinutes(null);
				onDraw(null);
			}}
		>
			{hours.slice(1, -1).map((hour) => (
				<span
					key={hour}
					className="pointer-events-none absolute inset-y-0 w-px bg-line"
					style={{ left: `${(hour / 24) * 100}%` }}
				/>
			))}
			{children}
		</div>
	);
}
