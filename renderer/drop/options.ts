/** What can be chosen about a file, as people type it, and as the service takes it. Pure. */
import type {
	BatchDetails,
	BatchMachines,
	BatchPolicy,
	FileFormat,
	RehearsalDraft,
} from "../../native/contract/contract.ts";

/** What each row of a table asks, as typed. */
export interface TemplateForm {
	readonly prompt: string;
	readonly system: string;
	/** Whole tokens; empty: as many as the model likes. */
	readonly mostTokens: string;
}

/** The choices as typed. Empty text: not chosen, or no limit. Moments are as `datetime-local` writes them, local time. */
export interface OptionsForm {
	/** Name of a model; empty: the one each line names. */
	readonly model: string;
	readonly isSoon: boolean;
	/** Answers of equal lines of earlier batches are taken over. */
	readonly reusesAnswers: boolean;
	readonly notBefore: string;
	/** e.g. `24h`. */
	readonly window: string;
	readonly goodUntil: string;
	readonly rehearsedLines: string;
	readonly isSpread: boolean;
	readonly mostCrashes: string;
	readonly backoffSeconds: string;
	readonly giveUpPercent: string;
	readonly lineTokens: string;
	readonly lineSeconds: string;
	readonly batchTokens: string;
	readonly batchMinutes: string;
	readonly runawayFactor: string;
	readonly template: TemplateForm;
	/** Which machines may work on it. */
	readonly machines: BatchMachines;
}

/** Names of the choices that are text. */
export type TextChoice = {
	[Name in keyof OptionsForm]: OptionsForm[Name] extends string ? Name : never;
}[keyof OptionsForm];

/** What holds where nothing was chosen: the service's own defaults. */
export const usualOptions: OptionsForm = {
	model: "",
	isSoon: false,
	reusesAnswers: true,
	notBefore: "",
	window: "24h",
	goodUntil: "",
	rehearsedLines: "5",
	isSpread: false,
	mostCrashes: "2",
	backoffSeconds: "1",
	giveUpPercent: "50",
	lineTokens: "",
	lineSeconds: "",
	batchTokens: "",
	batchMinutes: "",
	runawayFactor: "10",
	template: { prompt: "", system: "", mostTokens: "" },
	machines: { only: null, never: [] },
};

/** Why a choice can't be taken. */
export type ChoiceFault = "number" | "window" | "past" | "no-prompt" | "no-column";

/** What is wrong, by the choice's name. */
export type ChoiceFaults = Partial<Record<TextChoice | "prompt" | "mostTokens", ChoiceFault>>;

/** The body of `POST /api/batches/rehearse`, or what is wrong with the choices. */
export type OptionsReading =
	| { readonly ok: true; readonly draft: RehearsalDraft }
	| { readonly ok: false; readonly faults: ChoiceFaults };

/** A completion window, as the service takes it. */
const WINDOW = /^[1-9]\d{0,8}[smhd]$/;

/** Whole numbers that each choice may be, as the service has them, and where it may be empty. */
export const bounds = {
	rehearsedLines: { least: 1, most: 100, mayBeEmpty: false },
	mostCrashes: { least: 1, most: 10, mayBeEmpty: false },
	backoffSeconds: { least: 0, most: 300, mayBeEmpty: false },
	giveUpPercent: { least: 1, most: 100, mayBeEmpty: true },
	lineTokens: { least: 1, most: 1_000_000, mayBeEmpty: true },
	lineSeconds: { least: 1, most: 86_400, mayBeEmpty: true },
	batchTokens: { least: 1, most: 1_000_000_000_000, mayBeEmpty: true },
	batchMinutes: { least: 1, most: 525_600, mayBeEmpty: true },
	runawayFactor: { least: 2, most: 1_000, mayBeEmpty: true },
} as const satisfies Partial<Record<TextChoice, Bounds>>;

/** The choices that are whole numbers. */
export type BoundedChoice = keyof typeof bounds;

interface Bounds {
	readonly least: number;
	readonly most: number;
	readonly mayBeEmpty: boolean;
}

/** Turns the choices into what the service takes. `isTable`: a template is needed, and its prompt has to name a column. */
export function readOptions(
	form: OptionsForm,
	{ fileId, isTable, nowMs }: { readonly fileId: string; readonly isTable: boolean; readonly nowMs: number },
): OptionsReading {
	const faults: ChoiceFaults = {};
	for (const [name, bound] of Object.entries(bounds)) {
		if (isBounded(name) && !isWithin(form[name], bound)) faults[name] = "number";
	}
	if (!WINDOW.test(form.window)) faults.window = "window";
	for (const name of ["notBefore", "goodUntil"] as const) {
		const atMs = momentOf(form[name]);
		if (form[name] !== "" && (atMs === null || atMs <= nowMs)) faults[name] = "past";
	}
	if (isTable) readTemplateFaults(form.template, faults);
	if (Object.keys(faults).length > 0) return { ok: false, faults };
	return {
		ok: true,
		draft: {
			input_file_id: fileId,
			endpoint: null,
			completion_window: form.window,
			metadata: null,
			format: null,
			template: isTable ? templateOf(form.template) : null,
			model: form.model === "" ? null : form.model,
			priority: form.isSoon ? "soon" : "standard",
			not_before: secondsOf(form.notBefore),
			effective_until: secondsOf(form.goodUntil),
			policy: policyOf(form),
			webhook_url: null,
			reuse_answers: form.reusesAnswers,
			machines: form.machines,
			rehearsal: { lines: Number(form.rehearsedLines), spread: form.isSpread },
		},
	};
}

/** The choices a batch was made with. How many lines were rehearsed is not told: the usual number stands in. */
export function optionsOf(batch: Pick<BatchDetails, "options" | "completion_window">): OptionsForm {
	const { policy, template, ...options } = batch.options;
	return {
		...usualOptions,
		model: options.model ?? "",
		isSoon: options.priority === "soon",
		reusesAnswers: options.reuse_answers,
		notBefore: localMoment(options.not_before),
		window: batch.completion_window,
		goodUntil: localMoment(options.effective_until),
		mostCrashes: String(policy.most_crashes),
		backoffSeconds: String(Math.round(policy.retry_backoff_ms / 1_000)),
		giveUpPercent: textOf(policy.give_up_percent),
		lineTokens: textOf(policy.line_tokens),
		lineSeconds: textOf(policy.line_seconds),
		batchTokens: textOf(policy.batch_tokens),
		batchMinutes: textOf(policy.batch_seconds === null ? null : Math.ceil(policy.batch_seconds / 60)),
		runawayFactor: textOf(policy.runaway_factor === null ? null : Math.round(policy.runaway_factor)),
		template: {
			prompt: template?.prompt ?? "",
			system: template?.system ?? "",
			mostTokens: textOf(template?.max_tokens ?? null),
		},
		machines: options.machines,
	};
}

/** Whether both choose the same. */
export function isSameChoice(one: OptionsForm, other: OptionsForm): boolean {
	return JSON.stringify(one) === JSON.stringify(other);
}

/** Rows of a table fill a template. */
export function isTableFormat(format: FileFormat): boolean {
	return format === "csv" || format === "tsv";
}

function isBounded(name: string): name is BoundedChoice {
	return name in bounds;
}

function isWithin(text: string, { least, most, mayBeEmpty }: Bounds): boolean {
	if (text.trim() === "") return mayBeEmpty;
	return /^\d{1,15}$/.test(text.trim()) && Number(text) >= least && Number(text) <= most;
}

function readTemplateFaults({ prompt, system, mostTokens }: TemplateForm, faults: ChoiceFaults): void {
	if (prompt.trim() === "") faults.prompt = "no-prompt";
	else if (!/\{\{[^{}]+\}\}/.test(prompt + system)) faults.prompt = "no-column";
	if (!isWithin(mostTokens, bounds.lineTokens)) faults.mostTokens = "number";
}

function templateOf({ prompt, system, mostTokens }: TemplateForm): RehearsalDraft["template"] {
	return {
		prompt,
		system: system.trim() === "" ? null : system,
		max_tokens: numberOf(mostTokens),
		temperature: 0,
	};
}

function policyOf(form: OptionsForm): BatchPolicy {
	const batchMinutes = numberOf(form.batchMinutes);
	return {
		most_crashes: Number(form.mostCrashes),
		retry_backoff_ms: Number(form.backoffSeconds) * 1_000,
		give_up_percent: numberOf(form.giveUpPercent),
		line_tokens: numberOf(form.lineTokens),
		line_seconds: numberOf(form.lineSeconds),
		batch_tokens: numberOf(form.batchTokens),
		batch_seconds: batchMinutes === null ? null : batchMinutes * 60,
		runaway_factor: numberOf(form.runawayFactor),
	};
}

function numberOf(text: string): number | null {
	return text.trim() === "" ? null : Number(text);
}

function textOf(value: number | null): string {
	return value === null ? "" : String(value);
}

function momentOf(text: string): number | null {
	const atMs = new Date(text).getTime();
	return Number.isNaN(atMs) ? null : atMs;
}

function secondsOf(text: string): number | null {
	const atMs = momentOf(text);
	return atMs === null ? null : Math.floor(atMs / 1_000);
}

/** As `datetime-local` has it: local time to the minute. */
function localMoment(atSeconds: number | null): string {
	if (atSeconds === null) return "";
	const at = new Date(atSeconds * 1_000);
	return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
