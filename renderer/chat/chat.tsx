/**
 * Chat: conversations with the models of this machine, kept on it. Owns what is said and shown there; must never decide which work
 * makes room for it: the service does, and the page only tells.
 */
import { useEffect } from "react";
import { go, parseRoute } from "../state/route.ts";
import { Button, Empty, Failure, Loading, say } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { newConversation } from "./conversation.ts";
import { ConversationPane } from "./conversation-pane.tsx";
import { type SavingEvents, startSaving } from "./saving.ts";
import { useChat } from "./store.ts";
import { ThreadDrawer } from "./thread-drawer.tsx";
import { ThreadList } from "./thread-list.tsx";
import { loadModels, loadThreads, openThread } from "./work.ts";

const said = words.chat;

const savingEvents: SavingEvents = {
	onConflict(id, copyId) {
		say(said.threads.conflict, said.threads.conflictBody);
		const route = parseRoute(location.hash);
		if (route.screen === "chat" && route.id === id) go("chat", copyId);
	},
	onGone: () => say(said.threads.gone, said.threads.goneBody),
};
// For the page's whole life: answers go on while another screen is shown.
startSaving(savingEvents);

/** The chat screen; `id` null: a conversation that begins. */
export function Chat({ id }: { readonly id: string | null }) {
	useEffect(() => {
		void loadThreads();
		void loadModels();
		// Another window may have written meanwhile.
		const look = (): void => void loadThreads();
		window.addEventListener("focus", look);
		return () => window.removeEventListener("focus", look);
	}, []);
	useEffect(() => {
		if (id !== null) void openThread(id);
	}, [id]);
	return (
		<div className="flex h-full min-h-0">
			<aside className="hidden w-58 shrink-0 border-r border-line wide:flex">
				<ThreadList currentId={id} />
			</aside>
			{id === null ? <NewChat /> : <OpenChat id={id} />}
		</div>
	);
}

function NewChat() {
	const options = useChat((state) => state.newOptions);
	return <ConversationPane conversation={newConversation("", options, 0)} isNew />;
}

function OpenChat({ id }: { readonly id: string }) {
	const opened = useChat((state) => state.open.get(id));
	if (opened?.state === "there") return <ConversationPane conversation={opened.conversation} isNew={false} />;
	return (
		<div className="min-w-0 grow p-2">
			<span className="wide:hidden">
				<ThreadDrawer currentId={id} />
			</span>
			{opened?.state !== "failed" ? (
				<Loading />
			) : opened.error.status === 404 ? (
				<Empty title={said.failure.gone} actions={<Button onClick={() => go("chat")}>{said.threads.new}</Button>} />
			) : (
				<Failure error={opened.error} onRetry={() => void openThread(id)} />
			)}
		</div>
	);
}
