/** Knows what may still be done with an upload, and completes it. */
import { err, ok, type Result } from "../base/base.ts";
import type { UploadObject } from "../contract/contract.ts";
import type { Ledger, UploadPart, UploadRecord } from "../ledger/ledger.ts";
import { type ApiFault, badRequest, notFound } from "./errors.ts";
import { renderUpload } from "./render.ts";
import { checkDigest, chooseParts, isMadeOf } from "./upload-parts.ts";

/** Decides about uploads. */
export interface UploadDesk {
	/** An upload that still takes parts and can be cancelled, or why it can't. */
	pending(id: string): Result<UploadRecord, ApiFault>;
	/** Makes the file. One who asks again, because the first answer was lost, gets it again. */
	complete(id: string, partIds: readonly string[], md5: string | null): Promise<Result<UploadObject, ApiFault>>;
}

/** Makes a desk. One a ledger: it remembers which completions are under way. */
export function createUploadDesk(ledger: Ledger): UploadDesk {
	/** Uploads that are being completed: they take no more parts and can't be cancelled. */
	const completing = new Set<string>();

	async function completeWith(upload: UploadRecord, parts: readonly UploadPart[], md5: string | null) {
		const fault = md5 === null ? null : await checkDigest(ledger, upload, parts, md5);
		if (fault !== null) return err(fault);
		const partIds = parts.map((part) => part.id);
		const completed = await ledger.completeUpload(upload.id, partIds);
		// The ledger answers with the file of then, which other parts can't be meant to make.
		if (!isMadeOf(completed.file, parts)) return err(notPending("completed"));
		return ok(renderUpload(completed.upload, completed.file));
	}

	return {
		pending(id) {
			const upload = ledger.upload(id);
			if (upload === null) return err(notFound("Upload", id, "upload_id"));
			if (upload.status !== "pending") return err(notPending(upload.status));
			return completing.has(id) ? err(notPending("being completed")) : ok(upload);
		},
		async complete(id, partIds, md5) {
			const upload = ledger.upload(id);
			if (upload === null) return err(notFound("Upload", id, "upload_id"));
			if (upload.status !== "pending" && upload.status !== "completed") return err(notPending(upload.status));
			const parts = chooseParts(upload, ledger.uploadParts(id), partIds);
			if (!parts.ok) return parts;
			completing.add(id);
			try {
				return await completeWith(upload, parts.value, md5);
			} finally {
				completing.delete(id);
			}
		},
	};
}

function notPending(state: string): ApiFault {
	return badRequest(`The upload is ${state}; create a new one.`, "upload_id", "upload_not_pending");
}
