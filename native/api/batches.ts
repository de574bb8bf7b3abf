/** `/v1/batches`: OpenAI's Batches (reference batch-apis 1.3). */
import { isDeepStrictEqual } from "node:util";
import { Hono } from "hono";
import { err, ok, type Result } from "../base/base.ts";
import { BATCH_ENDPOINTS, type BatchCreate, batchCreateSchema, batchListQuerySchema } from "../contract/contract.ts";
import type { CreateFailure, Jobs } from "../jobs/jobs.ts";
import type { BatchManifest, BatchRecord, Ledger } from "../ledger/ledger.ts";
import type { ApiEnv } from "./answer-headers.ts";
import { describeIssues, readJson } from "./body.ts";
import { type ApiFault, badRequest, conflict, notFound, refuse } from "./errors.ts";
import type { ApiLimits } from "./limits.ts";
import { renderBatch, renderPage } from "./render.ts";

/** What the routes need. */
export interface BatchRoutesDeps {
	readonly ledger: Ledger;
	readonly jobs: Jobs;
	/** Path of the model that answers every batch made here; null: the one each file names. */
	readonly modelOverride: string | null;
	readonly limits: ApiLimits;
}

/** The only window OpenAI has; clients of its API expect no other to be taken. */
const completionWindow = "24h";
const completionWindowMs = 86_400_000;
/** As long as any client makes them, usually a UUID. */
const idempotencyKeyLength = 255;

/** Makes the routes of `/v1/batches`. */
export function createBatchRoutes({ ledger, jobs, modelOverride, limits }: BatchRoutesDeps): Hono<ApiEnv> {
	const routes = new Hono<ApiEnv>();

	routes.post("/v1/batches", async (context) => {
		const key = readIdempotencyKey(context.req.header("idempotency-key"));
		if (!key.ok) return refuse(context, key.error);
		const body = await readJson(context.req.raw, batchCreateSchema, limits);
		if (!body.ok) return refuse(context, body.error);
		const manifest = readManifest(body.value, modelOverride);
		if (!manifest.ok) return refuse(context, manifest.error);
		const batch = await jobs.create(manifest.value, key.value);
		if (!batch.ok) return refuse(context, describeCreateFailure(batch.error));
		if (!isDeepStrictEqual(batch.value.manifest, manifest.value)) return refuse(context, reusedKey(batch.value));
		return context.json(renderBatch(batch.value));
	});

	routes.get("/v1/batches", (context) => {
		const query = batchListQuerySchema.safeParse(context.req.query());
		if (!query.success) return refuse(context, describeIssues(query.error, context.req.query()));
		const { after = null, limit, order } = query.data;
		return context.json(renderPage(ledger.batches({ after, limit, order }), renderBatch));
	});

	routes.get("/v1/batches/:id", (context) => {
		const id = context.req.param("id");
		const batch = ledger.batch(id);
		return batch === null ? refuse(context, notFound("Batch", id)) : context.json(renderBatch(batch));
	});

	routes.post("/v1/batches/:id/cancel", async (context) => {
		const id = context.req.param("id");
		const cancelled = await jobs.cancel(id);
		if (cancelled.ok) return context.json(renderBatch(cancelled.value));
		if (cancelled.error.kind === "not-found") return refuse(context, notFound("Batch", id));
		return refuse(context, conflict(`Cannot cancel a batch with status '${cancelled.error.batch.status}'.`));
	});

	return routes;
}

function readIdempotencyKey(header: string | undefined): Result<string | null, ApiFault> {
	if (header === undefined || header === "") return ok(null);
	if (header.length <= idempotencyKeyLength) return ok(header);
	return err(badRequest(`Idempotency-Key is longer than ${idempotencyKeyLength} characters.`, "idempotency-key"));
}

/** Turns the wire's words into a manifest, and refuses what this API doesn't offer. */
function readManifest(body: BatchCreate, modelOverride: string | null): Result<BatchManifest, ApiFault> {
	if (!BATCH_ENDPOINTS.some((endpoint) => endpoint === body.endpoint)) {
		const offered = BATCH_ENDPOINTS.join(", ");
		return err(
			badRequest(`The endpoint '${body.endpoint}' is not offered; use one of ${offered}.`, "endpoint", "invalid_value"),
		);
	}
	if (body.completion_window !== completionWindow) {
		const message = `The completion window '${body.completion_window}' is not offered; use '${completionWindow}'.`;
		return err(badRequest(message, "completion_window", "invalid_value"));
	}
	const expiry = body.output_expires_after;
	return ok({
		inputFileId: body.input_file_id,
		endpoint: body.endpoint,
		completionWindow,
		windowMs: completionWindowMs,
		metadata: body.metadata ?? null,
		modelOverride,
		outputExpiresAfterMs: expiry === undefined || expiry === null ? null : expiry.seconds * 1000,
	});
}

function describeCreateFailure(failure: CreateFailure): ApiFault {
	return badRequest(failure.message, failure.param, failure.kind.replaceAll("-", "_"));
}

/** A key that comes back with other parameters is a mistake of the client: neither batch would be the right answer. */
function reusedKey(batch: BatchRecord): ApiFault {
	const message = `This Idempotency-Key already created the batch ${batch.id} with other parameters. Use a new key.`;
	return { ...conflict(message), param: "idempotency-key", code: "idempotency_key_reused" };
}
