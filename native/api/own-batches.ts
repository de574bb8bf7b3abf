/**
 * `/api/batches`: the owner's door to batches, for our own tools and page. Everything that can be chosen, everything that is
 * known, and everything that can be done to them, whichever API they came by.
 */
import type { Context } from "hono";
import { Hono } from "hono";
import { err, ok, parseDuration, type Result } from "../base/base.ts";
import {
	type BatchDeleted,
	type BatchDraft,
	type BatchHistory,
	batchDraftSchema,
	batchListQuerySchema,
	batchQueueSchema,
	batchRetrySchema,
	type RehearsalOptions,
} from "../contract/contract.ts";
import type { ActFailure, Jobs } from "../jobs/jobs.ts";
import { isEnded } from "../ledger/batch-status.ts";
import type { BatchRecord, Ledger } from "../ledger/ledger.ts";
import type { ApiEnv } from "./answer-headers.ts";
import { composeMinute } from "./batch-details.ts";
import { tellDurability } from "./batch-place.ts";
import { checkEndpoint } from "./batches.ts";
import { describeIssues, readJson, readOptionalJson } from "./body.ts";
import { type ClientWish, type CreateBatchDeps, createBatch, readIdempotencyKey } from "./create-batch.ts";
import { type DescribeDeps, describeBatch } from "./describe-batch.ts";
import { type ApiFault, badRequest, conflict, notFound, refuse } from "./errors.ts";
import type { ApiLimits } from "./limits.ts";
import { renderPage } from "./render.ts";

/** What the routes need. */
export interface OwnBatchRoutesDeps extends CreateBatchDeps, DescribeDeps {
	readonly ledger: Pick<
		Ledger,
		"file" | "readFile" | "batch" | "batches" | "durations" | "workMinutes" | "deleteBatch"
	>;
	readonly jobs: Pick<Jobs, "create" | "queue" | "pause" | "resume" | "retry" | "cancel" | "health">;
	readonly mesh: CreateBatchDeps["mesh"] & DescribeDeps["mesh"];
	readonly limits: ApiLimits;
}

/** A week of minutes is more than a chart shows, and 10,080 rows a machine; a batch that ran for a year would have half a million. */
const LONGEST_HISTORY_MS = 7 * 86_400_000;

/** Makes the routes of `/api/batches` but those of rehearsals and results. */
export function createOwnBatchRoutes(deps: OwnBatchRoutesDeps): Hono<ApiEnv> {
	const { ledger, jobs, mesh, limits } = deps;
	const routes = new Hono<ApiEnv>();
	const describe = (batch: BatchRecord) => describeBatch(deps, batch);

	/** Answers with the batch as it is now that something was done to it, or with why that could not be. */
	function answer(context: Context<ApiEnv>, done: Result<BatchRecord, ActFailure>): Response {
		if (done.ok) return context.json(describe(done.value));
		const id = context.req.param("id") ?? "";
		if (done.error.kind === "not-found") return refuse(context, notFound("Batch", id));
		return refuse(context, conflict(done.error.message, "wrong_state"));
	}

	routes.post("/api/batches", async (context) => {
		const key = readIdempotencyKey(context.req.header("idempotency-key"));
		if (!key.ok) return refuse(context, key.error);
		const body = await readJson(context.req.raw, batchDraftSchema, limits);
		if (!body.ok) return refuse(context, body.error);
		const wish = readDraft(body.value, null);
		if (!wish.ok) return refuse(context, wish.error);
		const batch = await createBatch(deps, wish.value, key.value);
		if (!batch.ok) return refuse(context, batch.error);
		await tellDurability(context, mesh, batch.value.id);
		// Looked up again: its validation may have begun meanwhile.
		return context.json(describe(ledger.batch(batch.value.id) ?? batch.value));
	});

	routes.get("/api/batches", (context) => {
		const query = batchListQuerySchema.safeParse(context.req.query());
		if (!query.success) return refuse(context, describeIssues(query.error, context.req.query()));
		const { after = null, limit, order } = query.data;
		const page = ledger.batches({ after, limit, order, surface: null, withHeld: true });
		return context.json(renderPage(page, describe));
	});

	routes.get("/api/batches/:id", (context) => {
		const id = context.req.param("id");
		const batch = ledger.batch(id);
		return batch === null ? refuse(context, notFound("Batch", id)) : context.json(describe(batch));
	});

	routes.delete("/api/batches/:id", async (context) => {
		const id = context.req.param("id");
		const batch = ledger.batch(id);
		if (batch === null) return refuse(context, notFound("Batch", id));
		if (!isEnded(batch.status)) return refuse(context, notEnded(batch));
		if (!(await ledger.deleteBatch(id))) return refuse(context, notFound("Batch", id));
		return context.json({ id, object: "batch", deleted: true } satisfies BatchDeleted);
	});

	routes.get("/api/batches/:id/history", (context) => {
		const id = context.req.param("id");
		const batch = ledger.batch(id);
		if (batch === null) return refuse(context, notFound("Batch", id));
		const fromMs = Math.max(0, (batch.lastWorkedAtMs ?? 0) - LONGEST_HISTORY_MS);
		const minutes = ledger.workMinutes({ batchId: id, fromMs, toMs: Number.MAX_SAFE_INTEGER });
		return context.json({ minutes: minutes.map(composeMinute) } satisfies BatchHistory);
	});

	routes.post("/api/batches/:id/queue", async (context) => {
		const id = context.req.param("id");
		const body = await readOptionalJson(context.req.raw, batchQueueSchema, limits);
		if (!body.ok) return refuse(context, body.error);
		const batch = ledger.batch(id);
		if (batch === null) return refuse(context, notFound("Batch", id));
		const { completion_window: asked } = body.value;
		const windowMs = asked === null ? ok(batch.manifest.windowMs) : readWindow(asked);
		return windowMs.ok ? answer(context, await jobs.queue(id, windowMs.value)) : refuse(context, windowMs.error);
	});

	routes.post("/api/batches/:id/retry", async (context) => {
		const body = await readOptionalJson(context.req.raw, batchRetrySchema, limits);
		if (!body.ok) return refuse(context, body.error);
		const windowMs = readWindow(body.value.completion_window);
		if (!windowMs.ok) return refuse(context, windowMs.error);
		return answer(context, await jobs.retry(context.req.param("id"), body.value.lines, windowMs.value));
	});

	for (const action of ["pause", "resume", "cancel"] as const) {
		routes.post(`/api/batches/:id/${action}`, async (context) =>
			answer(context, await jobs[action](context.req.param("id"))),
		);
	}

	return routes;
}

/** Turns a draft into a wish; the rest is checked by who knows the file and the models. */
export function readDraft(draft: BatchDraft, rehearsal: RehearsalOptions | null): Result<ClientWish, ApiFault> {
	const { input_file_id: inputFileId, endpoint, completion_window: completionWindow, metadata, ...options } = draft;
	const fault = endpoint === null ? null : checkEndpoint(endpoint);
	if (fault !== null) return err(fault);
	const windowMs = readWindow(completionWindow);
	if (!windowMs.ok) return windowMs;
	return ok({
		inputFileId,
		endpoint,
		completionWindow,
		windowMs: windowMs.value,
		metadata,
		outputExpiresAfterMs: null,
		options,
		rehearsal,
	});
}

/** The schema let through only what has the look of a duration, so what is wrong now is its size. */
function readWindow(text: string): Result<number, ApiFault> {
	const windowMs = parseDuration(text);
	if (windowMs !== null) return ok(windowMs);
	const message = `The completion window '${text}' is longer than a year; use at most 365d.`;
	return err(badRequest(message, "completion_window", "invalid_value"));
}

function notEnded({ id, status }: BatchRecord): ApiFault {
	const message = `The batch ${id} has not ended (${status}). Cancel it first, and delete it once it is 'cancelled'.`;
	return conflict(message, "wrong_state");
}
