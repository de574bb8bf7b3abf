/** What tests of reports share: a ledger that only remembers, and records filled with harmless values. */
import type { NightReport, Yield } from "../contract/contract.ts";
import type { BatchRecord, Notice, Stint, WorkMinute } from "../ledger/ledger.ts";
import type { ReportsDeps } from "./create-reports.ts";

/** What a remembered ledger is made of. */
export interface LedgerContent {
	readonly batches: BatchRecord[];
	readonly minutes: WorkMinute[];
	readonly stints: Stint[];
	readonly notices: Notice[];
}

/** The part of a ledger that reports read, over plain arrays that a test fills. */
export function rememberedLedger(content: LedgerContent): ReportsDeps["ledger"] {
	const { batches, minutes, stints, notices } = content;
	return {
		batch: (id) => batches.find((batch) => batch.id === id) ?? null,
		batches: ({ after, limit }) => {
			const start = after === null ? 0 : batches.findIndex((batch) => batch.id === after) + 1;
			return { rows: batches.slice(start, start + limit), hasMore: start + limit < batches.length };
		},
		openBatches: () => batches.filter(({ status }) => status === "in_progress"),
		file: (id) => ({
			id,
			filename: `${id}.jsonl`,
			purpose: "batch",
			sizeBytes: 1,
			digest: "",
			blobs: [],
			createdAtMs: 0,
			expiresAtMs: null,
		}),
		workMinutes: ({ fromMs, toMs }) => minutes.filter(({ atMs }) => atMs >= fromMs && atMs < toMs),
		stints: (time) => stints.filter((stint) => stint.toMs > time.fromMs && stint.fromMs < time.toMs),
		notices: (after, limit) => notices.filter(({ number }) => number > after).slice(0, limit),
	};
}

/** Ten lines in a minute, one of which failed. */
export function sampleMinute(atMs: number, changes: Partial<WorkMinute> = {}): WorkMinute {
	return {
		batchId: "batch-a",
		machine: "here",
		atMs,
		lines: 10,
		failed: 1,
		retries: 2,
		inputTokens: 1_000,
		cachedTokens: 100,
		outputTokens: 500,
		...changes,
	};
}

/** An hour of measured work at 300 W. */
export function sampleStint(fromMs: number, changes: Partial<Stint> = {}): Stint {
	return {
		batchId: "batch-a",
		machine: "here",
		fromMs,
		toMs: fromMs + 3_600_000,
		wattHours: 300,
		isMeasured: true,
		...changes,
	};
}

/** A yield of two seconds. */
export function sampleYield(number: number, arrivedAtMs: number, changes: Partial<Yield> = {}): Yield {
	return {
		number,
		cause: { kind: "request", endpoint: "/v1/chat/completions", client: "curl" },
		requests: 1,
		arrivedAtMs,
		handBackMs: 10,
		freedBytes: null,
		batchSteps: 1,
		batchTokens: 16,
		frozenLanes: 4,
		frozenMs: 2_000,
		recomputedTokens: 0,
		...changes,
	};
}

/** A night of one batch that went well. */
export function sampleNight(changes: Partial<NightReport> = {}): NightReport {
	return {
		from: new Date(2026, 10, 20, 12).getTime() / 1000,
		to: new Date(2026, 10, 21, 8, 30).getTime() / 1000,
		lines: 2_000,
		failed: 0,
		retries: 0,
		input_tokens: 1_200_000,
		output_tokens: 300_000,
		worked_seconds: 7_380,
		energy: {
			kilowatt_hours: 0.62,
			is_measured: true,
			basis: "NVIDIA GeForce RTX 4090 by its sensor, 45 W estimated for the rest",
			cost: 0.186,
			currency: "EUR",
		},
		hosted: [
			{ provider: "OpenAI", model: "gpt-6-astra", usd: 13.5 },
			{ provider: "OpenAI", model: "gpt-6-luna", usd: 0.135 },
		],
		prices_as_of: "2026-10-07",
		yields: { count: 0, frozen_seconds: 0, recomputed_tokens: 0, causes: [] },
		batches: [
			{
				id: "batch_1",
				filename: "tickets.jsonl",
				status: "completed",
				health: { state: "done", words: "done and collected" },
				model: "qwen",
				lines: 2_000,
				failed: 0,
				total: 2_000,
				completed: 2_000,
			},
		],
		uncollected: [],
		attention: [],
		...changes,
	};
}
