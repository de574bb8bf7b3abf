/** `/v1/files`: OpenAI's Files (reference batch-apis 1.1). */
import { Hono } from "hono";
import type { Clock, Log } from "../base/base.ts";
import { type FileDeleted, fileListQuerySchema } from "../contract/contract.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { ApiEnv } from "./answer-headers.ts";
import { describeIssues } from "./body.ts";
import { collectOnceSent } from "./collection.ts";
import { notFound, refuse } from "./errors.ts";
import { sendContent } from "./file-content.ts";
import { fileLifeMs, parseFileFields, tidyFilename } from "./file-form.ts";
import { freshnessHeaders } from "./freshness.ts";
import type { ApiLimits } from "./limits.ts";
import { readForm } from "./multipart.ts";
import { renderFile, renderPage } from "./render.ts";

/** What the routes need. */
export interface FileRoutesDeps {
	readonly ledger: Ledger;
	readonly clock: Clock;
	readonly log: Log;
	readonly limits: ApiLimits;
}

/** Makes the routes of `/v1/files`. */
export function createFileRoutes({ ledger, clock, log, limits }: FileRoutesDeps): Hono<ApiEnv> {
	const routes = new Hono<ApiEnv>();

	routes.post("/v1/files", async (context) => {
		const form = await readForm(
			context.req.raw,
			{
				fileField: "file",
				fileLimitBytes: limits.fileBytes,
				check: parseFileFields,
				store: (bytes, limitBytes) => ledger.storeBytes(bytes, limitBytes),
			},
			limits,
		);
		if (!form.ok) return refuse(context, form.error);
		const { fields, filename, stored } = form.value;
		const lifeMs = fileLifeMs(fields.expires_after);
		const file = await ledger.createFile(
			{
				filename: tidyFilename(filename),
				purpose: fields.purpose,
				expiresAtMs: lifeMs === null ? null : clock.nowMs() + lifeMs,
			},
			stored,
		);
		return context.json(renderFile(file));
	});

	routes.get("/v1/files", (context) => {
		const query = fileListQuerySchema.safeParse(context.req.query());
		if (!query.success) return refuse(context, describeIssues(query.error, context.req.query()));
		const { after = null, purpose = null, limit, order } = query.data;
		return context.json(renderPage(ledger.files({ after, purpose, limit, order }), renderFile));
	});

	routes.get("/v1/files/:id", (context) => {
		const id = context.req.param("id");
		const file = ledger.file(id);
		return file === null ? refuse(context, notFound("File", id)) : context.json(renderFile(file));
	});

	routes.delete("/v1/files/:id", async (context) => {
		const id = context.req.param("id");
		if (!(await ledger.deleteFile(id))) return refuse(context, notFound("File", id));
		return context.json({ id, object: "file", deleted: true } satisfies FileDeleted);
	});

	routes.get("/v1/files/:id/content", (context) => {
		const id = context.req.param("id");
		const file = ledger.file(id);
		if (file === null) return refuse(context, notFound("File", id));
		const batch = ledger.batchOfFile(id);
		if (batch === null) return sendContent(context, { ledger, log }, file);
		return sendContent(context, { ledger, log }, file, {
			headers: freshnessHeaders(batch, clock.nowMs()),
			async onWhole() {
				// Files of a round before the last one are not what there is to collect.
				const isErrors = batch.errorFileId === id;
				if (!isErrors && batch.outputFileId !== id) return;
				await collectOnceSent(context, { ledger, log }, batch.id, isErrors ? "failed" : "answered");
			},
		});
	});

	return routes;
}
