import type { Clock } from "../../base/base.ts";
import type { ResidentModel } from "../../engine/residency.ts";
import type { BatchRecord } from "../../ledger/ledger.ts";
import type { Troubles } from "../troubles.ts";
import { mayWorkOn, type WorkPermit } from "../work-permit.ts";
import { type CurrentWork, chooseBatch, type OrderFacts, shouldLeave, takeUp } from "./order.ts";

/** Which batch is worked on, and whether it is another one's turn. */
export interface Choice {
	/** The batch to take up now, while none is; null: none. */
	next(): BatchRecord | null;
	/** Work on it begins. */
	begin(batch: BatchRecord): void;
	end(): void;
	/** What is worked on, as the order sees it. */
	readonly current: CurrentWork | null;
	/** The batch at work is to be drained. */
	isOver(): boolean;
}

/** What `createChoice` needs. */
export interface ChoiceDeps {
	/** Batches to attend to. */
	readonly openBatches: () => readonly BatchRecord[];
	readonly models: () => readonly ResidentModel[];
	readonly isNightSpent: () => boolean;
	readonly permit: () => WorkPermit;
	/** By batch, as far as it is known. */
	readonly slackMs: () => ReadonlyMap<string, number>;
	readonly troubles: Pick<Troubles, "isResting">;
	readonly clock: Clock;
}

/** Asks `order.ts` with what is known now. */
export function createChoice(deps: ChoiceDeps): Choice {
	let current: CurrentWork | null = null;

	/** Batches whose lines may run now: all, those to be rehearsed, or none. */
	function permitted(): readonly BatchRecord[] {
		const permit = deps.permit();
		return deps.openBatches().filter((batch) => mayWorkOn(permit, batch));
	}

	function factsOf(batches: readonly BatchRecord[]): OrderFacts {
		return {
			nowMs: deps.clock.nowMs(),
			current,
			residentModels: digestsInMemory(batches, deps.models()),
			isNightSpent: deps.isNightSpent(),
			slackMs: deps.slackMs(),
		};
	}

	return {
		next() {
			const batches = permitted();
			const able = batches.filter(({ id }) => !deps.troubles.isResting(id));
			// One that rests has its turn too where nobody else wants it: what kept it from going on may be mended.
			return chooseBatch(able, factsOf(able)) ?? chooseBatch(batches, factsOf(batches));
		},
		begin(batch) {
			current = takeUp(batch, deps.clock.nowMs());
		},
		end() {
			current = null;
		},
		get current() {
			return current;
		},
		isOver() {
			if (current === null) return false;
			const { batchId } = current;
			const batches = permitted().filter(({ id }) => id === batchId || !deps.troubles.isResting(id));
			return shouldLeave(batches, factsOf(batches));
		},
	};
}

/** A model in memory is known by its name or path, a batch's by its digest: that of a batch tells it for all. */
function digestsInMemory(batches: readonly BatchRecord[], models: readonly ResidentModel[]): ReadonlySet<string> {
	const digests = new Set<string>();
	for (const { model, manifest } of batches) {
		if (model === null) continue;
		const isThere = models.some(
			({ source, isLeaving }) => !isLeaving && (source.name === model.name || source.path === manifest.modelOverride),
		);
		if (isThere) digests.add(model.digest);
	}
	return digests;
}
