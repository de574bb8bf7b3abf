import { ArrowDown } from "lucide-react";
import { startTransition, useEffect, useLayoutEffect, useRef, useState } from "react";
import { formatCount } from "../state/format.ts";
import { Button } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import type { Conversation } from "./conversation.ts";
import { MessageView } from "./message-view.tsx";
import { Trouble } from "./trouble.tsx";
import { useStickToEnd } from "./use-stick-to-end.ts";
import { answerAgain, editMessage } from "./work.ts";

/** Messages shown at first, and more at a time: two windows full, whose markdown is read without a pause one would feel. */
const PORTION = 12;

/** The messages of a conversation, the newest in sight; earlier ones come as one scrolls up to them. */
export function Messages({ conversation }: { readonly conversation: Conversation }) {
	const { id, messages, running } = conversation;
	const { scroller, content, isAtEnd, toEnd } = useStickToEnd(id);
	const [shownCount, setShownCount] = useState(PORTION);
	const from = Math.max(0, messages.length - shownCount);
	const shown = messages.slice(from);
	const last = messages.at(-1);

	// Who has just written wants to see the answer.
	const askedId = running?.answerId;
	useEffect(() => {
		if (askedId !== undefined) toEnd();
	}, [askedId, toEnd]);

	// What one reads stays where it is when more comes before it, which is drawn when there is time.
	const fromEnd = useRef<number | null>(null);
	const showEarlier = (): void => startTransition(() => setShownCount((count) => count + PORTION));
	useEffect(() => {
		const box = scroller.current;
		if (box === null) return;
		const note = (): void => {
			fromEnd.current = box.scrollHeight - box.scrollTop;
		};
		box.addEventListener("scroll", note, { passive: true });
		return () => box.removeEventListener("scroll", note);
	}, [scroller]);
	// biome-ignore lint/correctness/useExhaustiveDependencies: after each portion.
	useLayoutEffect(() => {
		const box = scroller.current;
		if (box !== null && fromEnd.current !== null) box.scrollTop = box.scrollHeight - fromEnd.current;
	}, [shownCount]);

	return (
		<div className="relative min-h-0 grow">
			<section
				ref={scroller}
				// biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be scrolled by keyboard too.
				tabIndex={0}
				aria-label={words.chat.message.conversation}
				className="h-full overflow-y-auto -outline-offset-2"
			>
				<div ref={content} className="mx-auto flex max-w-3xl flex-col gap-2 px-4 pt-4 pb-2">
					{from > 0 && <Earlier count={from} onShow={showEarlier} />}
					{shown.map((message, index) => (
						<MessageView
							key={message.id}
							threadId={id}
							message={message}
							laterCount={shown.length - index - 1}
							running={running?.answerId === message.id ? running : null}
							isBusy={running !== null}
							onRetry={message === last && message.role === "assistant" ? answerAgain : null}
							onEdit={editMessage}
						/>
					))}
					<Trouble conversation={conversation} />
				</div>
			</section>
			{!isAtEnd && (
				<div className="pointer-events-none absolute inset-x-0 bottom-2 flex justify-center">
					<Button
						className="pointer-events-auto animate-fade rounded-full shadow-raised"
						icon={<ArrowDown aria-hidden className="size-3.5" />}
						onClick={toEnd}
					>
						{words.chat.message.latest}
					</Button>
				</div>
			)}
		</div>
	);
}

/** The way to what was said before; it goes by itself as soon as it comes into sight. */
function Earlier({ count, onShow }: { readonly count: number; readonly onShow: () => void }) {
	const place = useRef<HTMLDivElement>(null);
	// biome-ignore lint/correctness/useExhaustiveDependencies: looks anew after each portion.
	useEffect(() => {
		if (place.current === null) return;
		const watch = new IntersectionObserver(([seen]) => {
			if (seen?.isIntersecting) onShow();
		});
		watch.observe(place.current);
		return () => watch.disconnect();
	}, [count]);
	return (
		<div ref={place} className="flex justify-center pb-2">
			<Button tone="quiet" onClick={onShow}>
				{words.chat.message.earlier(formatCount(count))}
			</Button>
		</div>
	);
}
