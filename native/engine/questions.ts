/**
 * Questions to the inference process that wait for one answer each. Owns who waits for which. Must never make up an answer:
 * whoever knows that none will come gives it.
 */
import type { ToProcess } from "./process/protocol.ts";

/** A message that is answered once, under its own id. */
export type Question = Extract<ToProcess, { kind: "count" | "counters" | "close-gate" | "open-gate" }>;

/** Questions of one kind, by what answers them. */
export interface Questions<A> {
	ask(question: Question): Promise<A>;
	/** Says again what is not answered yet, to a process that was not there to hear it. */
	repeat(): void;
	/** Answers one; an id nobody waits for is passed over. */
	answer(id: number, answer: A): void;
	answerAll(answer: A): void;
}

/** No questions yet; `send` says them. */
export function createQuestions<A>(send: (message: ToProcess) => void): Questions<A> {
	const open = new Map<number, { readonly question: Question; readonly resolve: (answer: A) => void }>();
	return {
		ask(question) {
			return new Promise((resolve) => {
				open.set(question.id, { question, resolve });
				send(question);
			});
		},
		repeat() {
			for (const { question } of open.values()) send(question);
		},
		answer(id, answer) {
			open.get(id)?.resolve(answer);
			open.delete(id);
		},
		answerAll(answer) {
			for (const { resolve } of open.values()) resolve(answer);
			open.clear();
		},
	};
}
