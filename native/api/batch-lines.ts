/** `/api/batches/{id}/lines`: requests beside their answers, any part of a million at once, and a search through them. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { Hono } from "hono";
import { assertNever, type Clock, err, ok, type Result } from "../base/base.ts";
import { type BatchLines, type BatchLinesQuery, batchLinesQuerySchema } from "../contract/contract.ts";
import { HEAD_BYTES } from "../jobs/formats/formats.ts";
import type { BatchRecord, BrowsedLine, Ledger, LineState } from "../ledger/ledger.ts";
import type { ApiEnv } from "./answer-headers.ts";
import { skipReasonOf } from "./batch-details.ts";
import type { BatchFormats } from "./batch-formats.ts";
import { composeBatchLine, composeBatchLineDetails, createLineSearch, type LinesView } from "./batch-line-view.ts";
import { describeIssues } from "./body.ts";
import { type ApiFault, conflict, notFound, quote, refuse } from "./errors.ts";

/** What the routes need. */
export interface BatchLinesRoutesDeps {
	readonly ledger: Pick<Ledger, "batch" | "file" | "inputHead" | "linesInState" | "browseLines">;
	readonly formats: BatchFormats;
	readonly clock: Clock;
}

/** A call looks no longer than this: what it found so far is shown, and the page asks for more. */
const LOOK_MS = 150;
/** Lines whose states are looked up at once: some 10 ms of work. */
const STATE_WINDOW_LINES = 20_000;
/** Lines that are searched before the time is looked at again at the latest; portions of them are far smaller. */
const SEARCH_WINDOW_LINES = 2_000;

/** Makes the routes. */
export function createBatchLinesRoutes(deps: BatchLinesRoutesDeps): Hono<ApiEnv> {
	const { ledger, formats } = deps;
	const routes = new Hono<ApiEnv>();
	const viewOf = async (batch: BatchRecord): Promise<LinesView> => ({
		batch,
		format: await formats.of(batch),
		skipped: skipReasonOf(batch.status),
	});

	routes.get("/api/batches/:id/lines", async (context) => {
		const query = batchLinesQuerySchema.safeParse(context.req.query());
		if (!query.success) return refuse(context, describeIssues(query.error, context.req.query()));
		const found = findLines(ledger.batch(context.req.param("id")), context.req.param("id"));
		if (!found.ok) return refuse(context, found.error);
		return context.json(await look(deps, await viewOf(found.value), query.data));
	});

	routes.get("/api/batches/:id/lines/:line{[0-9]{1,15}}", async (context) => {
		const { id, line: number } = context.req.param();
		const found = findLines(ledger.batch(id), id);
		if (!found.ok) return refuse(context, found.error);
		const view = await viewOf(found.value);
		for await (const [line] of ledger.browseLines(id, [Number(number)])) {
			if (line === undefined) break;
			return context.json(composeBatchLineDetails(line, view, () => ledger.inputHead(id, HEAD_BYTES)));
		}
		return refuse(context, noSuchLine(found.value, number));
	});

	return routes;
}

/** Looks through the lines from `from` on until there are enough, none are left, or the time is over. */
async function look(deps: BatchLinesRoutesDeps, view: LinesView, query: BatchLinesQuery): Promise<BatchLines> {
	const { ledger, clock } = deps;
	const { id, total } = view.batch;
	const endsMs = clock.monotonicMs() + LOOK_MS;
	const isMeant = query.search === undefined ? () => true : createLineSearch(query.search, view);
	const data: BrowsedLine[] = [];
	const answer = (nextFrom: number): BatchLines => ({
		total,
		data: data.map((line) => composeBatchLine(line, view)),
		next_from: nextFrom < total ? nextFrom : null,
		notice: noticeOf(deps, view, data),
	});
	let { from } = query;
	// Somebody may delete it meanwhile.
	while (from < total && ledger.batch(id) !== null) {
		const end = Math.min(from + windowOf(query), total);
		const candidates = candidatesIn(ledger, view, query.only, from, end);
		// Without a search every candidate is one, and no more are read than are wanted.
		const wanted = query.search === undefined ? candidates.slice(0, query.limit - data.length) : candidates;
		for await (const portion of ledger.browseLines(id, wanted)) {
			for (const line of portion) {
				if (isMeant(line)) data.push(line);
				if (data.length === query.limit) return answer(line.line + 1);
			}
			const last = portion.at(-1);
			if (last !== undefined && clock.monotonicMs() >= endsMs) return answer(last.line + 1);
		}
		from = end;
		if (clock.monotonicMs() >= endsMs) break;
		await nextTurn();
	}
	return answer(from);
}

function windowOf({ limit, only, search }: BatchLinesQuery): number {
	if (search !== undefined) return SEARCH_WINDOW_LINES;
	return only === undefined ? limit : STATE_WINDOW_LINES;
}

/** The lines from `from` to before `end` that may be meant, ascending. */
function candidatesIn(
	ledger: Pick<Ledger, "linesInState">,
	{ batch, skipped }: LinesView,
	only: BatchLinesQuery["only"],
	from: number,
	end: number,
): readonly number[] {
	if (only === undefined) return Array.from({ length: end - from }, (_, index) => from + index);
	const states = statesOf(only, skipped !== null);
	return states.flatMap((state) => ledger.linesInState(batch.id, state, from, end)).sort((one, other) => one - other);
}

/** Lines that an ended batch never ran count as failed, as in its results. */
function statesOf(only: LineState, hasEnded: boolean): readonly LineState[] {
	if (!hasEnded) return [only];
	switch (only) {
		case "open":
			return [];
		case "answered":
			return ["answered"];
		case "failed":
			return ["failed", "open"];
		default:
			return assertNever(only);
	}
}

function noticeOf(
	{ ledger }: Pick<BatchLinesRoutesDeps, "ledger">,
	{ batch }: LinesView,
	lines: readonly BrowsedLine[],
): string | null {
	const { template, inputFileId } = batch.manifest;
	const isTableGone = template !== null && ledger.file(inputFileId) === null;
	if (!isTableGone && lines.every(({ bytes }) => bytes !== null)) return null;
	return "The input file was removed: the answers are still here, what was asked is not.";
}

/** The batch, if its lines are known. */
function findLines(batch: BatchRecord | null, id: string): Result<BatchRecord, ApiFault> {
	if (batch === null) return err(notFound("Batch", id));
	if (batch.resultsDroppedAtMs !== null) return err(dropped(batch, batch.resultsDroppedAtMs));
	if (batch.status === "validating") {
		const message = `The lines of the batch ${id} are being checked; they can be looked at once that is done.`;
		return err(conflict(message, "not_checked_yet"));
	}
	if (batch.model !== null) return ok(batch);
	const reason =
		batch.status === "failed" ? "failed at the check: its errors say what to mend" : "ended before the check";
	return err(noLines(`The batch ${id} has no lines to look at: it ${reason}.`));
}

function dropped({ id }: BatchRecord, droppedAtMs: number): ApiFault {
	const when = new Date(droppedAtMs).toISOString();
	const why = "when they had been kept as long as the settings say (batches.keepCollectedDays)";
	return noLines(
		`The lines of the batch ${id} and their results were removed at ${when}, ${why}. Its figures are kept.`,
	);
}

function noLines(message: string): ApiFault {
	return { status: 404, message, param: "id", code: "no_lines" };
}

function noSuchLine({ id, total }: BatchRecord, line: string): ApiFault {
	const message = `The batch ${id} has no line ${quote(line)}; its lines are 0 to ${total - 1}.`;
	return { status: 404, message, param: "line", code: "line_not_found" };
}
