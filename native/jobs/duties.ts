import type { BatchRecord, LineResult } from "../ledger/ledger.ts";
import { createDuty, type Duty } from "./duty.ts";
import { buildSeal } from "./finish.ts";
import type { InHand } from "./insight/insight.ts";
import type { Rates } from "./insight/rates.ts";
import type { JobsDeps } from "./jobs-deps.ts";
import type { Choice } from "./order/choice.ts";
import type { Troubles } from "./troubles.ts";
import { createValidator } from "./validator.ts";
import type { BatchMemories } from "./work/batch-memory.ts";
import type { KeptLeases } from "./work/kept-leases.ts";
import type { Stints } from "./work/stint.ts";
import { workOn } from "./work/work.ts";

/** The three duties every open batch goes through. */
export interface Duties {
	readonly validating: Duty;
	readonly working: Duty;
	readonly finishing: Duty;
	/** The batch that is worked on has its model; else it waits for it, or has not come to that. */
	hasModel(): boolean;
	/** The batches that are checked and worked on now. */
	inHand(): readonly InHand[];
}

/** What the duties need beyond the jobs' own needs. */
export interface DutiesDeps extends JobsDeps {
	/** The batches to attend to, oldest first. */
	readonly openBatches: () => readonly BatchRecord[];
	readonly choice: Choice;
	readonly rates: Rates;
	readonly stints: Stints;
	readonly kept: KeptLeases;
	readonly memories: BatchMemories;
	readonly troubles: Troubles;
	/** As `Jobs.start` has it. */
	readonly onBegin: (batch: BatchRecord) => void;
	/** A batch was let go: it may be due for another duty now. */
	readonly onLetGo: () => void;
}

/** Builds the duties. Each reads what is due from the ledger, so a batch is taken up where a killed process left it. */
export function createDuties(deps: DutiesDeps): Duties {
	const validating = createValidating(deps);
	const working = createWorking(deps);
	const isInHand = (batchId: string) => validating.duty.current() === batchId || working.duty.current() === batchId;
	return {
		validating: validating.duty,
		working: working.duty,
		hasModel: working.hasModel,
		finishing: createFinishing(deps, isInHand),
		inHand() {
			const checked = validating.inHand();
			const { current } = deps.choice;
			const worked = current && {
				batchId: current.batchId,
				sinceMs: current.sinceMs,
				isWorking: true,
				isDraining: working.duty.isDraining(),
			};
			return [checked, worked].filter((batch) => batch !== null);
		},
	};
}

/** What all duties say of trouble. */
function troublesOf({ troubles, onLetGo, log }: DutiesDeps) {
	const onTrouble = (batchId: string, message: string | null) => {
		if (message === null) troubles.mended(batchId);
		else troubles.failed(batchId, message);
	};
	return { onTrouble, onLetGo, log };
}

/** Checks files; then answers that are there already are taken over, so that people see what is left before it starts. */
function createValidating(deps: DutiesDeps): { readonly duty: Duty; inHand(): InHand | null } {
	const { ledger, sharing, clock } = deps;
	const validator = createValidator(deps);
	let inHand: InHand | null = null;
	const isDue = (batch: BatchRecord) =>
		batch.status === "validating" && (sharing.hasIndex(batch.id) || (sharing.isOwn(batch) && validator.isDue(batch)));
	const duty = createDuty({
		name: "validate",
		next: () => deps.openBatches().find(isDue) ?? null,
		async perform(batch, { stop }) {
			inHand = { batchId: batch.id, sinceMs: clock.nowMs(), isWorking: false, isDraining: false };
			try {
				if (sharing.hasIndex(batch.id)) await sharing.bringIndex(batch.id);
				else {
					await sharing.beginCheck(batch);
					await validator.validate(batch, stop);
				}
				if (ledger.batch(batch.id)?.status === "in_progress" && sharing.isOwn(batch))
					await ledger.adoptResults(batch.id);
			} finally {
				inHand = null;
			}
		},
		...troublesOf(deps),
	});
	return { duty, inHand: () => inHand };
}

function createWorking(deps: DutiesDeps): { readonly duty: Duty; hasModel(): boolean } {
	const { choice, rates, memories, troubles, kept, clock } = deps;
	let hasModel = false;
	const onModel = (isHeld: boolean) => {
		hasModel = isHeld;
	};
	const duty = createDuty({
		name: "work",
		next: choice.next,
		async perform(batch, signals) {
			rates.reset();
			const memory = memories.of(batch);
			const onLineDone = ({ provenance: made }: LineResult) => {
				memory.lastResultAtMs = clock.nowMs();
				rates.count(1, made.promptTokens - made.cachedTokens + made.completionTokens);
			};
			const onTrouble = (message: string | null) => troubles.tell(batch.id, message);
			choice.begin(batch);
			// Others' lines that were put off with them have lost their turn. A rehearsal meanwhile is none.
			if (deps.permit().isGranted) kept.releaseOthers(batch.id);
			try {
				await workOn({ ...deps, memory, onModel, onLineDone, onTrouble }, batch, signals);
			} finally {
				choice.end();
			}
		},
		...troublesOf(deps),
	});
	return { duty, hasModel: () => hasModel };
}

function createFinishing(deps: DutiesDeps, isInHand: (batchId: string) => boolean): Duty {
	const { ledger, sharing, clock, log } = deps;
	const isDue = (batch: BatchRecord) => sharing.endDue(batch, clock.nowMs()) !== null && !isInHand(batch.id);
	return createDuty({
		name: "finish",
		next: () => deps.openBatches().find(isDue) ?? null,
		async perform(batch) {
			const status = sharing.endDue(batch, clock.nowMs());
			if (status === null) return;
			if (batch.model === null) ledger.clearIndex(batch.id);
			try {
				await sharing.bringInput(batch.id);
				await sharing.seal(batch.id, await buildSeal(ledger, batch.id, status));
			} catch (error) {
				sharing.sealFailed(batch.id);
				throw error;
			}
			log.info({ batch: batch.id, status }, "the results of a batch are written");
		},
		...troublesOf(deps),
	});
}
