import { CopyCheck, Plus, X } from "lucide-react";
import { useState } from "react";
import type { Weekday } from "../../native/contract/contract.ts";
import { IconButton } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { DraftInput } from "./draft-input.tsx";
import {
	DAY_MINUTES,
	MOST_WINDOWS,
	nextWindow,
	sameEveryDay,
	spanOf,
	type Window,
	weekFromMonday,
	withWindow,
} from "./week.ts";
import type { WeekEditorProps } from "./week-strip.tsx";

const text = words.settings.night;

/** The week as times to type, day by day. */
export function WeekTimes({ night, isOff, onChange }: WeekEditorProps) {
	return (
		<ul className="flex flex-col divide-y divide-line">
			{weekFromMonday.map((day) => {
				const windows = night[day];
				const isFull = windows.length >= MOST_WINDOWS;
				return (
					<li key={day} className="flex flex-wrap items-start gap-x-3 gap-y-1 py-2">
						<span className="w-22 grow pt-1.5 font-medium wide:grow-0">{text.days[day]}</span>
						<div className="order-last flex basis-full flex-col gap-1.5 wide:order-none wide:grow wide:basis-0">
							{windows.length === 0 && <p className="pt-1.5 text-muted">{text.noHours}</p>}
							{windows.map((window, index) => (
								<WindowTimes
									// biome-ignore lint/suspicious/noArrayIndexKey: a window is known by its place; by its times it would lose the focus.
									key={index}
									day={day}
									window={window}
									isOff={isOff}
									onChange={(next) => onChange({ [day]: windows.map((other, at) => (at === index ? next : other)) })}
									onRemove={() => void onChange({ [day]: withWindow(windows, index, null) })}
								/>
							))}
						</div>
						<span className="flex">
							<IconButton
								label={isFull ? text.tooMany : text.addWindowTo(text.days[day])}
								disabled={isOff || isFull}
								onClick={() => void onChange({ [day]: [...windows, nextWindow(windows)] })}
							>
								<Plus aria-hidden className="size-4" />
							</IconButton>
							<IconButton
								label={text.copyFrom(text.days[day])}
								disabled={isOff}
								onClick={() => void onChange(sameEveryDay(windows))}
							>
								<CopyCheck aria-hidden className="size-4" />
							</IconButton>
						</span>
					</li>
				);
			})}
		</ul>
	);
}

interface WindowTimesProps {
	readonly day: Weekday;
	readonly window: Window;
	readonly isOff: boolean;
	readonly onChange: (window: Window) => Promise<boolean>;
	readonly onRemove: () => void;
}

function WindowTimes({ day, window, isOff, onChange, onRemove }: WindowTimesProps) {
	const [fault, setFault] = useState<string | null>(null);
	const name = text.window(text.days[day], window.from, window.to);
	const span = spanOf(window);
	const isOverMidnight = span.startMinutes + span.lengthMinutes > DAY_MINUTES;
	const input = (edge: "from" | "to") => (
		<span className="w-24">
			<DraftInput
				type="time"
				// The digits are typed; the clock that browsers put beside them takes the room of the half of the day.
				className="[&::-webkit-calendar-picker-indicator]:hidden"
				aria-label={edge === "from" ? text.from(text.days[day]) : text.to(text.days[day])}
				shown={window[edge]}
				disabled={isOff}
				onCommit={async (typed) => {
					setFault(typed === "" ? text.needsTime : null);
					return typed !== "" && onChange({ ...window, [edge]: typed });
				}}
				onGiveUp={() => setFault(null)}
			/>
		</span>
	);
	return (
		<div>
			<span className="flex flex-wrap items-center gap-1.5">
				{input("from")}
				<span className="text-muted">{text.until}</span>
				{input("to")}
				<IconButton label={text.removeWindow(name)} disabled={isOff} onClick={onRemove}>
					<X aria-hidden className="size-4" />
				</IconButton>
				{isOverMidnight && <span className="text-sm text-muted">{text.nextDay}</span>}
			</span>
			{fault !== null && (
				<p role="alert" className="text-sm text-bad">
					{words.settings.notSaved(fault)}
				</p>
			)}
		</div>
	);
}
