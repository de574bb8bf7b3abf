/** What the jobs are told of how their work is shared. */
import { sealDue } from "../../jobs/seal-due.ts";
import type { Sharing } from "../../jobs/sharing.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { LineRanges } from "../core/core.ts";
import type { BlobName } from "../node/messages.ts";
import type { ShareDeps } from "./create-share.ts";
import type { Endings } from "./endings.ts";
import type { Slices } from "./slices.ts";
import type { StandIn } from "./stand-in.ts";

/** What answering the jobs is made of. */
export interface SharingDeps extends Pick<ShareDeps, "fetch" | "othersAtWork"> {
	readonly ledger: Pick<
		Ledger,
		"exchange" | "batch" | "isIndexShared" | "loadIndex" | "missingInput" | "watch" | "seal"
	>;
	readonly slices: Pick<Slices, "hasLines" | "moreLines">;
	readonly endings: Pick<Endings, "dueOf" | "built" | "failed">;
	readonly standIn: Pick<StandIn, "for" | "putOff">;
	readonly isShared: () => boolean;
}

/** Faults that every machine finds in a file; others may be for want of a model, of memory for long prompts, or of a newer program. */
const FAULTS_OF_FILES: ReadonlySet<string> = new Set([
	"duplicate_custom_id",
	"empty_file",
	"invalid_json_line",
	"too_many_tasks",
	"url_mismatch",
]);

/** Answers the jobs. */
export function createSharing(deps: SharingDeps): Sharing {
	const { ledger, slices, endings, standIn, isShared } = deps;
	const own = ledger.exchange.origin;
	/** The other machines know its lines; a batch of which they don't is its own machine's alone. */
	const isTold = (batchId: string): boolean => isShared() && ledger.isIndexShared(batchId);
	return {
		get isShared() {
			return isShared();
		},
		isOwn: (batch) => !isShared() || batch.origin === own || standIn.for(batch),
		async beginCheck({ id, origin }) {
			if (!isShared() || origin === own) return;
			try {
				await bring(deps, ledger.missingInput(id, null));
			} catch (error) {
				standIn.putOff(id);
				throw error;
			}
		},
		mayRefuse({ id, origin }, faults) {
			const isOwnVerdict = !isShared() || origin === own || faults.some(({ code }) => FAULTS_OF_FILES.has(code));
			if (!isOwnVerdict) standIn.putOff(id);
			return isOwnVerdict;
		},
		hasLines: (batchId) => !isShared() || slices.hasLines(batchId),
		moreLines: (batchId, enough) => (isShared() ? slices.moreLines(batchId, enough) : Promise.resolve(false)),
		hasIndex: (batchId) => ledger.isIndexShared(batchId),
		async bringIndex(batchId) {
			await ledger.loadIndex(batchId);
		},
		async bringInput(batchId) {
			if (isTold(batchId)) return prepareLines(deps, batchId, null);
			const isMakersAlone = isShared() && ledger.batch(batchId)?.origin !== own;
			const brought = bring(deps, ledger.missingInput(batchId, null));
			// Of lines that nobody was told of there are no results to be written with them.
			await (isMakersAlone ? brought.catch(() => undefined) : brought);
		},
		othersAtWork: deps.othersAtWork,
		endDue(batch, nowMs) {
			if (isTold(batch.id)) return endings.dueOf(batch);
			if (!isShared() || batch.origin === own) return sealDue(batch, nowMs);
			if (!standIn.for(batch, "ending")) return null;
			// Nobody can be waited for to check it any more.
			return batch.status === "validating" && nowMs >= batch.expiresAtMs ? "expired" : sealDue(batch, nowMs);
		},
		async seal(batchId, seal) {
			if (isTold(batchId)) endings.built(batchId, seal);
			else await ledger.seal(batchId, seal);
		},
		sealFailed: (batchId) => endings.failed(batchId),
	};
}

/** What `prepareLines` needs. */
interface PreparingDeps extends Pick<SharingDeps, "fetch"> {
	readonly ledger: Pick<Ledger, "batch" | "isIndexShared" | "loadIndex" | "missingInput" | "watch">;
}

/**
 * A host may hand out lines of a batch before its operations are on this disk: they are on their way. Beyond this something is in
 * their way, and another machine should have the lines.
 */
const KNOWN_WITHIN_MS = 10_000;

/** Waits until the lines of a batch are known here and the bytes of these (null: of all) are. Rejects with a sentence. */
export async function prepareLines(deps: PreparingDeps, batchId: string, lines: LineRanges | null): Promise<void> {
	const { ledger } = deps;
	await untilKnown(deps, batchId);
	if (ledger.batch(batchId)?.status === "validating" && !(await ledger.loadIndex(batchId))) {
		throw new Error(`It is not known here where the lines of ${batchId} lie.`);
	}
	if (lines === null) return bring(deps, ledger.missingInput(batchId, null));
	// The first chunk too: it may say how all others are to be read.
	await bring(deps, [...ledger.missingInput(batchId, [[0, 1]]), ...ledger.missingInput(batchId, lines)]);
}

function untilKnown({ ledger }: PreparingDeps, batchId: string): Promise<void> {
	const isKnown = (): boolean => ledger.batch(batchId) !== null && ledger.isIndexShared(batchId);
	if (isKnown()) return Promise.resolve();
	return new Promise((resolve, reject) => {
		const end = (): void => {
			clearTimeout(timer);
			stop();
		};
		const timer = setTimeout(() => {
			end();
			reject(new Error(`What other machines wrote about ${batchId} is not here yet.`));
		}, KNOWN_WITHIN_MS);
		const stop = ledger.watch(() => {
			if (!isKnown()) return;
			end();
			resolve();
		});
	});
}

async function bring({ fetch }: Pick<SharingDeps, "fetch">, blobs: readonly BlobName[]): Promise<void> {
	if (blobs.length === 0) return;
	const fetched = await fetch(blobs);
	if (!fetched.ok) throw new Error(fetched.error.message);
}
