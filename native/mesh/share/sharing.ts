/** What the jobs are told of how their work is shared. */
import { sealDue } from "../../jobs/seal-due.ts";
import type { Sharing } from "../../jobs/sharing.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { LineRanges } from "../core/core.ts";
import type { BlobName } from "../node/messages.ts";
import type { ShareDeps } from "./create-share.ts";
import type { Endings } from "./endings.ts";
import type { Slices } from "./slices.ts";

/** What answering the jobs is made of. */
export interface SharingDeps extends Pick<ShareDeps, "fetch" | "othersAtWork"> {
	readonly ledger: Pick<Ledger, "exchange" | "batch" | "isIndexShared" | "loadIndex" | "missingInput" | "seal">;
	readonly slices: Pick<Slices, "hasLines" | "moreLines">;
	readonly endings: Pick<Endings, "dueOf" | "built" | "failed">;
	readonly isShared: () => boolean;
}

/** Answers the jobs. */
export function createSharing(deps: SharingDeps): Sharing {
	const { ledger, slices, endings, isShared } = deps;
	const own = ledger.exchange.origin;
	/** The other machines know its lines; a batch of which they don't is its own machine's alone. */
	const isTold = (batchId: string): boolean => isShared() && ledger.isIndexShared(batchId);
	return {
		get isShared() {
			return isShared();
		},
		isOwn: ({ origin }) => !isShared() || origin === own,
		hasLines: (batchId) => !isShared() || slices.hasLines(batchId),
		moreLines: (batchId, enough) => (isShared() ? slices.moreLines(batchId, enough) : Promise.resolve(false)),
		hasIndex: (batchId) => ledger.isIndexShared(batchId),
		async bringIndex(batchId) {
			await ledger.loadIndex(batchId);
		},
		bringInput: (batchId) => bring(deps, ledger.missingInput(batchId, null)),
		othersAtWork: deps.othersAtWork,
		endDue(batch, nowMs) {
			if (isTold(batch.id)) return endings.dueOf(batch.id);
			return !isShared() || batch.origin === own ? sealDue(batch, nowMs) : null;
		},
		async seal(batchId, seal) {
			if (isTold(batchId)) endings.built(batchId, seal);
			else await ledger.seal(batchId, seal);
		},
		sealFailed: (batchId) => endings.failed(batchId),
	};
}

/** Waits until the lines of a batch are known here and the bytes of these are. Rejects with a sentence. */
export async function prepareLines(
	deps: Pick<SharingDeps, "fetch"> & { readonly ledger: Pick<Ledger, "batch" | "loadIndex" | "missingInput"> },
	batchId: string,
	lines: LineRanges,
): Promise<void> {
	const { ledger } = deps;
	if (ledger.batch(batchId)?.status === "validating") await ledger.loadIndex(batchId);
	// The first chunk too: it may say how all others are to be read.
	await bring(deps, [...ledger.missingInput(batchId, [[0, 1]]), ...ledger.missingInput(batchId, lines)]);
}

async function bring({ fetch }: Pick<SharingDeps, "fetch">, blobs: readonly BlobName[]): Promise<void> {
	if (blobs.length === 0) return;
	const fetched = await fetch(blobs);
	if (!fetched.ok) throw new Error(fetched.error.message);
}
