/** `/v1/batches`: OpenAI's Batches (reference batch-apis 1.3). */
import { Hono } from "hono";
import { err, ok, type Result } from "../base/base.ts";
import {
	BATCH_ENDPOINTS,
	type BatchCreate,
	batchCreateSchema,
	batchListQuerySchema,
	defaultBatchOptions,
	type ExtendedBatch,
	OPENAI_BATCH_ENDPOINTS,
} from "../contract/contract.ts";
import type { Jobs } from "../jobs/jobs.ts";
import type { BatchRecord, Ledger } from "../ledger/ledger.ts";
import type { Mesh } from "../mesh/mesh.ts";
import type { ApiEnv } from "./answer-headers.ts";
import { placeOf, tellDurability } from "./batch-place.ts";
import { describeIssues, readJson } from "./body.ts";
import { type ClientWish, type CreateBatchDeps, createBatch, readIdempotencyKey } from "./create-batch.ts";
import { type ApiFault, badRequest, conflict, notFound, refuse } from "./errors.ts";
import type { ApiLimits } from "./limits.ts";
import { renderBatch, renderPage } from "./render.ts";

/** What the routes need. */
export interface BatchRoutesDeps extends CreateBatchDeps {
	readonly ledger: Pick<Ledger, "file" | "readFile" | "batch" | "batches">;
	readonly jobs: Pick<Jobs, "create" | "cancel">;
	readonly mesh: CreateBatchDeps["mesh"] & Pick<Mesh, "durabilityOf" | "chosen">;
	readonly limits: ApiLimits;
}

/** The only window OpenAI has; clients of its API expect no other to be taken. */
const completionWindow = "24h";
const completionWindowMs = 86_400_000;

/** Makes the routes of `/v1/batches`. Batches of Anthropic's API are none of its business; rehearsals are not until queued. */
export function createBatchRoutes(deps: BatchRoutesDeps): Hono<ApiEnv> {
	const { ledger, jobs, mesh, limits } = deps;
	const routes = new Hono<ApiEnv>();
	const render = (batch: BatchRecord): ExtendedBatch => ({
		...renderBatch(batch),
		nightshift: placeOf(mesh, batch.id),
	});

	/** Null: there is no such batch in this API. */
	function find(id: string): BatchRecord | null {
		const batch = ledger.batch(id);
		return batch?.manifest.surface === "openai" ? batch : null;
	}

	routes.post("/v1/batches", async (context) => {
		const key = readIdempotencyKey(context.req.header("idempotency-key"));
		if (!key.ok) return refuse(context, key.error);
		const body = await readJson(context.req.raw, batchCreateSchema, limits);
		if (!body.ok) return refuse(context, body.error);
		const wish = readWish(body.value);
		if (!wish.ok) return refuse(context, wish.error);
		const batch = await createBatch(deps, wish.value, key.value);
		if (!batch.ok) return refuse(context, batch.error);
		await tellDurability(context, mesh, batch.value.id);
		return context.json(render(batch.value));
	});

	routes.get("/v1/batches", (context) => {
		const query = batchListQuerySchema.safeParse(context.req.query());
		if (!query.success) return refuse(context, describeIssues(query.error, context.req.query()));
		const { after = null, limit, order } = query.data;
		const page = ledger.batches({ after, limit, order, surface: "openai", withHeld: false });
		return context.json(renderPage(page, render));
	});

	routes.get("/v1/batches/:id", (context) => {
		const id = context.req.param("id");
		const batch = find(id);
		return batch === null ? refuse(context, notFound("Batch", id)) : context.json(render(batch));
	});

	routes.post("/v1/batches/:id/cancel", async (context) => {
		const id = context.req.param("id");
		if (find(id) === null) return refuse(context, notFound("Batch", id));
		const cancelled = await jobs.cancel(id);
		if (cancelled.ok) return context.json(render(cancelled.value));
		if (cancelled.error.kind === "not-found") return refuse(context, notFound("Batch", id));
		return refuse(context, conflict(`Cannot cancel a batch with status '${cancelled.error.batch.status}'.`));
	});

	return routes;
}

/** Turns the wire's words into a wish, and refuses what this API doesn't offer. */
function readWish(body: BatchCreate): Result<ClientWish, ApiFault> {
	const fault = checkEndpoint(body.endpoint);
	if (fault !== null) return err(fault);
	if (body.completion_window !== completionWindow) {
		const message = `The completion window '${body.completion_window}' is not offered; use '${completionWindow}'.`;
		return err(badRequest(message, "completion_window", "invalid_value"));
	}
	const expiry = body.output_expires_after ?? null;
	return ok({
		inputFileId: body.input_file_id,
		endpoint: body.endpoint,
		completionWindow,
		windowMs: completionWindowMs,
		metadata: body.metadata ?? null,
		outputExpiresAfterMs: expiry === null ? null : expiry.seconds * 1000,
		options: body.nightshift ?? defaultBatchOptions,
		rehearsal: null,
	});
}

/** Refuses an endpoint that is not served; null: it is. */
export function checkEndpoint(endpoint: string): ApiFault | null {
	if (BATCH_ENDPOINTS.some((served) => served === endpoint)) return null;
	const offered = OPENAI_BATCH_ENDPOINTS.join(", ");
	return badRequest(`The endpoint '${endpoint}' is not offered; use one of ${offered}.`, "endpoint", "invalid_value");
}
