import { err, type Log } from "../base/base.ts";
import { batchDialectFor } from "../engine/dialects/dialect.ts";
import type { EngineFailure, ModelSource } from "../engine/engine.ts";
import type { HeldModel, Residency } from "../engine/residency.ts";
import type { BatchRecord, Fault, FileRecord, IndexedLine, Ledger } from "../ledger/ledger.ts";
import type { ModelFile, Models } from "../models/models.ts";
import { firstRequest } from "./first-request.ts";
import { type LineFormat, openFormat, readHead } from "./formats/formats.ts";
import { createNameResolver, modelUseFor } from "./model-names.ts";
import type { Sharing } from "./sharing.ts";
import { listFaults, listNotices, type ValidationReport, validateBatchFile } from "./validate/validate.ts";
import { mayWorkOn, type WorkPermit } from "./work-permit.ts";

/** Takes batches from `validating` to `in_progress` or `failed`. */
export interface Validator {
	/** False while a batch without faults waits for its model, which tells how long a prompt may be, or for the permit to use it. */
	isDue(batch: BatchRecord): boolean;
	/** Rejects only when the disk fails; nothing of a faulty file is queued. */
	validate(batch: BatchRecord, signal: AbortSignal): Promise<void>;
}

/** What `createValidator` needs. */
export interface ValidatorDeps {
	readonly ledger: Pick<
		Ledger,
		"file" | "readFile" | "clearIndex" | "indexLines" | "settleValidation" | "adoptResults"
	>;
	readonly residency: Pick<Residency, "tryAcquire" | "isFree">;
	readonly models: Pick<Models, "find" | "named" | "resolve" | "explainMissing" | "list" | "digest">;
	readonly permit: () => WorkPermit;
	readonly sharing: Pick<Sharing, "mayRefuse">;
	readonly log: Log;
}

/** A batch, its file and how that is written, and the way to stop. */
interface Checked {
	readonly batch: BatchRecord;
	readonly file: FileRecord;
	readonly format: LineFormat;
	/** Start of the file. */
	readonly head: Uint8Array;
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
	const { ledger, residency } = deps;
	/**
	 * Checked, but for the length of their prompts, while their model was not to be had: another one was at work, there was too
	 * little memory, work was not permitted; or it had to leave while prompts were measured.
	 */
	const waiting = new Map<string, ModelSource>();

	async function validateFully(batch: BatchRecord, signal: AbortSignal): Promise<void> {
		const file = ledger.file(batch.manifest.inputFileId);
		if (!file) return refuse(deps, batch, [inputGone]);
		const head = await readHead(ledger.readFile(file));
		const format = openFormat(batch.manifest, head);
		if (!format.ok) return refuse(deps, batch, [{ code: "invalid_request", ...format.error, line: null }]);
		const checked = { batch, file, format: format.value, head, signal };
		const model = findModel(deps, checked) ?? (await findByWholeFile(deps, checked));
		if (model !== null) await validateFor(checked, model);
	}

	/** Checks a file that one model is to answer, as soon as that can be loaded. */
	async function validateFor(checked: Checked, model: ModelFile): Promise<void> {
		const { batch, signal } = checked;
		const source = { path: model.path, name: model.name };
		const acquired = mayWorkOn(deps.permit(), batch) ? await residency.tryAcquire(source) : null;
		if (acquired?.ok === false && acquired.error.kind !== "aborted") {
			const message = `The model ${model.name} can't be loaded: ${acquired.error.message}`;
			return refuse(deps, batch, [{ code: "model_load_failed", message, param: "model", line: null }]);
		}
		if (!acquired?.ok) {
			const report = await check(deps, checked, model, null);
			if (report.faults.length > 0) return refuse(deps, batch, listFaults(report));
			waiting.set(batch.id, source);
			return;
		}
		const held = acquired.value;
		waiting.delete(batch.id);
		const either = AbortSignal.any([signal, held.leaving]);
		try {
			await checkWithModel(deps, { ...checked, signal: either }, model, held);
		} catch (error) {
			if (!held.leaving.aborted || error !== held.leaving.reason) throw error;
			waiting.set(batch.id, source);
		} finally {
			held.release();
		}
	}

	return {
		isDue(batch) {
			const model = waiting.get(batch.id);
			return model === undefined || (mayWorkOn(deps.permit(), batch) && residency.isFree(model));
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

/** The model of the batch by its manifest or by its first line; null: that can't be told so early. */
function findModel({ models }: ValidatorDeps, { batch, format, head }: Checked): ModelFile | null {
	const { modelOverride } = batch.manifest;
	if (modelOverride !== null) {
		const found = models.find(modelOverride);
		return found.ok ? found.value : null;
	}
	const first = firstRequest(format, head);
	return first === null ? null : models.resolve(first.model, modelUseFor(batch.manifest.endpoint));
}

/** The model that the file names somewhere, though not where one looks first. Null: the batch was refused for its faults. */
async function findByWholeFile(deps: ValidatorDeps, checked: Checked): Promise<ModelFile | null> {
	const { batch } = checked;
	const { modelOverride } = batch.manifest;
	const report = await check(deps, checked, null, null);
	const model = modelOverride === null && report.model !== null ? deps.models.named(report.model) : null;
	if (report.faults.length === 0 && model !== null) return model;
	const name = modelOverride ?? report.model;
	// No line has a model that is here, which is a fault of each where lines may fail alone.
	const wanted = firstRequest(checked.format, checked.head)?.model ?? null;
	const message =
		name === null
			? deps.models.explainMissing(wanted, modelUseFor(batch.manifest.endpoint)).message
			: `The model ${name} is not on this machine any more. Put it back or name another.`;
	const gone: Fault = { code: "model_not_found", message, param: "model", line: null };
	await refuse(deps, batch, report.faults.length > 0 ? listFaults(report) : [gone]);
	return null;
}

/** Reads the whole file. Without a loaded model prompts are not measured and nothing is indexed. */
function check(
	{ ledger, models }: ValidatorDeps,
	{ batch, file, format, signal }: Checked,
	model: ModelFile | null,
	held: HeldModel | null,
): Promise<ValidationReport> {
	const { endpoint, modelOverride, badLines } = batch.manifest;
	if (held) ledger.clearIndex(batch.id);
	const index = (lines: readonly IndexedLine[]) => ledger.indexLines(batch.id, lines);
	return validateBatchFile(
		ledger.readFile(file),
		{
			format,
			badLines,
			endpoint,
			modelOverride: modelOverride === null ? null : (model?.name ?? modelOverride),
			resolveModel: createNameResolver(models, modelUseFor(batch.manifest.endpoint)),
			modelNames: models.list().map(({ name }) => name),
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
	const { ledger, log } = deps;
	const { batch } = checked;
	const report = await check(deps, checked, model, held);
	if (report.faults.length > 0) return refuse(deps, batch, listFaults(report));
	const identity = { name: model.name, digest: await deps.models.digest(model) };
	const notices = listNotices(report);
	await ledger.settleValidation(batch.id, { kind: "valid", total: report.total, model: identity, notices });
	// Now rather than at the first run, so that what was answered before is known before anything starts.
	const adopted = await ledger.adoptResults(batch.id);
	log.info({ batch: batch.id, total: report.total, adopted, notices: report.notices }, "batch accepted");
}

async function refuse(
	{ ledger, sharing, log }: ValidatorDeps,
	batch: BatchRecord,
	faults: readonly Fault[],
): Promise<void> {
	if (!sharing.mayRefuse(batch, faults)) {
		return log.info(
			{ batch: batch.id, fault: faults[0]?.message },
			"the file of a machine that is away can't be checked",
		);
	}
	log.info({ batch: batch.id, faults: faults.length }, "batch refused");
	await ledger.settleValidation(batch.id, { kind: "invalid", faults });
}
