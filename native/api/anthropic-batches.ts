/** `/v1/messages/batches`: Anthropic's Message Batches (reference batch-apis 2.2). */
import { type Context, Hono } from "hono";
import type { Clock, Log } from "../base/base.ts";
import {
	type MessageBatchDeleted,
	type MessageBatchListQuery,
	messageBatchListQuerySchema,
} from "../contract/contract.ts";
import { inAnthropicWords } from "../engine/dialects/anthropic-faults.ts";
import type { Jobs } from "../jobs/jobs.ts";
import { isEnded } from "../ledger/batch-status.ts";
import type { BatchRecord, Ledger, Page } from "../ledger/ledger.ts";
import type { ApiEnv } from "./answer-headers.ts";
import { type MessageBatchLimits, messageBatchLimits, storeRequests } from "./anthropic-batch-body.ts";
import { renderMessageBatch, renderMessageBatchList } from "./anthropic-batch-render.ts";
import { messageResults } from "./anthropic-batch-results.ts";
import type { BatchFormats } from "./batch-formats.ts";
import { tellDurability } from "./batch-place.ts";
import { describeIssues } from "./body.ts";
import { collectOnceSent } from "./collection.ts";
import { type CreateBatchDeps, readIdempotencyKey } from "./create-batch.ts";
import { createMessageBatch } from "./create-message-batch.ts";
import { type ApiFault, badRequest, notFound, refuse } from "./errors.ts";
import { streamOn } from "./file-content.ts";
import { freshnessHeaders } from "./freshness.ts";
import type { ApiLimits } from "./limits.ts";

/** What the routes need. */
export interface AnthropicBatchRoutesDeps extends CreateBatchDeps {
	readonly ledger: Pick<
		Ledger,
		| "storeBytes"
		| "createFile"
		| "deleteFile"
		| "file"
		| "readFile"
		| "batch"
		| "batches"
		| "deleteBatch"
		| "finishedLines"
		| "markCollected"
	>;
	readonly jobs: Pick<Jobs, "create" | "cancel">;
	readonly formats: BatchFormats;
	readonly clock: Clock;
	readonly log: Log;
	readonly limits: ApiLimits;
	/** Smaller in tests. */
	readonly batchLimits?: MessageBatchLimits;
}

/** Makes the routes of `/v1/messages/batches`. Batches made elsewhere are none of its business. */
export function createAnthropicBatchRoutes(deps: AnthropicBatchRoutesDeps): Hono<ApiEnv> {
	const { ledger, jobs, limits, batchLimits = messageBatchLimits } = deps;
	const routes = new Hono<ApiEnv>();
	let reading = 0;

	/** Null: there is no such batch in this API. */
	function find(id: string): BatchRecord | null {
		const batch = ledger.batch(id);
		return batch?.manifest.surface === "anthropic" ? batch : null;
	}

	function render(context: Context<ApiEnv>, batch: BatchRecord) {
		const { origin } = new URL(context.req.url);
		return renderMessageBatch(batch, { origin, hasResults: whyNoResults(ledger, batch) === null });
	}

	routes.post("/v1/messages/batches", async (context) => {
		const key = readIdempotencyKey(context.req.header("idempotency-key"));
		if (!key.ok) return refuse(context, key.error);
		if (reading >= batchLimits.bodies) return refuse(context, tooMany(batchLimits.bodies));
		reading++;
		try {
			const requests = await storeRequests(context.req.raw, { ledger, limits, batchLimits });
			if (!requests.ok) return refuse(context, requests.error);
			const batch = await createMessageBatch(deps, requests.value, key.value);
			if (!batch.ok) return refuse(context, batch.error);
			await tellDurability(context, deps.mesh, batch.value.id);
			return context.json(render(context, batch.value));
		} finally {
			reading--;
		}
	});

	routes.get("/v1/messages/batches", (context) => {
		const query = messageBatchListQuerySchema.safeParse(context.req.query());
		if (!query.success) return refuse(context, inTheirWords(describeIssues(query.error, context.req.query())));
		const page = readPage(ledger, query.data);
		return context.json(renderMessageBatchList(page, (batch) => render(context, batch)));
	});

	routes.get("/v1/messages/batches/:id", (context) => {
		const batch = find(context.req.param("id"));
		return batch === null ? refuse(context, noBatch(context)) : context.json(render(context, batch));
	});

	routes.delete("/v1/messages/batches/:id", async (context) => {
		const batch = find(context.req.param("id"));
		if (batch === null) return refuse(context, noBatch(context));
		if (!isEnded(batch.status)) return refuse(context, stillRunning(batch));
		await ledger.deleteBatch(batch.id);
		return context.json({ id: batch.id, type: "message_batch_deleted" } satisfies MessageBatchDeleted);
	});

	routes.post("/v1/messages/batches/:id/cancel", async (context) => {
		const id = context.req.param("id");
		if (find(id) === null) return refuse(context, noBatch(context));
		const cancelled = await jobs.cancel(id);
		if (cancelled.ok) return context.json(render(context, cancelled.value));
		if (cancelled.error.kind === "not-found") return refuse(context, noBatch(context));
		const { batch } = cancelled.error;
		// Who asks once more has what was asked for.
		return batch.status === "cancelled" ? context.json(render(context, batch)) : refuse(context, ended(batch));
	});

	routes.get("/v1/messages/batches/:id/results", (context) => {
		const batch = find(context.req.param("id"));
		return batch === null ? refuse(context, noBatch(context)) : sendResults(context, deps, batch);
	});

	return routes;
}

async function sendResults(
	context: Context<ApiEnv>,
	deps: Pick<AnthropicBatchRoutesDeps, "ledger" | "formats" | "clock" | "log">,
	batch: BatchRecord,
): Promise<Response> {
	const { ledger, clock, log } = deps;
	const missing = whyNoResults(ledger, batch);
	if (missing !== null) return refuse(context, { status: 404, message: missing, param: "id", code: "no_results" });
	const headers = { ...freshnessHeaders(batch, clock.nowMs()), "content-type": "application/x-jsonl" };
	if (context.req.method === "HEAD") return context.body(null, 200, headers);
	const pieces = messageResults(deps, batch);
	// Read before the answer begins: what can't be read is then still an honest error.
	const first = await pieces.next();
	const stream = streamOn(first, pieces, {
		lengthBytes: null,
		onBreak(error) {
			const details = { error, batch: batch.id, requestId: context.get("requestId") };
			log.error(details, "results could not be read to their end; their download was cut off");
		},
		onEnd: () => collectOnceSent(context, deps, batch.id, "all"),
	});
	return context.body(stream, 200, headers);
}

/** Why the results of a batch can't be had, in words for the client; null: they can. */
function whyNoResults(ledger: Pick<Ledger, "file">, batch: BatchRecord): string | null {
	if (!isEnded(batch.status)) {
		return `The batch ${batch.id} has no results yet. Ask again when its processing_status is 'ended'.`;
	}
	if (batch.resultsDroppedAtMs !== null) {
		return `The results of the batch ${batch.id} were removed at ${new Date(batch.resultsDroppedAtMs).toISOString()}.`;
	}
	if (batch.model === null && ledger.file(batch.manifest.inputFileId) === null) {
		return `The batch ${batch.id} ended before any of its requests was read, and they have been deleted since.`;
	}
	return null;
}

function readPage(ledger: Pick<Ledger, "batches">, query: MessageBatchListQuery): Page<BatchRecord> {
	const { after_id = null, before_id = null, limit } = query;
	const which = { limit, surface: "anthropic", withHeld: false } as const;
	if (before_id === null) return ledger.batches({ ...which, after: after_id, order: "desc" });
	const newer = ledger.batches({ ...which, after: before_id, order: "asc" });
	return { ...newer, rows: newer.rows.toReversed() };
}

function inTheirWords(fault: ApiFault): ApiFault {
	const [{ message, param }] = inAnthropicWords([{ ...fault, code: fault.code ?? "invalid_value" }]);
	return { ...fault, message, param };
}

function noBatch(context: Context<ApiEnv>): ApiFault {
	return notFound("Message Batch", context.req.param("id") ?? "");
}

/** Not a 409, which the clients of this API would send again and again. */
function stillRunning({ id }: BatchRecord): ApiFault {
	return badRequest(`The batch ${id} has not ended. Cancel it first: POST /v1/messages/batches/${id}/cancel.`, "id");
}

function ended({ id }: BatchRecord): ApiFault {
	return badRequest(`The batch ${id} has ended and can't be canceled any more. Its results can be had.`, "id");
}

function tooMany(most: number): ApiFault {
	return {
		status: 429,
		message: `${most} batches are being sent at this moment, which is as many as may. Send this one again.`,
		param: null,
		code: "too_many_bodies",
		headers: { "retry-after": "2" },
	};
}
