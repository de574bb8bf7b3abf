/** Between the wire and the core: operations get their meaning on the way in, and their bytes on the way out. */
import { z } from "zod";
import { type Log, parseJson } from "../../base/base.ts";
import { opHash, type StoredOp } from "../../ledger/log.ts";
import type { Message, Operation } from "../core/core.ts";
import { operationOf } from "../facts/facts.ts";
import { countThatFit, type WireMessage } from "../transport/transport.ts";
import type { BatchPlace } from "./messages.ts";

/** An operation with what the ledger keeps of it; the core hands back the very objects it was given. */
export interface CarriedOperation extends Operation {
	readonly stored: StoredOp;
}

/** What a machine said, for the core; null: it contradicts itself, and nothing of it is taken. */
export function messageOf(from: string, message: WireMessage, log: Log): Message | null {
	if (message.kind !== "operations") return message;
	const operations: CarriedOperation[] = [];
	for (const stored of message.operations) {
		const carried = carry(stored);
		if (carried === null) {
			const { origin, sequence } = stored;
			log.error({ from, origin, sequence }, "another machine sent an operation that is not what its hash says");
			return null;
		}
		operations.push(carried);
	}
	return { kind: "operations", operations };
}

/** Operations as the ledger has them. */
export function storedOf(operations: readonly Operation[]): readonly StoredOp[] {
	return operations.flatMap((operation) => (isCarried(operation) ? [operation.stored] : []));
}

/** Frames that carry these operations, in order. */
export function* framesOf(operations: readonly StoredOp[]): Generator<WireMessage> {
	let left = operations;
	while (left.length > 0) {
		const count = countThatFit(left);
		yield { kind: "operations", operations: left.slice(0, count) };
		left = left.slice(count);
	}
}

/** Where batches were made, of these operations. */
export function placesIn(operations: readonly StoredOp[]): readonly BatchPlace[] {
	return operations.flatMap(({ kind, body, origin, sequence }) => {
		const made = kind === "batch" ? madeSchema.safeParse(parseJson(body)) : null;
		return made?.success === true ? [{ batchId: made.data.id, origin, sequence }] : [];
	});
}

const madeSchema = z.object({ id: z.string() });

/** Null: its hash is another. A body that makes no sense is kept and passed on, and means nothing. */
export function carry(stored: StoredOp): CarriedOperation | null {
	const { hash, ...rest } = stored;
	if (opHash(rest) !== hash) return null;
	return { ...operationOf(stored), stored };
}

function isCarried(operation: Operation): operation is CarriedOperation {
	return "stored" in operation;
}
