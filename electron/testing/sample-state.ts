/** Values a service would tell the shell, for tests. */
import {
	type BatchDetails,
	batchPolicySchema,
	defaultBatchOptions,
	type MachineStatus,
	type NoticeObject,
	type Rung,
	type SettingsPatch,
	type SettingsValues,
	settingsSchema,
} from "../../native/contract/contract.ts";
import type { ServicePhase } from "../state/state.ts";

/** A service that is up. */
export const up: ServicePhase = { kind: "up", url: "http://127.0.0.1:22007", version: "1.0.0" };

/** A batch at work, ten of its hundred lines done, but for what is said otherwise. */
export function sampleBatch(id: string, changes: Partial<BatchDetails> = {}): BatchDetails {
	return {
		...bareBatch(id),
		format: "openai",
		input_filename: `${id}.jsonl`,
		options: defaultBatchOptions,
		priority: "standard",
		policy: batchPolicySchema.parse({}),
		not_before: null,
		effective_until: null,
		stale: false,
		collected_at: null,
		results_dropped_at: null,
		pause: null,
		is_rehearsal: false,
		round: 0,
		health: { state: "on-time", words: "10 of 100 lines done" },
		statistics: {
			adopted: 0,
			retries: 0,
			worked_seconds: 60,
			queue_age_seconds: null,
			line_seconds: null,
			machines: {},
			energy: { watt_hours: 0, is_measured: false },
		},
		forecast: null,
		notices: [],
		...changes,
	};
}

function bareBatch(id: string) {
	return {
		id,
		object: "batch",
		endpoint: "/v1/chat/completions",
		model: null,
		errors: null,
		input_file_id: `file_${id}`,
		completion_window: "24h",
		status: "in_progress",
		output_file_id: null,
		error_file_id: null,
		created_at: 1_700_000_000,
		in_progress_at: 1_700_000_001,
		expires_at: 1_700_086_400,
		finalizing_at: null,
		completed_at: null,
		failed_at: null,
		expired_at: null,
		cancelling_at: null,
		cancelled_at: null,
		request_counts: { total: 100, completed: 10, failed: 0 },
		usage: null,
		metadata: null,
	} as const;
}

/** Batches as the state holds them. */
export function batchesOf(...batches: readonly BatchDetails[]): ReadonlyMap<string, BatchDetails> {
	return new Map(batches.map((batch) => [batch.id, batch]));
}

/** A notice. */
export function sampleNotice(number: number, changes: Partial<NoticeObject> = {}): NoticeObject {
	const batchId = `batch_${number}`;
	const words = { title: `${batchId}.jsonl is done`, body: "100 lines" };
	return { number, at: 1_699_999_000 + number, kind: "completed", batch_id: batchId, ...words, ...changes };
}

/** Settings that were left as they are, but for these. */
export function settingsWith(patch: SettingsPatch = {}): SettingsValues {
	return settingsSchema.parse(patch);
}

/** A computer on which batch work stands on a rung. */
export function machineOn(rung: Rung): MachineStatus {
	return {
		name: "desk",
		snapshot: {
			atMs: 0,
			gpus: [],
			cpu: { cores: 4, totalFraction: 0, oursFraction: 0, othersFraction: 0, temperatureCelsius: null },
			memory: { totalBytes: 1, availableBytes: 1, oursBytes: null },
			power: { supply: "mains", batteryFraction: null },
			heat: null,
			user: { hasDesktop: true, idleMs: null, isLocked: null, foreground: null },
			programs: [],
			sources: [],
		},
		verdict: {
			rung,
			reason: rung === "run" ? "may run" : "waiting: Blender uses 6.1 GB of GPU memory",
			causes: [],
			sinceMs: 0,
			untilMs: null,
			keepsLeases: false,
			shareFraction: 1,
		},
		rest: { isPaused: false, snoozedUntilMs: null },
	};
}
