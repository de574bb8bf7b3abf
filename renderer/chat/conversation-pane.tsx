import { useCallback, useState } from "react";
import { Announcer } from "./announcer.tsx";
import { Composer } from "./composer.tsx";
import type { Conversation } from "./conversation.ts";
import { EmptyChat, NoModel } from "./empty-chat.tsx";
import { Messages } from "./messages.tsx";
import { isSpecial } from "./options-form.ts";
import { OptionsPanel } from "./options-panel.tsx";
import { PaneHead } from "./pane-head.tsx";
import { modelOf } from "./request.ts";
import { useChat } from "./store.ts";
import { changeOptions } from "./work.ts";

/** One conversation: its head, its messages and where one writes. `isNew`: it is made by the first message. */
export function ConversationPane({
	conversation,
	isNew,
}: {
	readonly conversation: Conversation;
	readonly isNew: boolean;
}) {
	const { options, messages, running } = conversation;
	const id = isNew ? null : conversation.id;
	const models = useChat((state) => state.models);
	const [areOptionsOpen, setAreOptionsOpen] = useState(false);
	const toggleOptions = useCallback(() => setAreOptionsOpen((areOpen) => !areOpen), []);
	const isModelless = models.state === "there" && modelOf(options, models.value) === null;
	return (
		<div className="flex min-h-0 min-w-0 grow flex-col">
			<PaneHead
				id={id}
				title={conversation.title}
				isSpecial={isSpecial(options)}
				areOptionsOpen={areOptionsOpen}
				onOptions={toggleOptions}
			/>
			{areOptionsOpen && (
				<OptionsPanel
					key={`options ${conversation.id}`}
					options={options}
					onChange={(chosen) => changeOptions(id, chosen)}
				/>
			)}
			{messages.length > 0 ? (
				<Messages key={`messages ${conversation.id}`} conversation={conversation} />
			) : isModelless ? (
				<NoModel />
			) : (
				<EmptyChat id={id} />
			)}
			<Announcer conversation={conversation} />
			<Composer
				id={id}
				options={options}
				isRunning={running !== null}
				messageCount={messages.length}
				isAble={!isModelless}
			/>
		</div>
	);
}
