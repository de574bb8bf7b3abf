import SqliteDatabase from "better-sqlite3";
import { expect, it } from "vitest";
import { createFold } from "./fold.ts";
import type { Op } from "./log.ts";
import { canonicalJson, type OpContent, opContentSchema, toRanges } from "./ops.ts";
import { SCHEMA } from "./schema.ts";
import { encodeSegments, parseSegment } from "./segments.ts";
import { digestOf, MODEL, manifestOf, resultOf } from "./testing/fixtures.ts";
import { payloadHash } from "./winner.ts";

const NO_CONTEXT = { adopted: false, work: [], durations: [] };
const UNTOLD = { faults: [], message: null };
/** An end as operations from before several machines say it. */
const ENDED = {
	...UNTOLD,
	output: null,
	errors: null,
	round: null,
	epoch: null,
	completed: null,
	failed: null,
	usage: null,
};
const OLD_END = { ...ENDED, finalizingAtMs: null };

function segmentOf(line: number, isError = false, round = 0) {
	const result = resultOf(line, "answer", isError);
	const [segment] = encodeSegments([{ result, hash: payloadHash(result.payload) }]);
	if (segment === undefined) throw new Error("A result makes a segment.");
	const body = { batchId: "b", digest: digestOf(segment.bytes), sizeBytes: segment.bytes.length };
	const content = {
		kind: "segment" as const,
		body: { ...body, lines: toRanges([line]), errors: [], round, ...NO_CONTEXT },
	};
	return { content, rows: parseSegment(segment.bytes) };
}

it("leaves an ended batch as it was published, whatever operations come after", () => {
	const database = new SqliteDatabase(":memory:");
	database.exec(SCHEMA);
	const late = segmentOf(1);
	const fold = createFold(database, () => late.rows, "o");
	let sequence = 0;
	const apply = (content: OpContent, rows?: ReturnType<typeof parseSegment>): void => {
		sequence += 1;
		const op: Op = { arrival: sequence, origin: "o", sequence, atMs: sequence, stampMs: sequence, content };
		fold.apply(op, rows);
	};
	apply({ kind: "batch", body: { id: "b", manifest: manifestOf("file-1"), idempotencyKey: null } });
	apply({ kind: "validated", body: { batchId: "b", total: 2, model: MODEL, notices: [] } });
	const early = segmentOf(0);
	apply(early.content, early.rows);
	apply({
		kind: "published",
		body: { batchId: "b", status: "expired", ...OLD_END },
	});
	// What is there may grow; shown is what was published.
	const shown = database.prepare(
		`SELECT sealed, sealed_at_ms, figures, output_file_id, faults, cancelling_at_ms, failed_at_ms, finalizing_at_ms FROM batch`,
	);
	const published = shown.get();
	apply(late.content, late.rows);
	apply({ kind: "cancel", body: { batchId: "b", round: null } });
	apply({ kind: "invalid", body: { batchId: "b", ...UNTOLD } });
	apply({
		kind: "published",
		body: { batchId: "b", status: "completed", ...OLD_END },
	});
	expect(shown.get()).toEqual(published);
	expect(published).toMatchObject({ figures: expect.stringContaining('"completed":1'), sealed: "expired" });
});

it("ignores errors of a round that a retry ended, however late they come, and takes their successes", () => {
	const database = new SqliteDatabase(":memory:");
	database.exec(SCHEMA);
	const fold = createFold(database, () => [], "o");
	let sequence = 0;
	const apply = (content: OpContent, rows?: ReturnType<typeof parseSegment>): void => {
		sequence += 1;
		fold.apply({ arrival: sequence, origin: "o", sequence, atMs: sequence, stampMs: sequence, content }, rows);
	};
	apply({ kind: "batch", body: { id: "b", manifest: manifestOf("file-1"), idempotencyKey: null } });
	apply({ kind: "validated", body: { batchId: "b", total: 3, model: MODEL, notices: [] } });
	const early = segmentOf(0, true);
	apply(early.content, early.rows);
	apply({ kind: "published", body: { batchId: "b", status: "expired", ...OLD_END } });
	apply({ kind: "retried", body: { batchId: "b", round: 1, lines: null, putBack: 1, windowMs: 1 } });
	const counts = () => database.prepare("SELECT completed, failed, retries FROM batch").get();
	expect(counts()).toEqual({ completed: 0, failed: 0, retries: 1 });
	apply(early.content, early.rows);
	expect(counts()).toEqual({ completed: 0, failed: 0, retries: 1 });
	const late = segmentOf(1);
	apply(late.content, late.rows);
	const current = segmentOf(2, true, 1);
	apply(current.content, current.rows);
	expect(counts()).toEqual({ completed: 1, failed: 1, retries: 1 });
});

it("stamps a cancel once", () => {
	const database = new SqliteDatabase(":memory:");
	database.exec(SCHEMA);
	const fold = createFold(database, () => [], "o");
	const begin: OpContent = { kind: "batch", body: { id: "b", manifest: manifestOf("file-1"), idempotencyKey: null } };
	const cancel: OpContent = { kind: "cancel", body: { batchId: "b", round: null } };
	for (const [index, content] of [begin, cancel, cancel].entries()) {
		const at = index + 1;
		fold.apply({ arrival: at, origin: "o", sequence: at, atMs: at, stampMs: at, content });
	}
	expect(database.prepare("SELECT cancelling_at_ms FROM batch").pluck().get()).toBe(2);
});

it("reads a segment back as it was written, byte ranges and hashes included", () => {
	const results = [resultOf(3, 'quotes " and ☃'), resultOf(1, "line\nend", true), resultOf(2)];
	const hashed = results.map((result) => ({ result, hash: payloadHash(result.payload) }));
	const segments = encodeSegments(hashed);
	expect(segments.flatMap((segment) => parseSegment(segment.bytes))).toEqual(segments.flatMap((one) => one.rows));
});

it("writes equal bodies as equal bytes, whatever the order of their keys", () => {
	expect(canonicalJson({ b: [{ d: 1, c: null }], a: "x" })).toBe('{"a":"x","b":[{"c":null,"d":1}]}');
	expect(canonicalJson({ a: "x", b: [{ c: null, d: 1 }] })).toBe('{"a":"x","b":[{"c":null,"d":1}]}');
});

it("packs neighbouring lines into runs", () => {
	expect(toRanges([0, 1, 2, 5, 7, 8])).toEqual([
		[0, 3],
		[5, 1],
		[7, 2],
	]);
});

it("refuses a body that does not fit its kind", () => {
	expect(opContentSchema.safeParse({ kind: "cancel", body: { batch: "b" } }).success).toBe(false);
	expect(opContentSchema.safeParse({ kind: "unheard-of", body: {} }).success).toBe(false);
});
