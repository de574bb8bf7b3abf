import type { Database } from "better-sqlite3";
import { type Course, courseOf, DECISIONS, type Decided, type Decision, type SealRow } from "./course.ts";
import type { NoticeFold } from "./fold-notices.ts";
import { type Op, placeOf } from "./log.ts";
import { canonicalJson, type OpBody, type OpContent, opContentSchema } from "./ops.ts";
import { manifestSchema } from "./ops-manifest.ts";
import type { LedgerChange } from "./records.ts";
import { digestOfSealed } from "./seal-digest.ts";
import { startOf } from "./start.ts";

/** Folds what decides about a batch: keeps every decision and works out anew how the batch stands (`course.ts`). */
export interface CourseFold {
	/** Keeps a decision. Of a batch that is here. */
	decided(content: Decided, op: Op): readonly LedgerChange[];
	/** Keeps a seal, or that one is published; its files may be shown if it is. */
	sealed(
		content: SealRow["content"],
		op: Op,
	): { readonly isPublished: boolean; readonly changes: readonly LedgerChange[] };
	/** Works out how a batch stands after an operation that changed what it depends on. */
	settle(batchId: string, op: Op): Settled | null;
	/** The round that an operation means: the one it says, or that which its own log had come to. */
	roundOf(batch: number, op: Pick<Op, "origin">, said: number | null): number;
}

/** How a batch stood before and stands now. */
export interface Settled {
	readonly number: number;
	readonly before: Standing;
	readonly after: Course;
}

/** What of a batch's row decides who is told of what. */
interface Standing {
	readonly number: number;
	readonly origin: string;
	readonly manifest: string;
	readonly created_at_ms: number;
	readonly is_held: 0 | 1;
	readonly sealed: string | null;
	readonly pause: string | null;
	readonly warning: string | null;
	readonly rehearsed: string | null;
	readonly round: number;
	readonly total: number;
	readonly completed: number;
	readonly failed: number;
	readonly input_tokens: number;
	readonly cached_tokens: number;
	readonly output_tokens: number;
	readonly reasoning_tokens: number;
	readonly figures: string | null;
	readonly in_progress_at_ms: number | null;
	readonly finalizing_at_ms: number | null;
	readonly failed_at_ms: number | null;
	readonly results_dropped_at_ms: number | null;
}

interface KeptRow {
	readonly round: number;
	readonly place: string;
	readonly atMs: number;
	readonly content: string;
}

const kinds: ReadonlySet<string> = new Set(DECISIONS);

/** A fold of decisions into `database`; what people are told of goes through `notices`. */
export function createCourseFold(database: Database, notices: NoticeFold): CourseFold {
	const standing = database.prepare<[string], Standing>(
		`SELECT number, origin, manifest, created_at_ms, is_held, sealed, pause, warning, rehearsed, round, total, completed, failed,
		 input_tokens, cached_tokens, output_tokens, reasoning_tokens, figures, in_progress_at_ms, finalizing_at_ms, failed_at_ms, results_dropped_at_ms FROM batch WHERE id = ?`,
	);
	const kept = createKept(database);
	const write = createWriter(database);
	const roundThen = database
		.prepare<[number, string], number>("SELECT coalesce(max(round), 0) FROM retry WHERE batch = ? AND origin = ?")
		.pluck();
	const roundOf: CourseFold["roundOf"] = (batch, { origin }, said) => said ?? roundThen.get(batch, origin) ?? 0;

	function settle(batchId: string, op: Op): Settled | null {
		const before = standing.get(batchId);
		if (before === undefined) return null;
		const manifest = manifestSchema.parse(JSON.parse(before.manifest));
		const isDropped = before.results_dropped_at_ms !== null;
		const start = { ...startOf(manifest, before.created_at_ms), isDropped };
		const after = courseOf(start, kept.decisions(before.number), kept.seals(before.number));
		write(before.number, after, figuresOf(before, after), finalizingOf(before, after, op));
		return { number: before.number, before, after };
	}

	return {
		roundOf,
		settle,
		decided(content, op) {
			const batchId = content.body.batchId;
			const number = standing.get(batchId)?.number;
			if (number === undefined) return [];
			kept.decide(number, roundOf(number, op, saidRound(content)), content, op);
			const settled = settle(batchId, op);
			const changed: LedgerChange = { kind: "batch", batchId };
			return settled === null ? [changed] : [changed, ...tellDecided(notices, settled, content, op)];
		},
		sealed(content, op) {
			const { batchId } = content.body;
			const number = standing.get(batchId)?.number;
			if (number === undefined) return { isPublished: false, changes: [] };
			kept.seal(number, roundOf(number, op, content.body.round), content, op);
			const settled = settle(batchId, op);
			// By the word of its digest, which an earlier round may have given.
			const isPublished = kept.isPublished(number, content);
			if (settled === null || settled.after.sealed === null) return { isPublished, changes: [] };
			const { message, status } = settled.after.sealed.content.body;
			const isNews = settled.before.sealed === null && message !== null;
			const told = isNews ? notices.tell(op, settled.before.origin, { kind: status, batchId, message }) : [];
			return { isPublished, changes: [{ kind: "batch", batchId }, ...told] };
		},
	};
}

function saidRound(content: Decided): number | null {
	return content.kind === "validated" || content.kind === "invalid" || content.kind === "chosen"
		? null
		: content.body.round;
}

/** Keeps decisions and seals and reads them back. */
function createKept(database: Database) {
	const insertDecision = database.prepare(
		"INSERT INTO decision (number, batch, round, place, at_ms, content) VALUES (?, ?, ?, ?, ?, ?)",
	);
	const insertSeal = database.prepare(
		`INSERT INTO seal (number, batch, round, digest, is_published, place, at_ms, content)
		 VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
	);
	const decisions = database.prepare<[number], KeptRow>(
		"SELECT round, place, at_ms AS atMs, content FROM decision WHERE batch = ? ORDER BY number",
	);
	const seals = database.prepare<[number], KeptRow & { readonly digest: string; readonly isPublished: 0 | 1 }>(
		`SELECT round, digest, is_published AS isPublished, place, at_ms AS atMs, content FROM seal
		 WHERE batch = ? ORDER BY number`,
	);
	const published = database
		.prepare<[number, string], number>("SELECT 1 FROM seal WHERE batch = ? AND digest = ? AND is_published = 1 LIMIT 1")
		.pluck();
	return {
		isPublished: (batch: number, content: SealRow["content"]): boolean =>
			published.get(batch, digestOfSealed(content)) !== undefined,
		decide(batch: number, round: number, content: Decided, op: Op): void {
			// Lines of a retry are kept where results look for them.
			const short = content.kind === "retried" ? { ...content, body: { ...content.body, lines: null } } : content;
			insertDecision.run(op.arrival, batch, round, placeOf(op), op.atMs, canonicalJson(short));
		},
		seal(batch: number, round: number, content: SealRow["content"], op: Op): void {
			const isPublished = content.kind === "published" ? 1 : 0;
			const digest = digestOfSealed(content);
			insertSeal.run(op.arrival, batch, round, digest, isPublished, placeOf(op), op.atMs, canonicalJson(content));
		},
		decisions: (batch: number): Decision[] =>
			decisions.all(batch).map((row) => ({ ...row, content: decidedSchema.parse(JSON.parse(row.content)) })),
		seals: (batch: number): SealRow[] =>
			seals.all(batch).map((row) => ({
				...row,
				isPublished: row.isPublished === 1,
				content: sealedSchema.parse(JSON.parse(row.content)),
			})),
	};
}

const isDecided = (content: OpContent): content is Decided => kinds.has(content.kind);
const decidedSchema = opContentSchema.refine(isDecided);
const sealedSchema = opContentSchema.refine(
	(content): content is SealRow["content"] => content.kind === "seal" || content.kind === "published",
);

/** When all that was to be done was done: the first moment of a round at which it was seen so here, until the batch is published. */
function finalizingOf(before: Standing, after: Course, op: Op): number | null {
	const said = after.sealed?.content.body;
	if (said !== undefined && said.usage !== null) return said.finalizingAtMs;
	const known = after.round === before.round ? before.finalizing_at_ms : null;
	if (known !== null) return known;
	if (after.givenUp !== null) return after.givenUp.atMs;
	const mayBeWhole = op.content.kind === "queued" || op.content.kind === "retried";
	if (!mayBeWhole || after.sealed !== null || after.isHeld || after.inProgressAtMs === null) return null;
	return before.completed + before.failed === after.total ? op.atMs : null;
}

/** Tells people of what a decision changed here. */
function tellDecided(
	notices: NoticeFold,
	{ before, after }: Settled,
	content: Decided,
	op: Op,
): readonly LedgerChange[] {
	const { batchId } = content.body;
	const tell = (kind: Parameters<NoticeFold["tell"]>[2]["kind"], message: string): readonly LedgerChange[] =>
		notices.tell(op, before.origin, { kind, batchId, message });
	if (content.kind === "invalid") {
		const { message } = content.body;
		return before.failed_at_ms === null && after.invalidAtMs !== null && message !== null
			? tell("failed", message)
			: [];
	}
	if (content.kind === "rehearsed") {
		const { message } = content.body;
		// Of a batch that was queued meanwhile nobody waits for it.
		const isNews = before.rehearsed === null && after.rehearsed !== null && before.is_held === 1;
		return isNews && message !== null ? tell("rehearsed", message) : [];
	}
	if (content.kind === "paused") {
		const isNews = before.pause === null && after.pause !== null && content.body.cause !== "user";
		return isNews ? tell("needs-attention", content.body.message) : [];
	}
	if (content.kind === "warned") {
		const { message } = content.body;
		const isNews = message !== null && before.warning === null && after.warning !== null;
		return isNews ? tell("deadline-at-risk", message) : [];
	}
	return [];
}

function createWriter(database: Database) {
	const update = database.prepare(
		`UPDATE batch SET round = ?, total = ?, model_name = ?, model_digest = ?, notices = ?, in_progress_at_ms = ?, faults = ?,
		 failed_at_ms = ?, cancelling_at_ms = ?, sealed = ?, sealed_at_ms = ?, output_file_id = ?, error_file_id = ?,
		 expires_at_ms = ?, is_held = ?, rehearsed = ?, pause = ?, overruled = ?, given_up = ?, warning = ?, collected_at_ms = ?,
		 figures = ?, machines = ?, finalizing_at_ms = ? WHERE number = ?`,
	);
	const json = (value: object | null): string | null => (value === null ? null : canonicalJson(value));
	return (number: number, course: Course, figures: string | null, finalizingAtMs: number | null): void => {
		const { sealed, model } = course;
		const files = filesOf(sealed);
		update.run(
			course.round,
			course.total,
			model?.name ?? null,
			model?.digest ?? null,
			canonicalJson(course.notices),
			course.inProgressAtMs,
			canonicalJson(course.faults),
			course.invalidAtMs,
			course.cancellingAtMs,
			sealed?.content.body.status ?? null,
			sealed?.atMs ?? null,
			files.output?.id ?? null,
			files.errors?.id ?? null,
			course.expiresAtMs,
			course.isHeld ? 1 : 0,
			json(course.rehearsed),
			json(course.pause),
			JSON.stringify(course.overruled),
			json(course.givenUp),
			json(course.warning),
			course.collectedAtMs,
			figures,
			json(course.machines),
			finalizingAtMs,
			number,
		);
	};
}

/** Files that a seal names. */
export function filesOf(seal: Pick<SealRow, "content"> | null): {
	readonly output: OpBody<"file"> | null;
	readonly errors: OpBody<"file"> | null;
} {
	if (seal === null) return { output: null, errors: null };
	const { content } = seal;
	if (content.kind === "published") return { output: content.body.output, errors: content.body.errors };
	return { output: content.body.outputFile, errors: content.body.errorFile };
}

/** Published figures; of a seal from before they were published those of the results that were there. Null: it has not ended. */
function figuresOf(before: Standing, { sealed, round }: Course): string | null {
	if (sealed === null) return null;
	const { completed, failed, usage } = sealed.content.body;
	if (completed !== null && failed !== null && usage !== null) return canonicalJson({ completed, failed, usage });
	if (before.sealed !== null && before.round === round && before.figures !== null) return before.figures;
	return canonicalJson({
		completed: before.completed,
		failed: before.failed,
		usage: {
			inputTokens: before.input_tokens,
			cachedTokens: before.cached_tokens,
			outputTokens: before.output_tokens,
			reasoningTokens: before.reasoning_tokens,
		},
	});
}
