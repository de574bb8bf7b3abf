import type { Clock, Log } from "../base/base.ts";
import { batchDialectFor } from "../engine/dialects/dialect.ts";
import type { Residency } from "../engine/residency.ts";
import type { BatchRecord, Ledger, LineResult } from "../ledger/ledger.ts";
import type { Models } from "../models/models.ts";
import { promptText } from "./batch-line.ts";
import { feedBatch } from "./feed.ts";
import { createGatherer } from "./gather.ts";
import { createLineRunner } from "./line.ts";

/** What `workOn` needs. */
export interface WorkDeps {
	readonly ledger: Ledger;
	readonly residency: Residency;
	readonly models: Models;
	readonly machine: string;
	readonly clock: Clock;
	readonly log: Log;
	readonly onLineDone: (result: LineResult) => void;
	readonly onTrouble: (message: string | null) => void;
}

/** Requests handed over beyond the lanes: a lane that falls free finds the next line waiting in the other process. */
const SPARE_REQUESTS_PER_LANE = 1;

/**
 * Runs the lines of a validated batch that have no result yet, until none is left, the signal says stop or the model has to
 * make room for a live request; whoever calls again then waits for the model. Rejects with a sentence for people when the model
 * can't be loaded any more.
 */
export async function workOn(deps: WorkDeps, batch: BatchRecord, signal: AbortSignal): Promise<void> {
	const { ledger, log } = deps;
	const dialect = batchDialectFor(batch.manifest.endpoint);
	if (!dialect || !batch.model) throw new Error(`The batch ${batch.id} was not validated by this version.`);
	const model = deps.models.find(batch.manifest.modelOverride ?? batch.model.name);
	if (!model.ok) throw new Error(model.error.message);
	const { path, name } = model.value;
	const held = await deps.residency.acquire({ path, name }, "batch", signal);
	if (!held.ok) {
		if (held.error.kind !== "aborted") throw new Error(held.error.message);
		if (signal.aborted) return;
		throw new Error(`The model ${name} can't be used: the service is stopping.`);
	}
	try {
		const { engine, loaded, leaving } = held.value;
		const adopted = await ledger.adoptResults(batch.id);
		log.info({ batch: batch.id, adopted, model: name, lanes: loaded.lanes }, "working on a batch");
		const gatherer = createGatherer({
			commit: async (results) => {
				await ledger.commit(batch.id, results);
			},
			onTrouble: deps.onTrouble,
		});
		const runner = createLineRunner({ ...deps, engine, batch, dialect, model: batch.model, loaded });
		await feedBatch(
			{
				ledger,
				gatherer,
				runLine: runner.run,
				quarantine: runner.quarantine,
				promptText: (line) => promptText(line.bytes),
				inFlight: loaded.lanes * (1 + SPARE_REQUESTS_PER_LANE),
				onDone: deps.onLineDone,
			},
			batch.id,
			AbortSignal.any([signal, leaving]),
		);
		if (leaving.aborted) log.info({ batch: batch.id, model: name }, "the batch's model left the memory");
	} finally {
		held.value.release();
	}
}
