/** Waiting until a new batch is as safe as its owner's policy wants: its operations and its input on two disks, or the reason why not. */
import { setTimeout as pause } from "node:timers/promises";
import type { Log } from "../../base/base.ts";
import type { Durability } from "../../contract/contract.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { BatchPlace, BlobName, ServiceEffect, ToNode } from "../node/messages.ts";

/** Acknowledgements under way. */
export interface Acknowledgements {
	/** Null: its operation is not among this machine's latest. */
	acknowledge(batchId: string): Promise<Durability> | null;
	/** This machine made a batch. */
	note(place: BatchPlace): void;
	/** The core answers. */
	perform(effect: Extract<ServiceEffect, { kind: "acknowledged" | "too-many-waiting" }>): void;
	/** The core that was asked is gone; another is there. */
	askAgain(): void;
	/** There are no other machines any more: nothing is waited for. */
	settleAll(): void;
	/** Why an input stands on this machine alone although its batch is safe; null: it does not, or nobody asked. */
	inputReason(batchId: string): Durability["reason"];
}

/** What they are made of. */
export interface AcknowledgementsDeps {
	readonly ledger: Pick<Ledger, "batch" | "file">;
	readonly log: Log;
	readonly isShared: () => boolean;
	readonly protection: () => "auto" | "protect";
	post(message: ToNode): void;
	keepElsewhere(blobs: readonly BlobName[]): Promise<"kept" | "no-room" | "nobody">;
}

/** Where everything must be on two machines, another one is looked for so often. */
const ASK_AGAIN_MS = 2_000;

/** Batches that are remembered, the latest: who asks does so right after making one. */
const MOST_REMEMBERED = 1_000;

const ALONE: Durability = { level: 1, reason: "only-member" };

/** Nobody waits. */
export function createAcknowledgements(deps: AcknowledgementsDeps): Acknowledgements {
	const { ledger } = deps;
	const waiting = new Map<string, { readonly ask: ToNode; settle(durability: Durability): void }>();
	const inputs = new Map<string, NonNullable<Durability["reason"]>>();
	const places = new Map<string, BatchPlace>();
	let count = 0;

	/** How safe the operation is that made a batch. */
	function askCore({ batchId, origin, sequence }: BatchPlace): Promise<Durability> {
		count += 1;
		const request = `${batchId} ${count}`;
		const ask: ToNode = { kind: "acknowledge", request, origin, sequence };
		return new Promise((resolve) => {
			waiting.set(request, { ask, settle: resolve });
			deps.post(ask);
		});
	}

	function inputOf(batchId: string): readonly BlobName[] {
		const fileId = ledger.batch(batchId)?.manifest.inputFileId;
		return fileId === undefined ? [] : (ledger.file(fileId)?.blobs ?? []);
	}

	function remember(batchId: string, reason: NonNullable<Durability["reason"]>): Durability {
		inputs.set(batchId, reason);
		forgetOldest(inputs);
		return { level: 1, reason };
	}

	async function keepInput(batchId: string): Promise<Durability> {
		for (;;) {
			const kept = await deps.keepElsewhere(inputOf(batchId));
			if (kept === "kept") {
				inputs.delete(batchId);
				return { level: 2, reason: null };
			}
			const isStrict = deps.protection() === "protect" && deps.isShared();
			if (!isStrict) return remember(batchId, kept === "no-room" ? "no-room" : "alone");
			await pause(ASK_AGAIN_MS);
		}
	}

	return {
		acknowledge(batchId) {
			if (!deps.isShared()) return Promise.resolve(ALONE);
			const place = places.get(batchId);
			if (place === undefined) return null;
			return askCore(place).then((durability) => (durability.level === 2 ? keepInput(batchId) : durability));
		},
		note(place) {
			places.set(place.batchId, place);
			forgetOldest(places);
		},
		perform(effect) {
			const request = waiting.get(effect.request);
			waiting.delete(effect.request);
			request?.settle(effect.kind === "acknowledged" ? effect.durability : { level: 1, reason: "pending" });
		},
		askAgain() {
			for (const { ask } of waiting.values()) deps.post(ask);
		},
		settleAll() {
			for (const { settle } of waiting.values()) settle(ALONE);
			waiting.clear();
		},
		inputReason: (batchId) => inputs.get(batchId) ?? null,
	};
}

function forgetOldest(map: Map<string, unknown>): void {
	for (const oldest of map.keys()) {
		if (map.size <= MOST_REMEMBERED) return;
		map.delete(oldest);
	}
}
