import type { Clock, Log } from "../base/base.ts";
import { dialectFor } from "../engine/dialects/dialect.ts";
import type { Engine } from "../engine/engine.ts";
import type { BatchRecord, Ledger, LineResult } from "../ledger/ledger.ts";
import type { Models } from "../models/models.ts";
import { promptText } from "./batch-line.ts";
import { feedBatch } from "./feed.ts";
import { createGatherer } from "./gather.ts";
import { createLineRunner } from "./line.ts";
import type { ModelSlot } from "./model-slot.ts";

/** What `workOn` needs. */
export interface WorkDeps {
	readonly ledger: Ledger;
	readonly engine: Engine;
	readonly slot: ModelSlot;
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
 * Runs the lines of a validated batch that have no result yet, until none is left or the signal says stop. Rejects with a
 * sentence for people when the model can't be loaded any more.
 */
export async function workOn(deps: WorkDeps, batch: BatchRecord, signal: AbortSignal): Promise<void> {
	const { ledger, log } = deps;
	const dialect = dialectFor(batch.manifest.endpoint);
	if (!dialect || !batch.model) throw new Error(`The batch ${batch.id} was not validated by this version.`);
	const model = deps.models.find(batch.manifest.modelOverride ?? batch.model.name);
	if (!model.ok) throw new Error(model.error.message);
	const held = await deps.slot.acquire({ path: model.value.path, name: model.value.name });
	if (!held.ok) throw new Error(held.error.message);
	try {
		const { loaded } = held.value;
		const adopted = await ledger.adoptResults(batch.id);
		log.info({ batch: batch.id, adopted, model: model.value.name, lanes: loaded.lanes }, "working on a batch");
		const gatherer = createGatherer({
			commit: async (results) => {
				await ledger.commit(batch.id, results);
			},
			onTrouble: deps.onTrouble,
		});
		const runner = createLineRunner({ ...deps, batch, dialect, model: batch.model, loaded });
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
			signal,
		);
	} finally {
		held.value.release();
	}
}
