/** `/api/batches/rehearse` and `/api/batches/{id}/rehearsal`: what the first lines of a batch come to, before the rest runs. */
import { Hono } from "hono";
import { rehearsalDraftSchema, rehearsalQuerySchema } from "../contract/contract.ts";
import type { Jobs } from "../jobs/jobs.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { ApiEnv } from "./answer-headers.ts";
import { isPlayed } from "./batch-details.ts";
import { tellDurability } from "./batch-place.ts";
import { describeIssues, readJson } from "./body.ts";
import { type CreateBatchDeps, createBatch, readIdempotencyKey } from "./create-batch.ts";
import { type DescribeRehearsalDeps, describeRehearsal } from "./describe-batch.ts";
import { notFound, quote, refuse } from "./errors.ts";
import type { ApiLimits } from "./limits.ts";
import { readDraft } from "./own-batches.ts";

/** What the routes need. */
export interface OwnRehearsalRoutesDeps extends CreateBatchDeps, DescribeRehearsalDeps {
	readonly ledger: Pick<
		Ledger,
		"file" | "readFile" | "batch" | "durations" | "workMinutes" | "lineBytes" | "finishedLine" | "watch"
	>;
	readonly jobs: Pick<Jobs, "create" | "health">;
	readonly mesh: CreateBatchDeps["mesh"] & DescribeRehearsalDeps["mesh"];
	readonly limits: ApiLimits;
}

/** Makes the routes of rehearsals. */
export function createOwnRehearsalRoutes(deps: OwnRehearsalRoutesDeps): Hono<ApiEnv> {
	const { ledger, limits } = deps;
	const routes = new Hono<ApiEnv>();

	routes.post("/api/batches/rehearse", async (context) => {
		const query = rehearsalQuerySchema.safeParse(context.req.query());
		if (!query.success) return refuse(context, describeIssues(query.error, context.req.query()));
		const key = readIdempotencyKey(context.req.header("idempotency-key"));
		if (!key.ok) return refuse(context, key.error);
		const body = await readJson(context.req.raw, rehearsalDraftSchema, limits);
		if (!body.ok) return refuse(context, body.error);
		const { rehearsal, ...draft } = body.value;
		const wish = readDraft(draft, rehearsal);
		if (!wish.ok) return refuse(context, wish.error);
		const created = await createBatch(deps, wish.value, key.value);
		if (!created.ok) return refuse(context, created.error);
		await tellDurability(context, deps.mesh, created.value.id);
		await untilPlayed(ledger, created.value.id, query.data.wait * 1000, context.req.raw.signal);
		// As it is now: validation may have begun, and after a wait all may be over.
		return context.json(await describeRehearsal(deps, ledger.batch(created.value.id) ?? created.value));
	});

	routes.get("/api/batches/:id/rehearsal", async (context) => {
		const query = rehearsalQuerySchema.safeParse(context.req.query());
		if (!query.success) return refuse(context, describeIssues(query.error, context.req.query()));
		const id = context.req.param("id");
		await untilPlayed(ledger, id, query.data.wait * 1000, context.req.raw.signal);
		const batch = ledger.batch(id);
		if (batch === null) return refuse(context, notFound("Batch", id));
		if (batch.manifest.rehearsal !== null) return context.json(await describeRehearsal(deps, batch));
		const message = `The batch ${quote(id)} was made without a rehearsal; POST /api/batches/rehearse makes one with.`;
		return refuse(context, { status: 404, message, param: "id", code: "not_rehearsed" });
	});

	return routes;
}

/** Resolves when the rehearsal is over, the batch has ended or is gone, the time is over, or the client has left. */
async function untilPlayed(
	ledger: Pick<Ledger, "batch" | "watch">,
	batchId: string,
	waitMs: number,
	clientGone: AbortSignal,
): Promise<void> {
	if (waitMs === 0) return;
	const { promise, resolve } = Promise.withResolvers<void>();
	function look(): void {
		const batch = ledger.batch(batchId);
		if (batch === null || isPlayed(batch)) resolve();
	}
	const stopWatching = ledger.watch((change) => {
		if (change.kind === "batch" && change.batchId === batchId) look();
	});
	const timer = setTimeout(resolve, waitMs);
	const leave = () => resolve();
	clientGone.addEventListener("abort", leave, { once: true });
	if (clientGone.aborted) leave();
	look();
	await promise;
	clientGone.removeEventListener("abort", leave);
	clearTimeout(timer);
	stopWatching();
}
