/** What tests of this room share: records filled with harmless values. */
import type { BatchRecord, LeasedLine, LineResult } from "../ledger/ledger.ts";
import { sampleManifest, untouched } from "../ledger/testing/manifest.ts";

/** A batch in progress with nothing done. */
export function sampleBatch(id: string, changes: Partial<BatchRecord> = {}): BatchRecord {
	return {
		id,
		manifest: sampleManifest(),
		status: "in_progress",
		faults: [],
		model: { name: "demo", digest: "0".repeat(64) },
		total: 10,
		completed: 0,
		failed: 0,
		usage: { inputTokens: 0, cachedTokens: 0, outputTokens: 0, reasoningTokens: 0 },
		outputFileId: null,
		errorFileId: null,
		createdAtMs: 1_000,
		expiresAtMs: 86_401_000,
		inProgressAtMs: 2_000,
		finalizingAtMs: null,
		completedAtMs: null,
		failedAtMs: null,
		expiredAtMs: null,
		cancellingAtMs: null,
		cancelledAtMs: null,
		...untouched,
		origin: "origin",
		...changes,
	};
}

/** A line of a chat batch. */
export function sampleLine(line: number, changes: Partial<LeasedLine> = {}): LeasedLine {
	const body = { model: "demo", messages: [{ role: "user", content: `question ${line}` }] };
	const request = { custom_id: `id-${line}`, method: "POST", url: "/v1/chat/completions", body };
	const key = new Uint8Array(16).fill(line);
	return { line, customId: `id-${line}`, key, bytes: Buffer.from(JSON.stringify(request)), crashes: 0, ...changes };
}

/** An answer to a line. */
export function sampleResult(line: number, changes: Partial<LineResult> = {}): LineResult {
	return {
		line,
		isError: false,
		payload: JSON.stringify({ response: { status_code: 200, request_id: "req", body: { line } }, error: null }),
		provenance: {
			modelDigest: "0".repeat(64),
			engineVersion: "test",
			machine: "test",
			seed: null,
			promptTokens: 1,
			cachedTokens: 0,
			completionTokens: 1,
			reasoningTokens: 0,
			producedAtMs: 1,
			durationMs: 1,
			attempts: 1,
		},
		...changes,
	};
}
