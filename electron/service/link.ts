/** What the rest of the shell may do with the service: look at its state, hear of news, ask it. */
import type { z } from "zod";
import type { NoticeObject } from "../../native/contract/contract.ts";
import type { ShellState } from "../state/state.ts";

/** Why a question to the service got no answer. */
export interface CallFailure {
	/** `down`: it is not up or went away; `refused`: it answered 4xx or 5xx; `unreadable`: what it answered is not what it should be. */
	readonly kind: "down" | "refused" | "unreadable";
	/** In words for people, as the service said it where it did. */
	readonly message: string;
	/** HTTP status of a refusal, else null. */
	readonly status: number | null;
}

/** The answer to a question. */
export type Answer<Value> =
	| { readonly ok: true; readonly value: Value }
	| { readonly ok: false; readonly error: CallFailure };

/** A question. */
export interface Call<Value> {
	readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
	/** e.g. `/api/rest` */
	readonly path: string;
	/** Sent as JSON. */
	readonly body?: unknown;
	/** What the answer has to be. */
	readonly answers: z.ZodType<Value>;
	/** Of calls that wait for a disk or for work, such as taking in a large file; by default ten seconds. */
	readonly limitMs?: number;
}

/** The service as the shell sees it. */
export interface ServiceLink {
	readonly state: ShellState;
	/** Calls at every change of the state. Answers a function that ends it. */
	watch(listener: (state: ShellState) => void): () => void;
	/** Calls with each notice once, also with those missed while the service was down. Answers a function that ends it. */
	onNotice(listener: (notice: NoticeObject) => void): () => void;
	/** Calls when the service wants the computer kept awake or no longer does. Answers a function that ends it. */
	onKeepAwake(listener: (isWanted: boolean) => void): () => void;
	/** Asks the service, within a limit. Waits for no service that is not up. */
	call<Value>(call: Call<Value>): Promise<Answer<Value>>;
}
