import { err, ok } from "../base/base.ts";
import { BATCH_ENDPOINTS } from "../contract/contract.ts";
import type { BatchRecord, Ledger } from "../ledger/ledger.ts";
import { createActions } from "./actions.ts";
import { createDuties, type DutiesDeps } from "./duties.ts";
import { createInsight } from "./insight/insight.ts";
import { createLookout } from "./insight/lookout.ts";
import { createPaces } from "./insight/pace.ts";
import { createRates } from "./insight/rates.ts";
import { createShortageWatch } from "./insight/shortage.ts";
import type { CreateFailure, Jobs } from "./jobs.ts";
import type { JobsDeps } from "./jobs-deps.ts";
import { findInput } from "./new-batch.ts";
import { createChoice } from "./order/choice.ts";
import { hasWork, wantsToRehearse } from "./order/demand.ts";
import { createNightWatch } from "./order/night-watch.ts";
import { sealDue } from "./seal-due.ts";
import { createTroubles } from "./troubles.ts";
import { createBatchMemories } from "./work/batch-memory.ts";
import { createKeptLeases } from "./work/kept-leases.ts";
import { createStints } from "./work/stint.ts";
import { mayWorkOn } from "./work-permit.ts";

/**
 * What happens without a word is looked for this often: a batch's window ends or it may begin, another one's turn comes, live
 * requests leave a model free to be used, the permit to work comes or goes.
 */
const LOOK_MS = 1_000;

/** Builds the batches' life: three duties, people's actions, and a look at what changes by itself. */
export function createJobs(deps: JobsDeps): Jobs {
	const { ledger } = deps;
	let only: string | null = null;
	const openBatches = () => ledger.openBatches().filter((batch) => only === null || batch.id === only);
	let onBegin: (batch: BatchRecord) => void = () => {};
	const onLetGo = () => wakeAll();
	const parts = createParts(deps, { openBatches, onBegin: (batch) => onBegin(batch), onLetGo });
	const { duties, insight } = parts;
	const all = [duties.validating, duties.working, duties.finishing];
	const wakeAll = () => {
		parts.kept.look();
		for (const duty of all) duty.wake();
	};
	let stopWatching = () => {};
	let lookTimer: NodeJS.Timeout | null = null;
	let looking: Promise<void> = Promise.resolve();

	function look(): void {
		const batches = openBatches();
		const ids = new Set(batches.map(({ id }) => id));
		parts.troubles.keep(ids);
		parts.memories.keep(ids);
		parts.shortages.look();
		parts.paces.look(batches);
		endWorkThatIsOver(deps, parts);
		const warned = parts.lookout.look(batches.filter(deps.sharing.isOwn));
		looking = looking.then(() => warned);
		wakeAll();
	}

	/** What is told of a batch that is there. */
	function tell<T>(batchId: string, about: (batch: BatchRecord) => T): T | null {
		const batch = ledger.batch(batchId);
		return batch && about(batch);
	}

	const demand = () => ({ nowMs: deps.clock.nowMs(), isNightSpent: parts.night.spent() !== null });

	return {
		async create(manifest, idempotencyKey) {
			const refusal = refuse(ledger, manifest.inputFileId, manifest.endpoint);
			if (refusal) return err(refusal);
			const { batch } = await ledger.createBatch(manifest, idempotencyKey);
			wakeAll();
			return ok(batch);
		},
		...createActions({
			ledger,
			interrupt(batchId) {
				for (const duty of all) duty.interrupt(batchId);
			},
			drain: duties.working.drain,
			wake: wakeAll,
		}),
		progress: (batchId) => tell(batchId, insight.progress),
		forecast: (batchId) => tell(batchId, insight.forecast),
		health: (batchId) => tell(batchId, insight.health),
		attend() {
			if (lookTimer !== null) look();
		},
		wantsToRehearse: () => wantsToRehearse(openBatches(), demand()),
		hasWork: () => hasWork(openBatches(), demand()),
		start(batchId, listener) {
			only = batchId ?? null;
			onBegin = listener ?? onBegin;
			stopWatching = ledger.watch(wakeAll);
			lookTimer = setInterval(look, LOOK_MS);
			for (const duty of all) duty.start();
		},
		async stop() {
			if (lookTimer !== null) clearInterval(lookTimer);
			lookTimer = null;
			stopWatching();
			await Promise.all(all.map((duty) => duty.stop()));
			parts.kept.releaseOthers(null);
			await looking;
		},
	};
}

type Parts = ReturnType<typeof createParts>;

/** Everything that knows of batches on their way, joined together. */
function createParts(
	deps: JobsDeps,
	{ openBatches, onBegin, onLetGo }: Pick<DutiesDeps, "openBatches" | "onBegin" | "onLetGo">,
) {
	const { ledger, residency, clock, log } = deps;
	const rates = createRates(clock);
	const paces = createPaces(clock);
	const troubles = createTroubles(clock);
	const memories = createBatchMemories();
	const stints = createStints({ ...deps, frozenMs: () => residency.freezing.frozenMs });
	const night = createNightWatch({ ...deps, unrecorded: stints.unrecorded });
	const kept = createKeptLeases(deps);
	const shortages = createShortageWatch(deps);
	const inHand = () => duties.inHand();
	const insight = createInsight({
		...deps,
		rates,
		paces,
		troubles,
		memories,
		nightSpent: night.spent,
		shortages,
		inHand,
	});
	const lookout = createLookout({ ledger, insight, clock, log });
	const choice = createChoice({
		// One that is still having answers taken over from other batches would run them itself.
		openBatches: () =>
			openBatches().filter((batch) => batch.id !== duties.validating.current() && mayRunHere(deps, batch)),
		models: () => residency.models,
		isNightSpent: () => night.spent() !== null,
		permit: deps.permit,
		slackMs: lookout.slackMs,
		troubles,
		clock,
	});
	const duties = createDuties({
		...deps,
		openBatches,
		choice,
		rates,
		stints,
		kept,
		memories,
		troubles,
		onBegin,
		onLetGo,
	});
	return { duties, insight, lookout, choice, troubles, memories, kept, shortages, night, paces };
}

/** Lines that other machines may run too are run here where some were handed out to this one; rehearsals are run where they were asked for. */
function mayRunHere({ sharing }: JobsDeps, batch: BatchRecord): boolean {
	if (!sharing.isShared) return true;
	return batch.isHeld ? sharing.isOwn(batch) : sharing.hasLines(batch.id);
}

/**
 * A window that ended ends running lines, and so does a permit withdrawn; another batch's turn, or too many failures, let them
 * come to their end.
 */
function endWorkThatIsOver(deps: JobsDeps, { duties, choice }: Parts): void {
	const { ledger, clock } = deps;
	const { working } = duties;
	const current = working.current();
	const batch = current === null ? null : ledger.batch(current);
	if (batch === null) return;
	const due = sealDue(batch, clock.nowMs());
	// Where models are taken away, that ends the lines, after what the lanes hold was counted.
	const isEndedByOthers = deps.residency.isSuspended && duties.hasModel();
	const isWithdrawn = !mayWorkOn(deps.permit(), batch) && !isEndedByOthers;
	if (due === "expired" || due === "cancelled" || isWithdrawn) working.interrupt(batch.id);
	else if (due !== null || choice.isOver()) working.drain(batch.id);
}

function refuse(ledger: Ledger, fileId: string, endpoint: string): CreateFailure | null {
	const input = findInput(ledger, fileId);
	if (!input.ok) return input.error;
	if (!BATCH_ENDPOINTS.some((served) => served === endpoint)) {
		const message = `The endpoint ${endpoint} is not served in batches; use one of ${BATCH_ENDPOINTS.join(", ")}.`;
		return { kind: "unsupported-endpoint", message, param: "endpoint" };
	}
	return null;
}
