import { err, type Log } from "../base/base.ts";
import { batchDialectFor } from "../engine/dialects/dialect.ts";
import type { EngineFailure, ModelSource } from "../engine/engine.ts";
import type { HeldModel, Residency } from "../engine/residency.ts";
import type { BatchRecord, Fault, FileRecord, IndexedLine, Ledger } from "../ledger/ledger.ts";
import type { ModelFile, Models } from "../models/models.ts";
import { peekFirstRequest } from "./first-request.ts";
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
	readonly residency: Residency;
	readonly models: Models;
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

const NO_MODEL: EngineFailure = { kind: "not-loaded", message: "The file is checked without its model so far." };

/** Builds the validator. */
export function createValidator(deps: ValidatorDeps): Validator {
	const { residency } = deps;
	/** Checked, but for the length of their prompts, while another model was at work; or its own had to make room for one. */
	const waiting = new Map<string, ModelSource>();

	async function validateFully(batch: BatchRecord, signal: AbortSignal): Promise<void> {
		const file = deps.ledger.file(batch.manifest.inputFileId);
		if (!file) return refuse(deps, batch, [inputGone]);
		const checked = { batch, file, signal };
		const model = await findModel(deps, checked);
		if (!model) return refuseWithout(deps, batch, await check(deps, checked, null, null));
		const acquired = await residency.tryAcquire({ path: model.path, name: model.name });
		if (acquired?.ok === false && acquired.error.kind !== "aborted") {
			const message = `The model ${model.name} can't be loaded: ${acquired.error.message}`;
			return refuse(deps, batch, [{ code: "model_load_failed", message, param: "model", line: null }]);
		}
		if (!acquired?.ok) {
			const report = await check(deps, checked, model, null);
			if (report.faults.length > 0) return refuse(deps, batch, listFaults(report));
			waiting.set(batch.id, model);
			return;
		}
		const held = acquired.value;
		waiting.delete(batch.id);
		const either = AbortSignal.any([signal, held.leaving]);
		try {
			await checkWithModel(deps, { ...checked, signal: either }, model, held);
		} catch (error) {
			if (!held.leaving.aborted || error !== held.leaving.reason) throw error;
			waiting.set(batch.id, model);
		} finally {
			held.release();
		}
	}

	return {
		isDue(batch) {
			const model = waiting.get(batch.id);
			return model === undefined || residency.isFree(model);
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
	{ ledger, models }: ValidatorDeps,
	{ batch, file, signal }: Checked,
	model: ModelFile | null,
	held: HeldModel | null,
): Promise<ValidationReport> {
	const names = models.list().map(({ name }) => name);
	const known = new Set(names);
	if (held) ledger.clearIndex(batch.id);
	const index = (lines: readonly IndexedLine[]) => ledger.indexLines(batch.id, lines);
	return validateBatchFile(
		ledger.readFile(file),
		{
			endpoint: batch.manifest.endpoint,
			modelOverride: batch.manifest.modelOverride === null ? null : (model?.name ?? null),
			// The names `models.named` knows, looked up once for all lines.
			resolveModel: (name) => (known.has(name) ? name : null),
			modelNames: names,
			contextTokens: held?.loaded.contextTokens ?? null,
			templateOverheadTokens: held?.loaded.templateOverheadTokens ?? 0,
			countPromptTokens: async (requests) => (held ? held.engine.countPromptTokens(requests) : err(NO_MODEL)),
			dialectFor: batchDialectFor,
			signal,
		},
		{ lines: held ? index : () => {} },
	);
}

async function checkWithModel(deps: ValidatorDeps, checked: Checked, model: ModelFile, held: HeldModel): Promise<void> {
	const { batch } = checked;
	const report = await check(deps, checked, model, held);
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
