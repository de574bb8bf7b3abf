import { type KeyboardEvent, useState } from "react";
import { Button } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { MOST_TEXT_LENGTH } from "./conversation.ts";

/** Writes a message anew, and says what becomes of those after it. */
export function EditForm({
	text,
	laterCount,
	onCancel,
	onDone,
}: {
	readonly text: string;
	readonly laterCount: number;
	readonly onCancel: () => void;
	readonly onDone: (text: string) => void;
}) {
	const [written, setWritten] = useState(text);
	const isReady = written.trim() !== "";
	const onKey = (event: KeyboardEvent): void => {
		if (event.nativeEvent.isComposing) return;
		if (event.key === "Escape") {
			event.stopPropagation();
			onCancel();
		}
		if (event.key !== "Enter" || event.shiftKey || !isReady) return;
		event.preventDefault();
		onDone(written.trim());
	};
	return (
		<div className="flex flex-col gap-2 rounded-lg border border-line bg-surface p-2.5">
			<textarea
				aria-label={words.chat.message.editLabel}
				value={written}
				maxLength={MOST_TEXT_LENGTH}
				// biome-ignore lint/a11y/noAutofocus: it opens where one has just pressed the button for it.
				autoFocus
				onChange={(event) => setWritten(event.target.value)}
				onKeyDown={onKey}
				className="field-sizing-content max-h-80 min-h-15 w-full resize-none rounded-md border border-strong-line bg-raised px-2.5 py-1.5"
			/>
			<div className="flex flex-wrap items-center justify-between gap-2">
				<p className="text-sm text-muted">{words.chat.message.editNote(laterCount)}</p>
				<div className="ml-auto flex gap-2">
					<Button onClick={onCancel}>{words.common.cancel}</Button>
					<Button tone="primary" disabled={!isReady} onClick={() => onDone(written.trim())}>
						{words.chat.message.editAction}
					</Button>
				</div>
			</div>
		</div>
	);
}
