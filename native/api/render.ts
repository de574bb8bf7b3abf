/** Records as OpenAI's objects: pure, every key always there, times in whole seconds. */
import {
	type BatchErrorObject,
	type BatchObject,
	type FileObject,
	filePurposeSchema,
	type ListEnvelope,
	type ModelObject,
	type UploadObject,
	type UploadPartObject,
} from "../contract/contract.ts";
import type { BatchRecord, Fault, FileRecord, Page, UploadPart, UploadRecord } from "../ledger/ledger.ts";

/** Milliseconds as OpenAI writes times. */
export function seconds(ms: number): number {
	return Math.floor(ms / 1000);
}

/** The same for a time that may not have come. */
export function secondsOrNull(ms: number | null): number | null {
	return ms === null ? null : seconds(ms);
}

/** A file. Its bytes are on disk before it has an id, so it is always `processed`. */
export function renderFile(file: FileRecord): FileObject {
	return {
		id: file.id,
		object: "file",
		bytes: file.sizeBytes,
		created_at: seconds(file.createdAtMs),
		expires_at: secondsOrNull(file.expiresAtMs),
		filename: file.filename,
		purpose: filePurposeSchema.parse(file.purpose),
		status: "processed",
		status_details: null,
	};
}

/** An upload; `file` is what came of it, if it is completed. */
export function renderUpload(upload: UploadRecord, file: FileRecord | null): UploadObject {
	return {
		id: upload.id,
		object: "upload",
		bytes: upload.sizeBytes,
		created_at: seconds(upload.createdAtMs),
		expires_at: seconds(upload.expiresAtMs),
		filename: upload.filename,
		purpose: filePurposeSchema.parse(upload.purpose),
		status: upload.status,
		file: file === null ? null : renderFile(file),
	};
}

/** A part of an upload. */
export function renderUploadPart(part: UploadPart): UploadPartObject {
	return {
		id: part.id,
		object: "upload.part",
		created_at: seconds(part.createdAtMs),
		upload_id: part.uploadId,
	};
}

/** A batch. `errors` are there only when it failed: the faults of its file, or why it was given up with what it had. */
export function renderBatch(batch: BatchRecord): BatchObject {
	const { manifest, usage } = batch;
	return {
		id: batch.id,
		object: "batch",
		endpoint: manifest.endpoint,
		model: batch.model?.name ?? null,
		errors: batch.status === "failed" ? { object: "list", data: faultsOf(batch).map(renderBatchFault) } : null,
		input_file_id: manifest.inputFileId,
		completion_window: manifest.completionWindow,
		status: batch.status,
		output_file_id: batch.outputFileId,
		error_file_id: batch.errorFileId,
		created_at: seconds(batch.createdAtMs),
		in_progress_at: secondsOrNull(batch.inProgressAtMs),
		expires_at: seconds(batch.expiresAtMs),
		finalizing_at: secondsOrNull(batch.finalizingAtMs),
		completed_at: secondsOrNull(batch.completedAtMs),
		failed_at: secondsOrNull(batch.failedAtMs),
		expired_at: secondsOrNull(batch.expiredAtMs),
		cancelling_at: secondsOrNull(batch.cancellingAtMs),
		cancelled_at: secondsOrNull(batch.cancelledAtMs),
		request_counts: { total: batch.total, completed: batch.completed, failed: batch.failed },
		usage: {
			input_tokens: usage.inputTokens,
			input_tokens_details: { cached_tokens: usage.cachedTokens },
			output_tokens: usage.outputTokens,
			output_tokens_details: { reasoning_tokens: usage.reasoningTokens },
			total_tokens: usage.inputTokens + usage.outputTokens,
		},
		metadata: manifest.metadata,
	};
}

function faultsOf({ faults, givenUp }: BatchRecord): BatchRecord["faults"] {
	return faults.length === 0 && givenUp !== null ? [givenUp.fault] : faults;
}

/** A fault of an input file, or a notice about it. */
export function renderBatchFault(fault: Fault): BatchErrorObject {
	return { code: fault.code, line: fault.line, message: fault.message, param: fault.param };
}

/** A model that requests may name. */
export function renderModel(model: { readonly name: string; readonly createdAtMs: number }): ModelObject {
	return { id: model.name, object: "model", created: seconds(model.createdAtMs), owned_by: "nightshift" };
}

/** A page of a list. */
export function renderPage<Row, Rendered extends { readonly id: string }>(
	page: Page<Row>,
	render: (row: Row) => Rendered,
): ListEnvelope<Rendered> {
	const data = page.rows.map(render);
	return {
		object: "list",
		data,
		first_id: data[0]?.id ?? null,
		last_id: data.at(-1)?.id ?? null,
		has_more: page.hasMore,
	};
}
