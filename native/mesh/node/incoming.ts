/** Frames of members, sorted by who is to hear of them. */
import { assertNever, type Log } from "../../base/base.ts";
import type { Message, Slice } from "../core/core.ts";
import type { Frame } from "../transport/transport.ts";
import type { Dropped } from "./dropped.ts";
import type { Gossip } from "./gossip.ts";
import type { Keeping } from "./keeping.ts";
import type { Safety } from "./safety.ts";
import { messageOf, placesIn, storedOf } from "./traffic.ts";

/** What sorting is made of. */
export interface IncomingDeps {
	readonly log: Log;
	readonly gossip: Pick<Gossip, "receive">;
	readonly keeping: Pick<Keeping, "receive">;
	readonly safety: Pick<Safety, "note">;
	readonly dropped: Pick<Dropped, "note">;
	/** What each machine works on, kept here. */
	readonly slices: Map<string, readonly Slice[]>;
	/** Who sent each log's operations last, kept here. */
	readonly senders: Map<string, string>;
	/** For the core. */
	tell(message: Message, from: string): void;
	/** The owner, at another machine, wants this host to make another one host. */
	wishHost(id: string): void;
}

/** Answers a function that takes frames. */
export function createIncoming(deps: IncomingDeps): (from: string, frame: Frame) => void {
	return (from, frame) => {
		switch (frame.kind) {
			case "core": {
				const message = messageOf(from, frame.message, deps.log);
				if (message === null) return;
				if (message.kind === "hello") deps.slices.set(from, message.slices);
				if (message.kind === "operations") noteOperations(deps, from, message);
				return deps.tell(message, from);
			}
			case "about":
			case "addresses":
				return deps.gossip.receive(from, frame);
			case "keep":
			case "kept":
				return deps.keeping.receive(from, frame);
			case "wish":
				return deps.wishHost(frame.host);
			default:
				assertNever(frame);
		}
	};
}

function noteOperations(
	{ senders, safety, dropped }: IncomingDeps,
	from: string,
	{ operations }: Extract<Message, { readonly kind: "operations" }>,
): void {
	for (const { origin } of operations) senders.set(origin, from);
	const stored = storedOf(operations);
	for (const place of placesIn(stored)) safety.note(place);
	dropped.note(stored);
}
