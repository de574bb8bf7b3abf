/** The ledger's logs for the mesh's thread: told at its beginning, read and added to at its wish. */
import type { Ledger } from "../../ledger/ledger.ts";
import type { Operation } from "../core/core.ts";
import { createFactReader } from "../facts/facts.ts";
import { createDropped } from "../node/dropped.ts";
import type { BatchPlace, FromNode, ToNode } from "../node/messages.ts";
import { placesIn } from "../node/traffic.ts";

/** Operations told in one message: small enough that the thread answers others in between. */
const PAGE = 1_000;

/** All that is in the ledger, for a thread that begins. */
export function* tellLogs({ exchange }: Pick<Ledger, "exchange">): Iterable<ToNode> {
	const read = createFactReader();
	const places: BatchPlace[] = [];
	const dropped = createDropped();
	let page: Operation[] = [];
	for (const stored of exchange.operations()) {
		page.push(read(stored));
		places.push(...placesIn([stored]));
		dropped.note([stored]);
		if (page.length < PAGE) continue;
		yield { kind: "logs", operations: page };
		page = [];
	}
	yield { kind: "logs", operations: page };
	yield { kind: "logs-end", places, dropped: dropped.things };
}

/** Puts other machines' operations into the ledger; the answer says what is on disk then, or why nothing was taken. */
export async function storeOperations(
	{ exchange }: Pick<Ledger, "exchange">,
	{ id, operations, gone }: Extract<FromNode, { kind: "store" }>,
): Promise<ToNode> {
	try {
		const stored = await exchange.store(operations, new Set(gone));
		if (stored.ok) return { kind: "stored", id, durable: exchange.lengths() };
		return { kind: "not-stored", id, message: stored.error.message };
	} catch (error) {
		// The disk, mostly; the thread tries again and says so in the log.
		return { kind: "not-stored", id, message: error instanceof Error ? error.message : String(error) };
	}
}

/** Answers with operations of a log. */
export function readOperations(
	{ exchange }: Pick<Ledger, "exchange">,
	{ id, origin, first, last }: Extract<FromNode, { readonly kind: "read" }>,
): ToNode {
	return { kind: "read", id, operations: exchange.read(origin, first, last) };
}
