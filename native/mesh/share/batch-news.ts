/** What the core is told of batches that its operations don't say: whose turn it is, whose time is over, where lines lie. */
import type { Clock, Log } from "../../base/base.ts";
import { inOrder } from "../../jobs/order/order.ts";
import { sealDue } from "../../jobs/seal-due.ts";
import type { BatchRecord, Ledger } from "../../ledger/ledger.ts";
import type { ToNode } from "../node/messages.ts";

/** Tells what is new. */
export interface BatchNews {
	/** Looks at the open batches and tells what has changed since. */
	tell(open: readonly BatchRecord[]): void;
	/** A thread has begun that knows of nothing. */
	forget(): void;
}

/** What it is made of. */
export interface BatchNewsDeps {
	readonly ledger: Pick<Ledger, "chooseMachines" | "shareIndex" | "isIndexShared">;
	/** Whether this machine does what the maker of a batch does. */
	isOwn(batch: BatchRecord): boolean;
	readonly clock: Clock;
	readonly log: Log;
	post(message: ToNode): void;
}

/** Has told nothing yet. */
export function createBatchNews({ ledger, isOwn, clock, log, post }: BatchNewsDeps): BatchNews {
	let order = "";
	const due = new Set<string>();
	let sharing: Promise<void> = Promise.resolve();

	/** Each machine says which it would work on; the host's word counts. */
	function tellOrder(open: readonly BatchRecord[]): void {
		const nothing = { current: null, residentModels: new Set<string>(), isNightSpent: false, slackMs: new Map() };
		const wanted = open.filter(({ isHeld }) => !isHeld);
		const batchIds = inOrder(wanted, { nowMs: clock.nowMs(), ...nothing }).map(({ id }) => id);
		if (batchIds.join() === order) return;
		order = batchIds.join();
		post({ kind: "work-ordered", batchIds });
	}

	function tellDue(open: readonly BatchRecord[]): void {
		for (const batch of open) {
			const outcome = sealDue(batch, clock.nowMs());
			const name = `${batch.id} ${batch.round}`;
			if ((outcome !== "expired" && outcome !== "failed") || due.has(name)) continue;
			due.add(name);
			post({ kind: "batch-due", batchId: batch.id, round: batch.round, outcome });
		}
	}

	/** Tells others where the lines of batches lie that are this machine's to tell; rehearsals are nobody else's business. */
	async function shareIndexes(open: readonly BatchRecord[]): Promise<void> {
		for (const batch of open) {
			const { id, isHeld, status, manifest, machines } = batch;
			if (isHeld || status !== "in_progress" || ledger.isIndexShared(id) || !isOwn(batch)) continue;
			// What was wished when it was made is known to the others by its own operation, before they are given any line.
			if (manifest.machines !== undefined) await ledger.chooseMachines(id, machines);
			await ledger.shareIndex(id);
		}
	}

	return {
		tell(open) {
			tellOrder(open);
			tellDue(open);
			sharing = sharing
				.then(() => shareIndexes(open))
				.catch((error: unknown) =>
					log.error({ error: String(error) }, "a batch could not be shared with other machines yet"),
				);
		},
		forget() {
			order = "";
			due.clear();
		},
	};
}
