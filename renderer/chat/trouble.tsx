import { RotateCw } from "lucide-react";
import { routeTo } from "../state/route.ts";
import { Button, Notice } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { type Conversation, isUnanswered } from "./conversation.ts";
import { failureWords } from "./failures.ts";
import { save } from "./saving.ts";
import { answerAgain } from "./work.ts";

const retryIcon = <RotateCw aria-hidden className="size-3.5" />;

/** What is wrong at the end of a conversation, and what to do about it; nothing where nothing is. */
export function Trouble({ conversation }: { readonly conversation: Conversation }) {
	const { id, failure, saveError } = conversation;
	const said = words.chat;
	return (
		<>
			{failure !== null && <Failed id={id} failure={failure} />}
			{isUnanswered(conversation) && (
				<div className="flex items-center justify-end gap-3 text-muted">
					{said.message.unanswered}
					<Button onClick={() => answerAgain(id)}>{said.message.answerNow}</Button>
				</div>
			)}
			{saveError !== null && failure?.kind !== "offline" && (
				<Notice
					tone="warn"
					title={said.failure.saveTitle}
					actions={
						<Button icon={retryIcon} onClick={() => void save(id)}>
							{words.common.tryAgain}
						</Button>
					}
				>
					{saveError.message}
				</Notice>
			)}
		</>
	);
}

function Failed({ id, failure }: { readonly id: string; readonly failure: NonNullable<Conversation["failure"]> }) {
	const { title, body } = failureWords(failure);
	return (
		<Notice
			tone="bad"
			title={title}
			actions={
				<Button icon={retryIcon} onClick={() => answerAgain(id)}>
					{words.common.tryAgain}
				</Button>
			}
		>
			{body}
			{failure.kind === "no-model" && (
				<>
					{" "}
					<a href={routeTo("models")} className="text-accent underline underline-offset-2">
						{words.chat.empty.toModels}
					</a>
				</>
			)}
			{failure.kind !== "other" && failure.message !== body && failure.kind !== "offline" && (
				<p className="mt-1 text-sm text-muted">{failure.message}</p>
			)}
		</Notice>
	);
}
