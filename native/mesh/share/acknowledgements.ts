/** Waiting until a new batch is as safe as its owner's policy wants: its operations and its input on two disks, or the reason why not. */
import { setTimeout as pause } from "node:timers/promises";
import type { Log } from "../../base/base.ts";
import type { Durability } from "../../contract/contract.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { BlobName, ServiceEffect, ToNode } from "../node/messages.ts";

/** Acknowledgements under way. */
export interface Acknowledgements {
	acknowledge(batchId: string): Promise<Durability>;
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
	readonly ledger: Pick<Ledger, "batch" | "file" | "placeOfBatch">;
	readonly log: Log;
	readonly isShared: () => boolean;
	readonly protection: () => "auto" | "protect";
	post(message: ToNode): void;
	keepElsewhere(blobs: readonly BlobName[]): Promise<"kept" | "no-room" | "nobody">;
}

/** Where everything must be on two machines, another one is looked for so often. */
const ASK_AGAIN_MS = 2_000;

/** Batches whose inputs stand on one machine alone are remembered: the latest. */
const MOST_REMEMBERED = 1_000;

const ALONE: Durability = { level: 1, reason: "only-member" };

/** Nobody waits. */
export function createAcknowledgements(deps: AcknowledgementsDeps): Acknowledgements {
	const { ledger } = deps;
	const waiting = new Map<string, { readonly ask: ToNode; settle(durability: Durability): void }>();
	const inputs = new Map<string, NonNullable<Durability["reason"]>>();
	let count = 0;

	/** How safe the operation is that made the batch. */
	function askCore(batchId: string): Promise<Durability> {
		const place = ledger.placeOfBatch(batchId);
		if (place === null || !deps.isShared()) return Promise.resolve(ALONE);
		count += 1;
		const request = `${batchId} ${count}`;
		const ask: ToNode = { kind: "acknowledge", request, ...place };
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
		for (const oldest of inputs.keys()) {
			if (inputs.size <= MOST_REMEMBERED) break;
			inputs.delete(oldest);
		}
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
		async acknowledge(batchId) {
			const durability = await askCore(batchId);
			return durability.level === 2 ? keepInput(batchId) : durability;
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
