import type { Log } from "../base/base.ts";
import { dialectFor } from "../engine/dialects/dialect.ts";
import type { Engine, LoadedModel } from "../engine/engine.ts";
import type { BatchRecord, Fault, FileRecord, IndexedLine, Ledger } from "../ledger/ledger.ts";
import type { ModelFile, Models } from "../models/models.ts";
import { peekFirstRequest } from "./first-request.ts";
import type { HeldModel, ModelSlot } from "./model-slot.ts";
import { listFaults, type ValidationReport, validateBatchFile } from "./validate/validate.ts";

/** Takes batches from `validating` to `in_progress` or `failed`. */
export interface Validator {
	/** False while a batch without faults waits for its model, which tells how long a prompt may be. */
	isDue(batch: BatchRecord): boolean;
	/** Rejects only when the disk fails; nothing of a faulty file is queued. */
	validate(batch: BatchRecord, signal: AbortSignal): Promise<void>;
}

/** What `createValidator` needs. */
export interface ValidatorDeps {
	readonly ledger: Ledger;
	readonly engine: Engine;
	readonly models: Models;
	readonly slot: ModelSlot;
	readonly log: Log;
}

/** A batch, its file, and the way to stop. */
interface Checked {
	readonly batch: BatchRecord;
	readonly file: FileRecord;
	readonly signal: AbortSignal;
}

const inputGone: Fault = {
	code: "file_not_found",
	message: "The input file was deleted or expired before it was checked. Upload it again and create a new batch.",
	param: "input_file_id",
	line: null,
};

/** Builds the validator. */
export function createValidator(deps: ValidatorDeps): Validator {
	const { slot } = deps;
	/** Checked, but for the length of their prompts, while another model was at work. */
	const waiting = new Map<string, ModelFile>();

	async function validateFully(batch: BatchRecord, signal: AbortSignal): Promise<void> {
		const file = deps.ledger.file(batch.manifest.inputFileId);
		if (!file) return refuse(deps, batch, [inputGone]);
		const checked = { batch, file, signal };
		const model = await findModel(deps, checked);
		if (!model) return refuseWithout(deps, batch, await check(deps, checked, null, null));
		const acquiring = slot.tryAcquire(model);
		if (!acquiring) {
			const report = await check(deps, checked, model, null);
			if (report.faults.length > 0) return refuse(deps, batch, listFaults(report));
			waiting.set(batch.id, model);
			return;
		}
		const held = await acquiring;
		if (!held.ok) {
			const message = `The model ${model.name} can't be loaded: ${held.error.message}`;
			return refuse(deps, batch, [{ code: "model_load_failed", message, param: "model", line: null }]);
		}
		waiting.delete(batch.id);
		try {
			await checkWithModel(deps, checked, model, held.value);
		} finally {
			held.value.release();
		}
	}

	return {
		isDue(batch) {
			const model = waiting.get(batch.id);
			return model === undefined || slot.isFree(model);
		},
		async validate(batch, signal) {
			try {
				await validateFully(batch, signal);
			} catch (error) {
				if (!signal.aborted) throw error;
				waiting.delete(batch.id);
			}
		},
	};
}

/** The model of the batch; null: its file names none that is here. */
async function findModel({ ledger, models }: ValidatorDeps, { batch, file }: Checked): Promise<ModelFile | null> {
	const { modelOverride } = batch.manifest;
	if (modelOverride !== null) {
		const found = models.find(modelOverride);
		return found.ok ? found.value : null;
	}
	const first = await peekFirstRequest(ledger.readFile(file));
	return first ? models.named(first.model) : null;
}

/** Reads the whole file. Without a loaded model prompts are not measured and nothing is indexed. */
function check(
	{ ledger, engine, models }: ValidatorDeps,
	{ batch, file, signal }: Checked,
	model: ModelFile | null,
	loaded: LoadedModel | null,
): Promise<ValidationReport> {
	const names = models.list().map(({ name }) => name);
	const known = new Set(names);
	if (loaded) ledger.clearIndex(batch.id);
	const index = (lines: readonly IndexedLine[]) => ledger.indexLines(batch.id, lines);
	return validateBatchFile(
		ledger.readFile(file),
		{
			endpoint: batch.manifest.endpoint,
			modelOverride: batch.manifest.modelOverride === null ? null : (model?.name ?? null),
			// The names `models.named` knows, looked up once for all lines.
			resolveModel: (name) => (known.has(name) ? name : null),
			modelNames: names,
			contextTokens: loaded?.contextTokens ?? null,
			templateOverheadTokens: loaded?.templateOverheadTokens ?? 0,
			countPromptTokens: (requests) => engine.countPromptTokens(requests),
			dialectFor,
			signal,
		},
		{ lines: loaded ? index : () => {} },
	);
}

async function checkWithModel(deps: ValidatorDeps, checked: Checked, model: ModelFile, held: HeldModel): Promise<void> {
	const { batch } = checked;
	const report = await check(deps, checked, model, held.loaded);
	if (report.faults.length > 0) return refuse(deps, batch, listFaults(report));
	const identity = { name: model.name, digest: await deps.models.digest(model) };
	await deps.ledger.settleValidation(batch.id, { kind: "valid", total: report.total, model: identity });
	deps.log.info({ batch: batch.id, total: report.total, notices: report.notices }, "batch accepted");
}

async function refuse({ ledger, log }: ValidatorDeps, batch: BatchRecord, faults: readonly Fault[]): Promise<void> {
	log.info({ batch: batch.id, faults: faults.length }, "batch refused");
	await ledger.settleValidation(batch.id, { kind: "invalid", faults });
}

/** No model could be told from the first line, so the report has faults, or the override's file is gone. */
function refuseWithout(deps: ValidatorDeps, batch: BatchRecord, report: ValidationReport): Promise<void> {
	if (report.faults.length > 0) return refuse(deps, batch, listFaults(report));
	const message = `The model ${batch.manifest.modelOverride} is not on this machine any more. Put it back or name another.`;
	return refuse(deps, batch, [{ code: "model_not_found", message, param: "model", line: null }]);
}
