import { Pencil, RotateCcw } from "lucide-react";
import { memo, useState } from "react";
import type { ThreadMessage } from "../../native/contract/contract.ts";
import { CopyButton, IconButton, join } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { AnswerView, FiguresLine } from "./answer-view.tsx";
import type { Running } from "./conversation.ts";
import { EditForm } from "./edit-form.tsx";

/** What a message takes. */
export interface MessageViewProps {
	readonly threadId: string;
	readonly message: ThreadMessage;
	/** Messages after it. */
	readonly laterCount: number;
	/** It is the answer under way; null: it is not. */
	readonly running: Running | null;
	/** Something is being answered: nothing can be changed meanwhile. */
	readonly isBusy: boolean;
	/** Null: it is not the last answer. */
	readonly onRetry: ((threadId: string) => void) | null;
	readonly onEdit: (threadId: string, messageId: string, text: string) => void;
}

const said = words.chat.message;

/** One message, with what can be done to it. */
export const MessageView = memo(function MessageView(props: MessageViewProps) {
	const { threadId, message, laterCount, running, isBusy, onRetry, onEdit } = props;
	const [isEdited, setIsEdited] = useState(false);
	const isOwn = message.role === "user";
	if (isEdited && !isBusy) {
		return (
			<EditForm
				text={message.text}
				laterCount={laterCount}
				onCancel={() => setIsEdited(false)}
				onDone={(text) => {
					setIsEdited(false);
					onEdit(threadId, message.id, text);
				}}
			/>
		);
	}
	const actions = (
		<div
			className={join(
				"flex shrink-0",
				onRetry === null &&
					"opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 [@media(hover:none)]:opacity-100",
				onRetry !== null && message.figures === null && "-ml-2",
			)}
		>
			<CopyButton isIcon label={said.copy} text={message.text} />
			{isOwn && (
				<IconButton label={said.edit} disabled={isBusy} onClick={() => setIsEdited(true)}>
					<Pencil aria-hidden className="size-3.5" />
				</IconButton>
			)}
			{onRetry !== null && (
				<IconButton label={said.retry} disabled={isBusy} onClick={() => onRetry(threadId)}>
					<RotateCcw aria-hidden className="size-3.5" />
				</IconButton>
			)}
		</div>
	);
	return (
		<article
			aria-label={isOwn ? said.you : said.answer}
			className={join(
				"group flex [contain-intrinsic-size:auto_120px] [content-visibility:auto]",
				isOwn ? "items-start justify-end gap-1 py-1" : "flex-col gap-1",
			)}
		>
			{isOwn ? (
				<>
					{actions}
					<div className="max-w-[80%] rounded-lg bg-accent-soft px-3 py-2 whitespace-pre-wrap">{message.text}</div>
				</>
			) : (
				<>
					<AnswerView message={message} running={running} />
					<div className={join("flex h-8 items-center gap-1.5", running !== null && "invisible")}>
						{message.figures !== null && <FiguresLine figures={message.figures} />}
						{actions}
					</div>
				</>
			)}
		</article>
	);
});
