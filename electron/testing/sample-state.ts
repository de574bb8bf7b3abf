/** Values a service would tell the shell, for tests: batches, machines, engines, notices, settings. Each is as the contract has it. */
import {
	type BatchDetails,
	batchDetailsSchema,
	defaultBatchOptions,
	type EngineEvent,
	type ForecastObject,
	type MachineActivity,
	type MachineStatus,
	type MeshView,
	machineStatusSchema,
	meshViewSchema,
	type NoticeObject,
	type ResidentModelStatus,
	type Rung,
	type SettingsPatch,
	type SettingsValues,
	settingsSchema,
	type Verdict,
} from "../../native/contract/contract.ts";
import type { ServicePhase } from "../state/state.ts";

/** A moment in tests, Unix milliseconds. */
export const NOW_MS = Date.UTC(2026, 10, 21, 2, 0, 0);

/** A service that is up. */
export const up: ServicePhase = { kind: "up", url: "http://127.0.0.1:22007", version: "1.0.0" };

/** Counts of a batch, in short. */
interface Figures {
	readonly total?: number;
	readonly completed?: number;
	readonly failed?: number;
}

/** A batch at work, 40 of its hundred lines done; `change` and `figures` say what is otherwise. */
export function sampleBatch(id: string, change: Partial<BatchDetails> = {}, figures: Figures = {}): BatchDetails {
	const { total = 100, completed = 40, failed = 0 } = figures;
	return batchDetailsSchema.parse({
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
		created_at: NOW_MS / 1_000 - 3_600,
		in_progress_at: NOW_MS / 1_000 - 3_500,
		expires_at: NOW_MS / 1_000 + 82_800,
		finalizing_at: null,
		completed_at: null,
		failed_at: null,
		expired_at: null,
		cancelling_at: null,
		cancelled_at: null,
		request_counts: { total, completed, failed },
		usage: null,
		metadata: null,
		format: "openai",
		input_filename: "tickets.jsonl",
		options: defaultBatchOptions,
		priority: "standard",
		policy: defaultBatchOptions.policy,
		not_before: null,
		effective_until: null,
		stale: false,
		collected_at: null,
		results_dropped_at: null,
		pause: null,
		is_rehearsal: false,
		round: 0,
		health: { state: "on-time", words: `${completed + failed} of ${total} lines done` },
		statistics: {
			adopted: 0,
			retries: 0,
			worked_seconds: 60,
			queue_age_seconds: 3_600,
			line_seconds: { p50: 1, p95: 2 },
			machines: {},
			energy: { watt_hours: 1, is_measured: false },
		},
		forecast: null,
		notices: [],
		durability: { level: 1, reason: "only-member" },
		machines: defaultBatchOptions.machines,
		...change,
	} satisfies Record<keyof BatchDetails, unknown>);
}

/** Batches as the state holds them. */
export function batchesOf(...batches: readonly BatchDetails[]): ReadonlyMap<string, BatchDetails> {
	return new Map(batches.map((batch) => [batch.id, batch]));
}

const exactly = (value: number) => ({ low: value, expected: value, high: value });

/** What is left takes so many seconds, from a moment on. */
export function sampleForecast(seconds: number, startMs = NOW_MS): ForecastObject {
	return {
		lines_left: 60,
		lines_done: 40,
		input_tokens_per_line: exactly(100),
		output_tokens_per_line: exactly(10),
		input_tokens: exactly(6_000),
		output_tokens: exactly(600),
		tokens_per_second: exactly(100),
		speed_from: "running",
		seconds: exactly(seconds),
		finish_at: exactly(startMs / 1_000 + seconds),
		deadline_at: null,
		misses_deadline: false,
		energy: null,
		hosted: [],
		prices_as_of: "2026-11-20",
	};
}

/** A machine whose work may run; `verdict` says what keeps it. */
export function sampleMachine(
	verdict: Partial<Verdict> = {},
	rest: Partial<MachineStatus["rest"]> = {},
): MachineStatus {
	return machineStatusSchema.parse({
		name: "workstation",
		snapshot: {
			atMs: NOW_MS,
			gpus: [],
			cpu: { cores: 8, totalFraction: 0.1, oursFraction: 0, othersFraction: 0.1, temperatureCelsius: null },
			memory: { totalBytes: 32e9, availableBytes: 16e9, oursBytes: null },
			power: { supply: "mains", batteryFraction: null },
			heat: null,
			user: { hasDesktop: true, idleMs: 600_000, isLocked: false, foreground: null },
			programs: [],
			sources: [],
		},
		verdict: {
			rung: "run",
			reason: "may run",
			causes: [],
			sinceMs: NOW_MS - 60_000,
			untilMs: null,
			keepsLeases: false,
			shareFraction: 1,
			...verdict,
		},
		rest: { isPaused: false, snoozedUntilMs: null, ...rest },
	});
}

/** Machines that belong together, by how each does; `gone` is not there. The first is this one. */
export function sampleMesh(...machines: readonly (MachineActivity | "gone")[]): MeshView {
	return meshViewSchema.parse({
		is_on: true,
		trouble: null,
		self: "machine-0",
		port: 22_008,
		host: { id: "machine-0", term: 1, since: NOW_MS / 1_000, why: "found" },
		machines: machines.map((activity, index) => ({
			id: `machine-${index}`,
			name: `machine ${index}`,
			is_self: index === 0,
			is_online: activity !== "gone",
			is_host: index === 0,
			hosting: "allowed",
			last_heard_at: NOW_MS / 1_000,
			address: null,
			relayed_by: null,
			slices: [],
			about: {
				version: "1.0.0",
				platform: "linux",
				gpus: [],
				memory_bytes: 32e9,
				activity: activity === "gone" ? "working" : activity,
				words: "as ever",
				lines_per_second: null,
				models: [],
			},
		})),
		strangers: [],
		awaiting_approval: [],
		pairing: null,
	});
}

/** A machine whose batch work stands on a rung. */
export function machineOn(rung: Rung): MachineStatus {
	return rung === "run"
		? sampleMachine()
		: sampleMachine({ rung, reason: "waiting: Blender uses 6.1 GB of GPU memory" });
}

/** A machine whose work steps back for something. */
export function heldMachine(
	rung: "freeze" | "yield" | "leave",
	kind: Verdict["causes"][number]["kind"],
	words: string,
) {
	const cause = { kind, rung, words, sinceMs: NOW_MS, isGone: false, untilMs: null };
	return sampleMachine({ rung, reason: rung === "freeze" ? `frozen: ${words}` : `waiting: ${words}`, causes: [cause] });
}

/** Models in memory: by default one that batch work uses. */
export function sampleEngine(model: Partial<ResidentModelStatus> | null = {}, isAside = false): EngineEvent {
	const loaded: ResidentModelStatus = {
		name: "demo",
		state: "ready",
		progress: null,
		problem: null,
		batchLanes: 16,
		batchContextTokens: 4_096,
		interactiveLanes: 2,
		interactiveContextTokens: 4_096,
		gpu: "cuda",
		notes: [],
		usedByBatch: true,
		liveRequests: isAside ? 1 : 0,
	};
	return {
		models: model === null ? [] : [{ ...loaded, ...model }],
		live: { running: isAside ? 1 : 0, waiting: 0, limit: 8 },
		isAside,
		handBackMs: isAside ? 38 : null,
	};
}

/** A notice; they count up, a second apart. */
export function sampleNotice(number: number, changes: Partial<NoticeObject> = {}): NoticeObject {
	const batchId = `batch_${number}`;
	const words = { title: `${batchId}.jsonl is done`, body: "100 lines" };
	return { number, at: 1_699_999_000 + number, kind: "completed", batch_id: batchId, ...words, ...changes };
}

/** Settings that were left as they are, but for these. */
export function settingsWith(patch: SettingsPatch = {}): SettingsValues {
	return settingsSchema.parse(patch);
}
