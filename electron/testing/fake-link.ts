/** A service link whose state, notices and answers a test sets. Keeps what it was asked. */
import type { NoticeObject } from "../../native/contract/contract.ts";
import { createListeners } from "../base/base.ts";
import type { Answer, Call, ServiceLink } from "../service/link.ts";
import { initialState, type ShellState } from "../state/state.ts";

/** The link, and what a test does to it. */
export interface FakeLink extends ServiceLink {
	/** Changes parts of the state, and tells. */
	become(change: Partial<ShellState>): void;
	notice(notice: NoticeObject): void;
	keepAwake(isWanted: boolean): void;
	/** Every question so far. */
	readonly asked: readonly Omit<Call<unknown>, "answers">[];
	/** Answers the next questions of a path, e.g. `POST /api/rest`, by this. Unknown questions are answered as by a service that is down. */
	answer(question: string, body: (call: Omit<Call<unknown>, "answers">) => unknown): void;
}

/** Makes one. */
export function createFakeLink(change: Partial<ShellState> = {}): FakeLink {
	let state: ShellState = { ...initialState, ...change };
	const watchers = createListeners<ShellState>();
	const readers = createListeners<NoticeObject>();
	const wakers = createListeners<boolean>();
	const asked: Omit<Call<unknown>, "answers">[] = [];
	const answers = new Map<string, (call: Omit<Call<unknown>, "answers">) => unknown>();
	return {
		get state() {
			return state;
		},
		asked,
		watch: watchers.join,
		onNotice: readers.join,
		onKeepAwake: wakers.join,
		async call<Value>({ answers: schema, ...question }: Call<Value>): Promise<Answer<Value>> {
			asked.push(question);
			const body = answers.get(`${question.method} ${question.path}`);
			if (body === undefined) {
				return { ok: false, error: { kind: "down", message: "The service is not up.", status: null } };
			}
			return { ok: true, value: schema.parse(body(question)) };
		},
		become(part) {
			state = { ...state, ...part };
			watchers.tell(state);
		},
		notice: readers.tell,
		keepAwake: wakers.tell,
		answer: (question, body) => void answers.set(question, body),
	};
}
