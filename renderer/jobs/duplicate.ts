/** What the dialog "duplicate with changes" holds, made of a job and made into the draft of a new one. Pure. */
import type { BatchDetails, BatchDraft, BatchPolicy, BatchPriority } from "../../native/contract/contract.ts";

/** The fields as they stand in the dialog: what people type is text. */
export interface DuplicateForm {
	/** "": as the lines name it. */
	readonly model: string;
	readonly priority: BatchPriority;
	readonly completionWindow: string;
	/** As `datetime-local` writes it, in the browser's time; "": at once. */
	readonly notBefore: string;
	/** Equal lines of earlier jobs are not run again. */
	readonly reuseAnswers: boolean;
	/** Of tables; null: the file is none. */
	readonly prompt: string | null;
	readonly system: string;
	readonly policy: Readonly<Record<keyof BatchPolicy, string>>;
}

/** The limits, in the order in which they are shown. */
export const policyKeys = [
	"give_up_percent",
	"line_tokens",
	"line_seconds",
	"batch_tokens",
	"batch_seconds",
	"runaway_factor",
	"most_crashes",
	"retry_backoff_ms",
] as const satisfies readonly (keyof BatchPolicy)[];

/** What is wrong with a field. */
export type FieldFault = "not-a-number" | "not-a-factor" | "not-a-window" | "needed";

/** Faults by field: a key of the form or of the policy. */
export type FormFaults = ReadonlyMap<keyof DuplicateForm | keyof BatchPolicy, FieldFault>;

/** Whether a text is a completion window as the service takes it. */
export function isWindow(text: string): boolean {
	return /^[1-9]\d{0,8}[smhd]$/.test(text.trim());
}

/** The dialog as it opens: as the job was made, but for moments that are past. */
export function formOf(batch: Pick<BatchDetails, "options" | "completion_window">, nowMs: number): DuplicateForm {
	const { options } = batch;
	const { not_before: notBefore, template, policy } = options;
	const isTable = options.format === "csv" || options.format === "tsv";
	return {
		model: options.model ?? "",
		priority: options.priority,
		completionWindow: batch.completion_window,
		notBefore: notBefore !== null && notBefore * 1_000 > nowMs ? toLocalInput(notBefore) : "",
		reuseAnswers: options.reuse_answers,
		prompt: template?.prompt ?? (isTable ? "" : null),
		system: template?.system ?? "",
		policy: {
			most_crashes: String(policy.most_crashes),
			retry_backoff_ms: String(policy.retry_backoff_ms),
			give_up_percent: textOf(policy.give_up_percent),
			line_tokens: textOf(policy.line_tokens),
			line_seconds: textOf(policy.line_seconds),
			batch_tokens: textOf(policy.batch_tokens),
			batch_seconds: textOf(policy.batch_seconds),
			runaway_factor: textOf(policy.runaway_factor),
		},
	};
}

/** What can be seen to be wrong without asking the service. */
export function faultsOf(form: DuplicateForm): FormFaults {
	const faults = new Map<keyof DuplicateForm | keyof BatchPolicy, FieldFault>();
	if (!isWindow(form.completionWindow)) faults.set("completionWindow", "not-a-window");
	if (form.prompt !== null && form.prompt.trim() === "") faults.set("prompt", "needed");
	for (const key of policyKeys) {
		const text = form.policy[key].trim();
		const isNeeded = key === "most_crashes" || key === "retry_backoff_ms";
		if (text === "") {
			if (isNeeded) faults.set(key, "needed");
		} else if (key === "runaway_factor") {
			if (!(Number(text) >= 1.5)) faults.set(key, "not-a-factor");
		} else if (!/^\d{1,15}$/.test(text) || (Number(text) < 1 && key !== "retry_backoff_ms")) {
			faults.set(key, "not-a-number");
		}
	}
	return faults;
}

/** The draft of the new job; of a form without faults. What the dialog does not show stays as it was. */
export function draftOf(
	form: DuplicateForm,
	batch: Pick<BatchDetails, "options" | "input_file_id" | "metadata">,
	nowMs: number,
): BatchDraft {
	const { options } = batch;
	const staleFrom = options.effective_until;
	return {
		...options,
		input_file_id: batch.input_file_id,
		endpoint: null,
		completion_window: form.completionWindow.trim(),
		metadata: batch.metadata,
		model: form.model === "" ? null : form.model,
		priority: form.priority,
		not_before: form.notBefore === "" ? null : fromLocalInput(form.notBefore),
		reuse_answers: form.reuseAnswers,
		effective_until: staleFrom !== null && staleFrom * 1_000 > nowMs ? staleFrom : null,
		template:
			form.prompt === null
				? null
				: {
						prompt: form.prompt,
						system: form.system.trim() === "" ? null : form.system,
						max_tokens: options.template?.max_tokens ?? null,
						temperature: options.template?.temperature ?? 0,
					},
		policy: {
			most_crashes: Number(form.policy.most_crashes),
			retry_backoff_ms: Number(form.policy.retry_backoff_ms),
			give_up_percent: numberOf(form.policy.give_up_percent),
			line_tokens: numberOf(form.policy.line_tokens),
			line_seconds: numberOf(form.policy.line_seconds),
			batch_tokens: numberOf(form.policy.batch_tokens),
			batch_seconds: numberOf(form.policy.batch_seconds),
			runaway_factor: numberOf(form.policy.runaway_factor),
		},
	};
}

function textOf(value: number | null): string {
	return value === null ? "" : String(value);
}

function numberOf(text: string): number | null {
	return text.trim() === "" ? null : Number(text);
}

/** Unix seconds as `datetime-local` has them: the browser's time, to the minute. */
function toLocalInput(seconds: number): string {
	const at = new Date(seconds * 1_000);
	const local = new Date(at.getTime() - at.getTimezoneOffset() * 60_000);
	return local.toISOString().slice(0, 16);
}

function fromLocalInput(text: string): number {
	return Math.floor(new Date(text).getTime() / 1_000);
}
