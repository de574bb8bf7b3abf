/**
 * The only way in from a page: every call is checked for who sends it and what it brings before anybody sees it. Owns the set of
 * windows that are ours.
 */
import type { z } from "zod";
import type { ShellLog } from "../log.ts";
import type { FramePort, IpcEvent, IpcPort } from "./ports.ts";

/** Windows whose pages may call. */
export interface TrustedSenders {
	/** Trusts the contents of a window of ours, from its making until it is gone. */
	add(contents: { readonly id: number }): void;
	delete(contents: { readonly id: number }): void;
	has(contents: { readonly id: number }): boolean;
}

/** Makes an empty set. Ids, not contents: those that are gone must not be kept. */
export function createTrustedSenders(): TrustedSenders {
	const ids = new Set<number>();
	return {
		add: ({ id }) => void ids.add(id),
		delete: ({ id }) => void ids.delete(id),
		has: ({ id }) => ids.has(id),
	};
}

/** The bridge's end in this process, for those whose calls were checked. */
export interface TrustedIpc {
	/** Answers calls of a channel whose value is as `schema` wants it; others are rejected. */
	handle<Value>(channel: string, schema: z.ZodType<Value>, answer: (value: Value, senderId: number) => unknown): void;
	/** Hears of messages of a channel, which has no value. */
	listen(channel: string, hear: (senderId: number) => void): void;
}

/** What the check needs. */
export interface TrustedIpcDeps {
	readonly ipc: IpcPort;
	readonly senders: TrustedSenders;
	/** Origin of the service's pages now; null while it has none. */
	readonly origin: () => string | null;
	readonly log: ShellLog;
}

/** Wraps the real one. */
export function createTrustedIpc({ ipc, senders, origin, log }: TrustedIpcDeps): TrustedIpc {
	function isTrusted({ sender, senderFrame }: IpcEvent): boolean {
		return senders.has(sender) && isOwnPage(senderFrame, origin());
	}

	return {
		handle(channel, schema, answer) {
			ipc.handle(channel, (event, ...values) => {
				const value = isTrusted(event) ? schema.safeParse(values[0]) : null;
				if (value?.success !== true || values.length > 1) {
					log.warn({ channel, isTrusted: value !== null }, "a call of a page was refused");
					throw new Error("Refused.");
				}
				return answer(value.data, event.sender.id);
			});
		},
		listen(channel, hear) {
			ipc.on(channel, (event, ...values) => {
				if (isTrusted(event) && values.length === 0) hear(event.sender.id);
				else log.warn({ channel }, "a message of a page was refused");
			});
		},
	};
}

/** The page itself, not a frame in it, and of our origin as the browser counts it. */
function isOwnPage(frame: FramePort | null, origin: string | null): boolean {
	return frame !== null && frame.parent === null && origin !== null && frame.origin === origin;
}
