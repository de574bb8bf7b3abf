/** Batches that this host is to end: from the core's word that files are to be built until they are published. */
import type { Log } from "../../base/base.ts";
import { type BatchRecord, type Ledger, type Seal, sealDigest } from "../../ledger/ledger.ts";
import type { Outcome, SealBody } from "../core/core.ts";
import type { ServiceEffect, ToNode } from "../node/messages.ts";

/** What is under way. */
export interface Endings {
	/**
	 * How a batch is to end, while its files are to be built. The core hears of results before their bytes are here: a batch is not
	 * completed before the ledger has them all.
	 */
	dueOf(batch: Pick<BatchRecord, "id" | "total" | "completed" | "failed">): Outcome | null;
	/** Its files are on disk: the core is told their name. */
	built(batchId: string, seal: Seal): void;
	failed(batchId: string): void;
	perform(effect: Extract<ServiceEffect, { kind: "build-output" | "append-seal" | "append-published" }>): void;
	/** Forgets everything: the core that asked is gone. */
	forget(): void;
}

/** What endings are made of. */
export interface EndingsDeps {
	readonly ledger: Pick<Ledger, "propose" | "publish">;
	readonly log: Log;
	post(message: ToNode): void;
	/** A batch is to be ended now. */
	onDue(): void;
}

/** Nothing to be ended. */
export function createEndings({ ledger, log, post, onDue }: EndingsDeps): Endings {
	const due = new Map<string, { readonly outcome: Outcome; readonly round: number }>();
	/** Built and not sealed yet, with the name of the files. */
	const waiting = new Map<string, { readonly digest: string; readonly seal: Seal }>();

	function fail(batchId: string): void {
		due.delete(batchId);
		waiting.delete(batchId);
		post({ kind: "duty-failed", batchId });
	}

	async function guarded(batchId: string, what: string, work: () => Promise<boolean>): Promise<void> {
		try {
			if (await work()) return;
			log.info({ batch: batchId }, `${what} is of no use any more`);
		} catch (error) {
			log.error({ batch: batchId, error: String(error) }, `${what} could not be recorded; it is tried again`);
		}
		post({ kind: "duty-failed", batchId });
	}

	async function seal(batchId: string, { digest, epoch, round }: SealBody): Promise<boolean> {
		const built = waiting.get(batchId);
		waiting.delete(batchId);
		if (built === undefined || built.digest !== digest) return false;
		return (await ledger.propose(batchId, built.seal, { epoch, round })) !== null;
	}

	return {
		dueOf({ id, total, completed, failed }) {
			const outcome = due.get(id)?.outcome ?? null;
			return outcome === "completed" && completed + failed < total ? null : outcome;
		},
		built(batchId, seal) {
			const wanted = due.get(batchId);
			if (wanted === undefined) return;
			due.delete(batchId);
			const digest = sealDigest(seal);
			waiting.set(batchId, { digest, seal });
			post({ kind: "output-built", batchId, digest, ...wanted });
		},
		failed(batchId) {
			if (due.has(batchId)) fail(batchId);
		},
		perform(effect) {
			const { batchId } = effect;
			if (effect.kind === "build-output") {
				due.set(batchId, { outcome: effect.outcome, round: effect.round });
				onDue();
			} else if (effect.kind === "append-seal") {
				void guarded(batchId, "the seal of a batch", () => seal(batchId, effect.seal));
			} else {
				void guarded(batchId, "the end of a batch", async () => {
					await ledger.publish(batchId, effect.digest);
					return true;
				});
			}
		},
		forget() {
			due.clear();
			waiting.clear();
		},
	};
}
