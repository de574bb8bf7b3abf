/** `/v1/uploads`: a file sent in parts (reference batch-apis 1.2). */
import { Hono } from "hono";
import type { Clock } from "../base/base.ts";
import { UPLOAD_LIMITS, uploadCompleteSchema, uploadCreateSchema } from "../contract/contract.ts";
import type { Ledger, UploadPart, UploadRecord } from "../ledger/ledger.ts";
import type { ApiEnv } from "./answer-headers.ts";
import { readJson } from "./body.ts";
import { type ApiFault, badRequest, refuse } from "./errors.ts";
import { fileLifeMs, tidyFilename } from "./file-form.ts";
import { type ApiLimits, describeBytes } from "./limits.ts";
import { readForm } from "./multipart.ts";
import { renderUpload, renderUploadPart } from "./render.ts";
import { createUploadDesk } from "./upload-desk.ts";

/** What the routes need. */
export interface UploadRoutesDeps {
	readonly ledger: Ledger;
	readonly clock: Clock;
	readonly limits: ApiLimits;
}

/** Makes the routes of `/v1/uploads`. */
export function createUploadRoutes({ ledger, clock, limits }: UploadRoutesDeps): Hono<ApiEnv> {
	const routes = new Hono<ApiEnv>();
	const desk = createUploadDesk(ledger);

	routes.post("/v1/uploads", async (context) => {
		const body = await readJson(context.req.raw, uploadCreateSchema, limits);
		if (!body.ok) return refuse(context, body.error);
		const { filename, purpose, mime_type: mimeType, bytes: sizeBytes, expires_after: expiresAfter } = body.value;
		const upload = await ledger.createUpload({
			filename: tidyFilename(filename),
			purpose,
			mimeType,
			sizeBytes,
			expiresAtMs: clock.nowMs() + UPLOAD_LIMITS.openSeconds * 1000,
			fileExpiresAfterMs: fileLifeMs(expiresAfter ?? null),
		});
		return context.json(renderUpload(upload, null));
	});

	routes.post("/v1/uploads/:id/parts", async (context) => {
		const id = context.req.param("id");
		const upload = desk.pending(id);
		if (!upload.ok) return refuse(context, upload.error);
		const fault = roomFault(ledger.uploadParts(id), upload.value, limits);
		if (fault !== null) return refuse(context, fault);
		const form = await readForm(
			context.req.raw,
			{
				fileField: "data",
				fileLimitBytes: limits.partBytes,
				check: () => desk.pending(id),
				store: (bytes, limitBytes) => ledger.storeBytes(bytes, limitBytes),
			},
			limits,
		);
		if (!form.ok) return refuse(context, form.error);
		// Asked again: the upload may have been cancelled while the part came in.
		const stillPending = desk.pending(id);
		if (!stillPending.ok) return refuse(context, stillPending.error);
		return context.json(renderUploadPart(await ledger.addUploadPart(id, form.value.stored)));
	});

	routes.post("/v1/uploads/:id/complete", async (context) => {
		const body = await readJson(context.req.raw, uploadCompleteSchema, limits);
		if (!body.ok) return refuse(context, body.error);
		const completed = await desk.complete(context.req.param("id"), body.value.part_ids, body.value.md5 ?? null);
		return completed.ok ? context.json(completed.value) : refuse(context, completed.error);
	});

	routes.post("/v1/uploads/:id/cancel", async (context) => {
		const upload = desk.pending(context.req.param("id"));
		if (!upload.ok) return refuse(context, upload.error);
		return context.json(renderUpload(await ledger.cancelUpload(upload.value.id), null));
	});

	return routes;
}

/** Why an upload takes no more parts; null: it does. */
function roomFault(parts: readonly UploadPart[], upload: UploadRecord, limits: ApiLimits): ApiFault | null {
	if (parts.length >= limits.partCount) {
		return badRequest(`The upload has ${limits.partCount} parts, the most it can have. Send larger ones.`, "data");
	}
	const storedBytes = parts.reduce((sum, part) => sum + part.bytes.sizeBytes, 0);
	if (storedBytes < upload.sizeBytes + limits.repeatedPartBytes) return null;
	const announced = describeBytes(upload.sizeBytes);
	return badRequest(`The upload already has ${describeBytes(storedBytes)}; ${announced} were announced.`, "data");
}
