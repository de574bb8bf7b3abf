/** Batches and rehearsals as the service tells them, for tests. */
import type { BatchDetails, ForecastObject, Rehearsal } from "../../native/contract/contract.ts";
import type { NewFile } from "./store.ts";

/** A file in the browser's hands. */
export function newFile(key: string): NewFile {
	return { key, name: `${key}.jsonl`, sizeBytes: 10, source: { kind: "path", path: `/tmp/${key}.jsonl` } };
}

const policy: BatchDetails["policy"] = {
	most_crashes: 2,
	retry_backoff_ms: 1_000,
	give_up_percent: 50,
	line_tokens: null,
	line_seconds: null,
	batch_tokens: null,
	batch_seconds: null,
	runaway_factor: 10,
};

/** A draft whose rehearsal runs, of the file `file-1`. */
export function batch(id: string, different: Partial<BatchDetails> = {}): BatchDetails {
	return {
		id,
		object: "batch",
		endpoint: "/v1/chat/completions",
		model: "demo",
		errors: null,
		input_file_id: "file-1",
		completion_window: "24h",
		status: "in_progress",
		output_file_id: null,
		error_file_id: null,
		created_at: 1,
		in_progress_at: 1,
		expires_at: null,
		finalizing_at: null,
		completed_at: null,
		failed_at: null,
		expired_at: null,
		cancelling_at: null,
		cancelled_at: null,
		request_counts: { total: 10, completed: 0, failed: 0 },
		usage: null,
		metadata: null,
		format: "openai",
		input_filename: "tickets.jsonl",
		options: {
			format: null,
			template: null,
			model: null,
			priority: "standard",
			not_before: null,
			effective_until: null,
			policy,
			webhook_url: null,
			reuse_answers: true,
			machines: { only: null, never: [] },
		},
		priority: "standard",
		policy,
		not_before: null,
		effective_until: null,
		stale: false,
		collected_at: null,
		results_dropped_at: null,
		pause: null,
		is_rehearsal: true,
		round: 0,
		health: { state: "on-time", words: "0 of 10 lines done" },
		statistics: {
			adopted: 0,
			retries: 0,
			worked_seconds: 0,
			queue_age_seconds: null,
			line_seconds: null,
			machines: {},
			energy: { watt_hours: 0, is_measured: false },
		},
		forecast: null,
		notices: [],
		durability: { level: 1, reason: "only-member" },
		machines: { only: null, never: [] },
		...different,
	};
}

/** What a rehearsal showed. */
export function rehearsal(
	batchId: string,
	{ lineCount, isFinished = false }: { readonly lineCount: number; readonly isFinished?: boolean },
): Rehearsal {
	const lines = Array.from({ length: lineCount }, (_, index) => ({
		line: index + 1,
		custom_id: `t-${index + 1}`,
		request: {},
		result: {},
		text: "billing",
		is_error: false,
		input_tokens: 12,
		output_tokens: 1,
		seconds: 0.5,
	}));
	return { batch: batch(batchId), lines, forecast: null, is_finished: isFinished };
}

/** A forecast of 95 lines. */
export function forecast(different: Partial<ForecastObject> = {}): ForecastObject {
	const range = (expected: number) => ({ low: expected / 2, expected, high: expected * 2 });
	return {
		lines_left: 95,
		lines_done: 5,
		input_tokens_per_line: range(100),
		output_tokens_per_line: range(2),
		input_tokens: range(9_500),
		output_tokens: range(190),
		tokens_per_second: range(40),
		speed_from: "rehearsal",
		seconds: range(600),
		finish_at: { low: 300, expected: 600, high: 1_200 },
		deadline_at: null,
		misses_deadline: false,
		energy: null,
		hosted: [],
		prices_as_of: "2026-11-20",
		...different,
	};
}
