import { ArrowUp, Snowflake, Square } from "lucide-react";
import { type KeyboardEvent, memo, useEffect, useRef } from "react";
import type { ThreadOptions } from "../../native/contract/contract.ts";
import { usePresent } from "../state/present.ts";
import { go } from "../state/route.ts";
import { words } from "../words/words.ts";
import { ChosenModel } from "./chosen-model.tsx";
import { MOST_MESSAGES, MOST_TEXT_LENGTH } from "./conversation.ts";
import { happen, useChat } from "./store.ts";
import { send, stop } from "./work.ts";

/** What the composer takes. */
export interface ComposerProps {
	/** Null: a conversation that begins. */
	readonly id: string | null;
	readonly options: ThreadOptions;
	readonly isRunning: boolean;
	/** Messages there are already. */
	readonly messageCount: number;
	/** There is a model that can answer. */
	readonly isAble: boolean;
}

/** Where one writes. Enter sends, Shift and Enter begins a line, Escape stops the answer. */
export const Composer = memo(function Composer({ id, options, isRunning, messageCount, isAble }: ComposerProps) {
	const text = useChat((state) => state.drafts.get(id ?? "") ?? "");
	const box = useRef<HTMLTextAreaElement>(null);
	// A screen that opens is given the focus as a whole, after its parts are there: the next picture comes later.
	useEffect(() => {
		const frame = requestAnimationFrame(() => box.current?.focus({ preventScroll: true }));
		return () => cancelAnimationFrame(frame);
	}, []);
	const said = words.chat.composer;
	const isFull = messageCount + 2 > MOST_MESSAGES;
	const isTooLong = text.length > MOST_TEXT_LENGTH;
	const canSend = !isRunning && !isFull && !isTooLong && isAble && text.trim() !== "";
	const finish = (): void => {
		if (canSend) {
			const place = send(id, text.trim());
			if (id === null) go("chat", place);
		}
		box.current?.focus();
	};
	const onKey = (event: KeyboardEvent): void => {
		// Enter within a composition takes a suggestion; Safari tells it by 229 alone.
		if (event.nativeEvent.isComposing || event.keyCode === 229) return;
		if (event.key === "Escape" && id !== null && isRunning) stop(id);
		if (event.key !== "Enter" || event.shiftKey) return;
		event.preventDefault();
		finish();
	};
	const fault = isFull ? said.full : isTooLong ? said.tooLong : null;
	return (
		<div className="mx-auto w-full max-w-3xl px-3 pb-3">
			<div className="rounded-lg border border-strong-line bg-raised focus-within:border-accent focus-within:outline focus-within:outline-accent">
				<textarea
					ref={box}
					rows={1}
					data-composer
					aria-label={said.label}
					placeholder={said.hint}
					value={text}
					onChange={(event) => happen({ kind: "drafted", id, text: event.target.value })}
					onKeyDown={onKey}
					className="field-sizing-content block max-h-45 min-h-10 w-full resize-none bg-transparent px-3 pt-2.5 pb-1 outline-none placeholder:text-muted"
				/>
				<div className="flex h-10 items-center gap-2 pr-1.5 pl-0.5">
					<ChosenModel id={id} options={options} />
					<Frozen />
					<button
						type="button"
						aria-label={isRunning ? said.stop : said.send}
						title={isRunning ? said.stop : said.send}
						disabled={!isRunning && !canSend}
						onClick={() => {
							if (id !== null && isRunning) stop(id);
							finish();
						}}
						className="ml-auto inline-flex size-8 shrink-0 items-center justify-center rounded-md bg-accent text-on-accent hover:opacity-90 disabled:bg-sunken disabled:text-faint"
					>
						{isRunning ? (
							<Square aria-hidden className="size-3.5 fill-current" />
						) : (
							<ArrowUp aria-hidden className="size-4" />
						)}
					</button>
				</div>
			</div>
			{fault !== null && <p className="pt-1 text-xs text-bad">{fault}</p>}
		</div>
	);
});

/** That batch work makes room, and how quickly it did. */
function Frozen() {
	const handBackMs = usePresent(({ engine }) => (engine?.isAside === true ? engine.handBackMs : null));
	if (handBackMs === null) return null;
	return (
		<span role="status" className="flex min-w-0 animate-fade items-center gap-1.5 text-sm text-accent">
			<Snowflake aria-hidden className="size-3.5 shrink-0" />
			<span className="truncate">{words.common.batchFrozen(handBackMs)}</span>
		</span>
	);
}
