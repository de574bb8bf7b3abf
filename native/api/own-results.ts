/** `/api/batches/{id}/results`: answers with where they came from and when, which the files may not tell (their bytes are fixed). */
import { Hono } from "hono";
import { type Clock, err, type Log, ok, type Result } from "../base/base.ts";
import { type ResultsQuery, resultsQuerySchema } from "../contract/contract.ts";
import { isEnded } from "../ledger/batch-status.ts";
import type { BatchRecord, Ledger } from "../ledger/ledger.ts";
import type { ApiEnv } from "./answer-headers.ts";
import { composeLineResult, type LineView } from "./batch-details.ts";
import type { BatchFormats } from "./batch-formats.ts";
import { describeIssues } from "./body.ts";
import { collectOnceSent } from "./collection.ts";
import { type ApiFault, notFound, quote, refuse } from "./errors.ts";
import { streamOn } from "./file-content.ts";
import { freshnessHeaders } from "./freshness.ts";

/** What the routes need. */
export interface OwnResultRoutesDeps {
	readonly ledger: Pick<Ledger, "batch" | "finishedLines" | "lineByCustomId" | "markCollected">;
	readonly formats: BatchFormats;
	readonly clock: Clock;
	readonly log: Log;
}

/** Lines are gathered to pieces of this size: one write for a hundred small answers, and little in memory for large ones. */
const PIECE_CHARACTERS = 64 * 1024;

/** Makes the routes of results. */
export function createOwnResultRoutes(deps: OwnResultRoutesDeps): Hono<ApiEnv> {
	const { ledger, formats, clock, log } = deps;
	const routes = new Hono<ApiEnv>();

	routes.get("/api/batches/:id/results", async (context) => {
		const query = resultsQuerySchema.safeParse(context.req.query());
		if (!query.success) return refuse(context, describeIssues(query.error, context.req.query()));
		const found = findResults(ledger.batch(context.req.param("id")), context.req.param("id"));
		if (!found.ok) return refuse(context, found.error);
		const batch = found.value;
		const { only = "all" } = query.data;
		const headers = {
			...freshnessHeaders(batch, clock.nowMs()),
			"content-type": "application/x-ndjson; charset=utf-8",
		};
		if (context.req.method === "HEAD") return context.body(null, 200, headers);
		const view = { batch, format: await formats.of(batch), nowMs: clock.nowMs() };
		const pieces = resultPieces(ledger, view, only);
		// Read before the answer begins: what can't be read is then still an honest error.
		const first = await pieces.next();
		const stream = streamOn(first, pieces, {
			lengthBytes: null,
			onBreak(error) {
				const details = { error, batch: batch.id, requestId: context.get("requestId") };
				log.error(details, "results could not be read to their end; their download was cut off");
			},
			// Of a batch that was still running when it began, the reader has not got all.
			onEnd: async () => (isEnded(batch.status) ? collectOnceSent(context, deps, batch.id, only) : undefined),
		});
		return context.body(stream, 200, headers);
	});

	// An id may have slashes in it, encoded by programs and plain from people.
	routes.get("/api/batches/:id/results/:custom_id{.+}", async (context) => {
		const { id, custom_id: customId } = context.req.param();
		const found = findResults(ledger.batch(id), id);
		if (!found.ok) return refuse(context, found.error);
		const batch = found.value;
		const line = ledger.lineByCustomId(id, customId);
		if (line === null) return refuse(context, noSuchLine(batch, customId));
		const nowMs = clock.nowMs();
		const producedAtMs = line.result?.provenance.producedAtMs ?? null;
		const body = composeLineResult(line, { batch, format: await formats.of(batch), nowMs });
		return context.json(body, 200, freshnessHeaders(batch, nowMs, producedAtMs));
	});

	return routes;
}

/** The lines asked for as JSON, one a line, in input order. */
async function* resultPieces(
	ledger: Pick<Ledger, "finishedLines">,
	view: LineView,
	only: ResultsQuery["only"] | "all",
): AsyncGenerator<Uint8Array> {
	let text = "";
	for await (const line of ledger.finishedLines(view.batch.id)) {
		const result = composeLineResult(line, view);
		if (only === "failed" && !result.is_error) continue;
		if (only === "answered" && (result.is_error || result.result === null)) continue;
		text += `${JSON.stringify(result)}\n`;
		if (text.length < PIECE_CHARACTERS) continue;
		yield Buffer.from(text);
		text = "";
	}
	if (text !== "") yield Buffer.from(text);
}

/** The batch, if it has lines that could have results. */
function findResults(batch: BatchRecord | null, id: string): Result<BatchRecord, ApiFault> {
	if (batch === null) return err(notFound("Batch", id));
	if (batch.resultsDroppedAtMs !== null) return err(dropped(batch, batch.resultsDroppedAtMs));
	if (batch.model !== null) return ok(batch);
	const reason =
		batch.status === "failed"
			? "failed at validation: its errors say what to mend in the file"
			: `has no lines yet or never had any (${batch.status})`;
	return err(noResults(`The batch ${batch.id} ${reason}.`));
}

function dropped(batch: BatchRecord, droppedAtMs: number): ApiFault {
	const collected =
		batch.collectedAtMs === null ? "" : ` They had been collected at ${new Date(batch.collectedAtMs).toISOString()}.`;
	const why = `when they had been kept as long as the settings say (batches.keepCollectedDays).${collected}`;
	const when = new Date(droppedAtMs).toISOString();
	return noResults(
		`The results of the batch ${batch.id} were removed at ${when}, ${why} Make a new batch to get them again.`,
	);
}

function noSuchLine(batch: BatchRecord, customId: string): ApiFault {
	const message = `The batch ${batch.id} has no line with the custom_id '${quote(customId)}'. GET /api/batches/${batch.id}/results lists all; in a path a custom_id is percent-encoded.`;
	return { status: 404, message, param: "custom_id", code: "line_not_found" };
}

function noResults(message: string): ApiFault {
	return { status: 404, message, param: "id", code: "no_results" };
}
