import { assertNever, type Clock, err, type Log, ok } from "../base/base.ts";
import { BATCH_ENDPOINTS } from "../contract/contract.ts";
import type { Residency } from "../engine/residency.ts";
import { isEnded } from "../ledger/batch-status.ts";
import type { BatchRecord, Ledger, LineResult, Seal } from "../ledger/ledger.ts";
import type { Models } from "../models/models.ts";
import { createDuty, type Duty, type DutyDeps } from "./duty.ts";
import { finishBatch } from "./finish.ts";
import type { CreateFailure, Jobs } from "./jobs.ts";
import { describeProgress } from "./progress.ts";
import { createRates, type Rates } from "./rates.ts";
import { createValidator } from "./validator.ts";
import { workOn } from "./work.ts";

/** What `createJobs` needs. */
export interface JobsDeps {
	readonly ledger: Ledger;
	readonly residency: Residency;
	readonly models: Models;
	readonly clock: Clock;
	readonly log: Log;
	/** Name of this machine, for provenance. */
	readonly machine: string;
}

/** What happens without a word is looked for this often: a batch's window ends, live requests leave a model free to be used. */
const LOOK_MS = 1_000;

/**
 * Builds the three duties every open batch goes through: validate, work, finish. Each reads what is due from the ledger, so a
 * batch is taken up where a killed process left it.
 */
export function createJobs(deps: JobsDeps): Jobs {
	const { ledger, residency, clock } = deps;
	const troubles = new Map<string, string>();
	const rates = createRates(clock);
	const onTrouble = (batchId: string, message: string | null) => {
		if (message === null) troubles.delete(batchId);
		else troubles.set(batchId, message);
	};
	let only: string | null = null;
	const openBatches = () => ledger.openBatches().filter((batch) => only === null || batch.id === only);
	const duties = createDuties({ ...deps, openBatches }, rates, { onTrouble, onLetGo: () => wakeAll() });
	const all = [duties.validating, duties.working, duties.finishing];
	function wakeAll(): void {
		for (const duty of all) duty.wake();
	}
	let stopWatching = () => {};
	let lookTimer: NodeJS.Timeout | undefined;

	function look(): void {
		const current = duties.working.current();
		const batch = current === null ? null : ledger.batch(current);
		if (batch && sealDue(batch, clock) !== null) duties.working.interrupt(batch.id);
		duties.finishing.wake();
		duties.validating.wake();
	}

	return {
		async create(manifest, idempotencyKey) {
			const refusal = refuse(ledger, manifest.inputFileId, manifest.endpoint);
			if (refusal) return err(refusal);
			const { batch } = await ledger.createBatch(manifest, idempotencyKey);
			wakeAll();
			return ok(batch);
		},
		async cancel(batchId) {
			const before = ledger.batch(batchId);
			if (!before) return err({ kind: "not-found" });
			if (before.status === "cancelling") return ok(before);
			if (isEnded(before.status)) return err({ kind: "already-ended", batch: before });
			const batch = await ledger.cancel(batchId);
			for (const duty of all) duty.interrupt(batchId);
			wakeAll();
			return ok(batch);
		},
		progress(batchId) {
			const batch = ledger.batch(batchId);
			if (!batch) return null;
			const isWorking = duties.working.current() === batchId;
			return describeProgress(batch, {
				rates: isWorking ? rates : null,
				models: residency.models,
				isInHand: isWorking || duties.validating.current() === batchId,
				trouble: troubles.get(batchId) ?? null,
			});
		},
		start(batchId) {
			only = batchId ?? null;
			stopWatching = ledger.watch(wakeAll);
			lookTimer = setInterval(look, LOOK_MS);
			for (const duty of all) duty.start();
		},
		async stop() {
			clearInterval(lookTimer);
			stopWatching();
			await Promise.all(all.map((duty) => duty.stop()));
		},
	};
}

interface Duties {
	readonly validating: Duty;
	readonly working: Duty;
	readonly finishing: Duty;
}

/** What the duties need beyond the jobs' own needs. */
interface DutiesDeps extends JobsDeps {
	/** The batches to attend to, oldest first. */
	readonly openBatches: () => readonly BatchRecord[];
}

function createDuties(deps: DutiesDeps, rates: Rates, events: Pick<DutyDeps, "onTrouble" | "onLetGo">): Duties {
	const { ledger, clock, log } = deps;
	const validator = createValidator(deps);
	const firstOpen = (isDue: (batch: BatchRecord) => boolean) => deps.openBatches().find(isDue) ?? null;

	const validating = createDuty({
		name: "validate",
		next: () => firstOpen((batch) => batch.status === "validating" && validator.isDue(batch)),
		perform: (batch, signal) => validator.validate(batch, signal),
		...events,
		log,
	});
	const working = createDuty({
		name: "work",
		next: () => firstOpen((batch) => batch.status === "in_progress" && sealDue(batch, clock) === null),
		perform: (batch, signal) => {
			rates.reset();
			const onLineDone = ({ provenance: made }: LineResult) =>
				rates.count(1, made.promptTokens - made.cachedTokens + made.completionTokens);
			const tellTrouble = (message: string | null) => events.onTrouble(batch.id, message);
			return workOn({ ...deps, onLineDone, onTrouble: tellTrouble }, batch, signal);
		},
		...events,
		log,
	});
	const isInHand = (batchId: string) => validating.current() === batchId || working.current() === batchId;
	const finishing = createDuty({
		name: "finish",
		next: () => firstOpen((batch) => sealDue(batch, clock) !== null && !isInHand(batch.id)),
		perform: async (batch) => {
			const status = sealDue(batch, clock);
			if (status === null) return;
			if (batch.model === null) ledger.clearIndex(batch.id);
			await finishBatch(ledger, batch.id, status);
			log.info({ batch: batch.id, status }, "batch ended");
		},
		...events,
		log,
	});
	return { validating, working, finishing };
}

/** How a batch is to be sealed now; null: it is not time yet. */
function sealDue(batch: BatchRecord, clock: Clock): Seal["status"] | null {
	switch (batch.status) {
		case "cancelling":
			return "cancelled";
		case "finalizing":
			return "completed";
		case "in_progress":
			if (batch.completed + batch.failed === batch.total) return "completed";
			return clock.nowMs() >= batch.expiresAtMs ? "expired" : null;
		case "validating":
		case "failed":
		case "completed":
		case "expired":
		case "cancelled":
			return null;
		default:
			return assertNever(batch.status);
	}
}

function refuse(ledger: Ledger, fileId: string, endpoint: string): CreateFailure | null {
	const file = ledger.file(fileId);
	if (!file) {
		return { kind: "file-not-found", message: `There is no file ${fileId}; upload it first.`, param: "input_file_id" };
	}
	if (file.purpose !== "batch") {
		const message = `The file ${fileId} was uploaded for "${file.purpose}"; upload it with purpose "batch".`;
		return { kind: "wrong-purpose", message, param: "input_file_id" };
	}
	if (!BATCH_ENDPOINTS.some((served) => served === endpoint)) {
		const message = `The endpoint ${endpoint} is not served in batches; use one of ${BATCH_ENDPOINTS.join(", ")}.`;
		return { kind: "unsupported-endpoint", message, param: "endpoint" };
	}
	return null;
}
