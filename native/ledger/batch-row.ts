import {
	faultsSchema,
	figuresSchema,
	givenUpSchema,
	machineChoiceSchema,
	overruledSchema,
	pauseSchema,
	rehearsedSchema,
	warningSchema,
} from "./ops-columns.ts";
import { manifestSchema } from "./ops-manifest.ts";
import type { BatchManifest, BatchRecord, BatchStatus, MachineChoice, ModelIdentity, Seal } from "./records.ts";

/** A batch as stored, with whether its lines are in the index. */
export interface BatchRow {
	readonly number: number;
	readonly id: string;
	readonly origin: string;
	readonly manifest: string;
	readonly input_file_id: string;
	readonly faults: string;
	readonly model_name: string | null;
	readonly model_digest: string | null;
	readonly total: number;
	readonly completed: number;
	readonly failed: number;
	readonly input_tokens: number;
	readonly cached_tokens: number;
	readonly output_tokens: number;
	readonly reasoning_tokens: number;
	readonly output_file_id: string | null;
	readonly error_file_id: string | null;
	readonly sealed: Seal["status"] | null;
	readonly created_at_ms: number;
	readonly expires_at_ms: number;
	readonly in_progress_at_ms: number | null;
	readonly finalizing_at_ms: number | null;
	/** The input was found invalid. */
	readonly failed_at_ms: number | null;
	readonly cancelling_at_ms: number | null;
	readonly sealed_at_ms: number | null;
	readonly surface: BatchManifest["surface"];
	readonly not_before_ms: number | null;
	readonly effective_until_ms: number | null;
	readonly is_held: 0 | 1;
	readonly rehearsed: string | null;
	readonly pause: string | null;
	readonly overruled: string;
	readonly given_up: string | null;
	readonly warning: string | null;
	readonly round: number;
	readonly adopted: number;
	readonly retries: number;
	readonly worked_ms: number;
	readonly last_worked_at_ms: number | null;
	readonly watt_hours: number;
	readonly is_energy_measured: 0 | 1;
	readonly collected_at_ms: number | null;
	readonly results_dropped_at_ms: number | null;
	readonly deleted_at_ms: number | null;
	readonly notices: string;
	readonly figures: string | null;
	readonly machines: string | null;
	readonly is_indexed: 0 | 1;
}

/** The status follows from what has happened, so that no order of operations can leave a wrong one behind. */
export function statusOf(row: BatchRow): BatchStatus {
	if (row.sealed !== null) return row.sealed;
	if (row.failed_at_ms !== null) return "failed";
	// Validated, but its index is gone (`rebuild`): the lines must be found again before anything else can be done.
	if (row.in_progress_at_ms !== null && row.is_indexed === 0) return "validating";
	if (row.cancelling_at_ms !== null) return "cancelling";
	if (row.given_up !== null) return "finalizing";
	if (row.in_progress_at_ms === null) return "validating";
	return row.finalizing_at_ms === null ? "in_progress" : "finalizing";
}

function manifestOf(row: BatchRow): BatchManifest {
	const manifest = manifestSchema.parse(JSON.parse(row.manifest));
	return { ...manifest, reuseAnswers: manifest.reuseAnswers ?? true };
}

/** A batch as the ledger shows it. */
export function batchRecord(row: BatchRow): BatchRecord {
	const sealedAt = (status: Seal["status"]): number | null => (row.sealed === status ? row.sealed_at_ms : null);
	return {
		id: row.id,
		origin: row.origin,
		manifest: manifestOf(row),
		status: statusOf(row),
		faults: faultsSchema.parse(JSON.parse(row.faults)),
		model: modelOf(row),
		total: row.total,
		...figuresOf(row),
		outputFileId: row.output_file_id,
		errorFileId: row.error_file_id,
		createdAtMs: row.created_at_ms,
		expiresAtMs: row.expires_at_ms,
		inProgressAtMs: row.in_progress_at_ms,
		finalizingAtMs: row.finalizing_at_ms,
		completedAtMs: sealedAt("completed"),
		failedAtMs: row.failed_at_ms ?? sealedAt("failed"),
		expiredAtMs: sealedAt("expired"),
		cancellingAtMs: row.cancelling_at_ms,
		cancelledAtMs: sealedAt("cancelled"),
		...choicesOf(row),
		round: row.round,
		adopted: row.adopted,
		retries: row.retries,
		workedMs: row.worked_ms,
		lastWorkedAtMs: row.last_worked_at_ms,
		wattHours: row.watt_hours,
		isEnergyMeasured: row.is_energy_measured === 1,
		collectedAtMs: row.collected_at_ms,
		resultsDroppedAtMs: row.results_dropped_at_ms,
		notices: faultsSchema.parse(JSON.parse(row.notices)),
		machines: machinesOf(row),
	};
}

/** What was decided about a batch on its way. */
function choicesOf(
	row: BatchRow,
): Pick<BatchRecord, "isHeld" | "rehearsed" | "pause" | "overruled" | "givenUp" | "warning"> {
	return {
		isHeld: row.is_held === 1,
		rehearsed: row.rehearsed === null ? null : rehearsedSchema.parse(JSON.parse(row.rehearsed)),
		pause: row.pause === null ? null : pauseSchema.parse(JSON.parse(row.pause)),
		overruled: overruledSchema.parse(JSON.parse(row.overruled)),
		givenUp: row.given_up === null ? null : givenUpSchema.parse(JSON.parse(row.given_up)),
		warning: row.warning === null ? null : warningSchema.parse(JSON.parse(row.warning)),
	};
}

/** What was published; of a batch that has not ended what is there. */
function figuresOf(row: BatchRow): Pick<BatchRecord, "completed" | "failed" | "usage"> {
	if (row.figures !== null) return figuresSchema.parse(JSON.parse(row.figures));
	const { completed, failed } = row;
	const usage = {
		inputTokens: row.input_tokens,
		cachedTokens: row.cached_tokens,
		outputTokens: row.output_tokens,
		reasoningTokens: row.reasoning_tokens,
	};
	return { completed, failed, usage };
}

/** What was said last, else what was said when it was made. */
function machinesOf(row: BatchRow): MachineChoice {
	const { machines } = row;
	if (machines === null) return manifestOf(row).machines ?? { only: null, never: [] };
	const { only, never } = machineChoiceSchema.parse(JSON.parse(machines));
	return { only, never };
}

function modelOf(row: BatchRow): ModelIdentity | null {
	if (row.model_name === null || row.model_digest === null) return null;
	return { name: row.model_name, digest: row.model_digest };
}
