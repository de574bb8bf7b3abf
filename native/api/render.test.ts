import { describe, expect, it } from "vitest";
import { batchObjectSchema, fileObjectSchema } from "../contract/contract.ts";
import type { BatchRecord, FileRecord } from "../ledger/ledger.ts";
import { sampleManifest, untouched } from "../ledger/testing/manifest.ts";
import { renderBatch, renderFile, renderPage } from "./render.ts";

const young: BatchRecord = {
	...untouched,
	origin: "origin",
	id: "batch_1",
	manifest: sampleManifest({ inputFileId: "file-1" }),
	status: "validating",
	faults: [],
	model: null,
	total: 0,
	completed: 0,
	failed: 0,
	usage: { inputTokens: 0, cachedTokens: 0, outputTokens: 0, reasoningTokens: 0 },
	outputFileId: null,
	errorFileId: null,
	createdAtMs: 1_700_000_000_999,
	expiresAtMs: 1_700_086_400_999,
	inProgressAtMs: null,
	finalizingAtMs: null,
	completedAtMs: null,
	failedAtMs: null,
	expiredAtMs: null,
	cancellingAtMs: null,
	cancelledAtMs: null,
};

describe("renderBatch", () => {
	it("shows a new batch with every key, in seconds, null where nothing is yet", () => {
		const batch = renderBatch(young);
		expect(batchObjectSchema.parse(batch)).toEqual(batch);
		expect(batch).toEqual({
			id: "batch_1",
			object: "batch",
			endpoint: "/v1/chat/completions",
			model: null,
			errors: null,
			input_file_id: "file-1",
			completion_window: "24h",
			status: "validating",
			output_file_id: null,
			error_file_id: null,
			created_at: 1_700_000_000,
			in_progress_at: null,
			expires_at: 1_700_086_400,
			finalizing_at: null,
			completed_at: null,
			failed_at: null,
			expired_at: null,
			cancelling_at: null,
			cancelled_at: null,
			request_counts: { total: 0, completed: 0, failed: 0 },
			usage: {
				input_tokens: 0,
				input_tokens_details: { cached_tokens: 0 },
				output_tokens: 0,
				output_tokens_details: { reasoning_tokens: 0 },
				total_tokens: 0,
			},
			metadata: null,
		});
	});

	it("shows a finished one with its model, times, counts, tokens and files", () => {
		const batch = renderBatch({
			...young,
			status: "completed",
			model: { name: "demo", digest: "d" },
			total: 3,
			completed: 2,
			failed: 1,
			usage: { inputTokens: 10, cachedTokens: 4, outputTokens: 5, reasoningTokens: 2 },
			outputFileId: "file-2",
			errorFileId: "file-3",
			inProgressAtMs: 2_000,
			finalizingAtMs: 3_000,
			completedAtMs: 4_999,
			manifest: { ...young.manifest, metadata: { a: "b" } },
		});
		expect(batchObjectSchema.parse(batch)).toMatchObject({
			model: "demo",
			in_progress_at: 2,
			finalizing_at: 3,
			completed_at: 4,
			request_counts: { total: 3, completed: 2, failed: 1 },
			usage: { input_tokens: 10, output_tokens: 5, total_tokens: 15, output_tokens_details: { reasoning_tokens: 2 } },
			output_file_id: "file-2",
			error_file_id: "file-3",
			metadata: { a: "b" },
		});
	});

	it("lists faults only for a batch that they failed", () => {
		const faults = [{ code: "invalid_json_line", line: 1, message: "no JSON", param: null }];
		expect(renderBatch({ ...young, status: "failed", failedAtMs: 1, faults }).errors).toEqual({
			object: "list",
			data: faults,
		});
		expect(renderBatch({ ...young, faults }).errors).toBeNull();
	});

	it("shows why it was given up beside what it has, and nothing of that once it is retried", () => {
		const fault = { code: "too_many_failures", line: null, message: "Every line failed.", param: null };
		const givenUp = { ...young, givenUp: { fault, atMs: 1 }, outputFileId: "file-2", errorFileId: "file-3" };
		expect(renderBatch({ ...givenUp, status: "failed" })).toMatchObject({
			errors: { object: "list", data: [fault] },
			output_file_id: "file-2",
			error_file_id: "file-3",
		});
		expect(renderBatch({ ...givenUp, status: "in_progress" }).errors).toBeNull();
	});
});

describe("renderFile", () => {
	const file: FileRecord = {
		id: "file-1",
		filename: "a.jsonl",
		purpose: "batch",
		sizeBytes: 5,
		digest: "d",
		blobs: [],
		createdAtMs: 1_999,
		expiresAtMs: null,
	};

	it("shows a file as processed, in seconds", () => {
		expect(fileObjectSchema.parse(renderFile(file))).toMatchObject({
			created_at: 1,
			expires_at: null,
			status: "processed",
		});
		expect(renderFile({ ...file, expiresAtMs: 5_000 }).expires_at).toBe(5);
	});

	it("shows a page with the ids at its ends, or nulls where it is empty", () => {
		const rows = [file, { ...file, id: "file-2" }];
		expect(renderPage({ rows, hasMore: true }, renderFile)).toMatchObject({
			first_id: "file-1",
			last_id: "file-2",
			has_more: true,
		});
		expect(renderPage({ rows: [], hasMore: false }, renderFile)).toEqual({
			object: "list",
			data: [],
			first_id: null,
			last_id: null,
			has_more: false,
		});
	});
});
