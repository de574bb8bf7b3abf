/** What one does with conversations: reads them, writes in them, has them answered. The service is asked; the store shows the outcome. */
import type { MachineModelList, Thread, ThreadList, ThreadOptions } from "../../native/contract/contract.ts";
import { type Answer, call } from "../api/client.ts";
import { words } from "../words/words.ts";
import { type TurnFailure, turnFailureOf } from "./failures.ts";
import { newMessageId, newThreadId } from "./ids.ts";
import { modelOf } from "./request.ts";
import { holdSaving, pathOf, releaseSaving, save } from "./saving.ts";
import { type Asked, conversationIn, happen, useChat } from "./store.ts";
import { answer, stopAnswer } from "./turns.ts";

/** Reads the list. */
export async function loadThreads(): Promise<void> {
	const told = await call<ThreadList>("/api/threads");
	happen({
		kind: "listed",
		list: told.ok ? { state: "there", value: told.value.data } : { state: "failed", error: told.error },
	});
}

/** Reads which models there are. */
export async function loadModels(): Promise<void> {
	const models = await call<MachineModelList>("/api/models");
	happen({ kind: "models", models: asked(models) });
}

function asked(answer: Answer<MachineModelList>): Asked<MachineModelList["data"]> {
	return answer.ok ? { state: "there", value: answer.value.data } : { state: "failed", error: answer.error };
}

/** Reads a conversation, or looks whether one in hand was changed elsewhere. */
export async function openThread(id: string): Promise<void> {
	const before = useChat.getState().open.get(id);
	if (before?.state !== "there") happen({ kind: "opening", id });
	// One that was never kept is nowhere else.
	else if (before.conversation.revision === 0) return;
	const thread = await call<Thread>(pathOf(id));
	if (thread.ok) return happen({ kind: "opened", thread: thread.value });
	const isInHand = conversationIn(useChat.getState(), id) !== null;
	if (!isInHand) happen({ kind: "not-opened", id, error: thread.error });
}

/** Writes something and has it answered; answers the conversation's id, which is new where `id` is null. */
export function send(id: string | null, text: string): string {
	const place = id ?? newThreadId();
	const nowMs = Date.now();
	if (id === null) happen({ kind: "begun", id: place, nowMs });
	happen({ kind: "said", id: place, messageId: newMessageId(), text, nowMs });
	happen({ kind: "drafted", id, text: "" });
	void answerNow(place);
	return place;
}

/** Writes a message anew and has it answered; what came after it goes. */
export function editMessage(id: string, messageId: string, text: string): void {
	happen({ kind: "edited", id, messageId, text, nowMs: Date.now() });
	void answerNow(id);
}

/** Has the last message answered, anew where it was. */
export function answerAgain(id: string): void {
	happen({ kind: "taken-back", id, nowMs: Date.now() });
	void answerNow(id);
}

/** Stops the answer under way. */
export function stop(id: string): void {
	const running = conversationIn(useChat.getState(), id)?.running ?? null;
	if (running !== null) stopAnswer(running.answerId);
}

/** Gives a conversation another title. */
export async function rename(id: string, title: string): Promise<void> {
	if (conversationIn(useChat.getState(), id) === null) await openThread(id);
	happen({ kind: "titled", id, title, nowMs: Date.now() });
	await save(id);
}

/** Deletes a conversation; one that is gone already is as good. */
export async function remove(id: string): Promise<Answer<void>> {
	stop(id);
	await holdSaving(id);
	const gone = await call<void>(pathOf(id), { method: "DELETE" });
	const isGone = gone.ok || gone.error.status === 404;
	if (isGone) happen({ kind: "removed", id });
	releaseSaving(id);
	return isGone ? { ok: true, value: undefined } : gone;
}

/** Changes how a conversation is answered; null: the new one. */
export function changeOptions(id: string | null, options: ThreadOptions): void {
	happen({ kind: "options", id, options, nowMs: Date.now() });
	if (id !== null) void save(id);
}

async function answerNow(id: string): Promise<void> {
	if (useChat.getState().models.state !== "there") await loadModels();
	const { models } = useChat.getState();
	const conversation = conversationIn(useChat.getState(), id);
	if (conversation === null) return;
	const model = modelOf(conversation.options, models.state === "there" ? models.value : []);
	if (model !== null) return answer(id, model);
	const message = words.chat.empty.noModelBody;
	const failure: TurnFailure = models.state === "failed" ? turnFailureOf(models.error) : { kind: "no-model", message };
	happen({ kind: "refused", id, failure });
	await save(id);
}
