import { isDeepStrictEqual } from "node:util";
import { err, ok, type Result } from "../base/base.ts";
import {
	anyMachine,
	type BatchOptions,
	type FileFormat,
	OPENAI_BATCH_ENDPOINTS,
	type RehearsalOptions,
} from "../contract/contract.ts";
import type { BatchManifest, FileRecord, Ledger } from "../ledger/ledger.ts";
import type { Models } from "../models/models.ts";
import { firstRequest } from "./first-request.ts";
import { detectFormat, type LineFormat, openFormat, readHead } from "./formats/formats.ts";
import type { CreateFailure } from "./jobs.ts";

/** What somebody asks for who wants a batch. */
export interface BatchWish {
	readonly inputFileId: string;
	readonly surface: BatchManifest["surface"];
	readonly badLines: BatchManifest["badLines"];
	/** Of OpenAI lines; null: what the first line says. Files in other dialects have their own. */
	readonly endpoint: string | null;
	/** As the client wrote it, e.g. `24h`; `none` stands for no deadline. */
	readonly completionWindow: string;
	readonly windowMs: number;
	readonly metadata: BatchManifest["metadata"];
	readonly outputExpiresAfterMs: number | null;
	/** Path of the model that answers all lines of all batches, which goes before `options.model`; null: none. */
	readonly modelOverride: string | null;
	readonly options: BatchOptions;
	readonly rehearsal: RehearsalOptions | null;
}

/** What `draftManifest` needs. */
export interface DraftDeps {
	readonly ledger: Pick<Ledger, "file" | "readFile">;
	readonly models: Pick<Models, "choose">;
	/** Hosts that webhooks may be sent to, from the settings. */
	readonly allowedHosts: () => readonly string[];
}

/**
 * Turns a wish into a manifest: looks at the start of the file for its dialect, and refuses what can't be: an unknown file, an
 * endpoint that is not served, a table without a template, a template with a column that is not there, a model that is not here,
 * a webhook to a host that is not allowed. The same wish for the same file gives the same manifest.
 */
export async function draftManifest(deps: DraftDeps, wish: BatchWish): Promise<Result<BatchManifest, CreateFailure>> {
	const { options } = wish;
	const file = findInput(deps.ledger, wish.inputFileId);
	if (!file.ok) return file;
	const head = await readHead(deps.ledger.readFile(file.value));
	const choice = chooseFormat(wish, detectFormat(head, file.value.filename), head);
	if (!choice.ok) return choice;
	const model = chooseModel(deps, wish);
	if (!model.ok) return model;
	const webhookUrl = checkWebhook(options.webhook_url, deps.allowedHosts());
	if (!webhookUrl.ok) return webhookUrl;
	return ok({
		surface: wish.surface,
		inputFileId: wish.inputFileId,
		...choice.value,
		badLines: wish.badLines,
		completionWindow: wish.completionWindow,
		windowMs: wish.windowMs,
		metadata: wish.metadata,
		modelOverride: model.value,
		outputExpiresAfterMs: wish.outputExpiresAfterMs,
		priority: options.priority,
		notBeforeMs: milliseconds(options.not_before),
		effectiveUntilMs: milliseconds(options.effective_until),
		policy: options.policy,
		rehearsal: wish.rehearsal,
		webhookUrl: webhookUrl.value,
		reuseAnswers: options.reuse_answers,
		...(isDeepStrictEqual(options.machines, anyMachine) ? {} : { machines: options.machines }),
	});
}

/** The file that a batch is to read, or why it can't. */
export function findInput(ledger: Pick<Ledger, "file">, id: string): Result<FileRecord, CreateFailure> {
	const file = ledger.file(id);
	if (file?.purpose === "batch") return ok(file);
	if (file === null) {
		return refuse("file-not-found", "input_file_id", `There is no file ${id}; upload it first.`);
	}
	const message = `The file ${id} was uploaded for "${file.purpose}"; upload it with purpose "batch".`;
	return refuse("wrong-purpose", "input_file_id", message);
}

/** How the file is written, and what its lines ask for. */
function chooseFormat(
	{ options, endpoint }: BatchWish,
	detected: FileFormat,
	head: Uint8Array,
): Result<Pick<BatchManifest, "format" | "template" | "endpoint">, CreateFailure> {
	const format = options.format ?? detected;
	const { template } = options;
	if (template !== null && format !== "csv" && format !== "tsv") {
		const message = `A template is for CSV and TSV tables, but this file is read as '${format}'. Leave the template out, or give the format.`;
		return refuse("bad-template", "template", message);
	}
	// What OpenAI's lines have as their endpoint makes no difference to how they are read.
	const opened = openFormat({ format, template, endpoint: "" }, head);
	if (!opened.ok) return refuse("bad-template", opened.error.param, opened.error.message);
	const chosen = chooseEndpoint(opened.value, endpoint, head);
	return chosen.ok ? ok({ format, template, endpoint: chosen.value }) : chosen;
}

function chooseEndpoint(
	format: LineFormat,
	wanted: string | null,
	head: Uint8Array,
): Result<BatchManifest["endpoint"], CreateFailure> {
	if (format.url !== null) return ok(format.url);
	const [usual] = OPENAI_BATCH_ENDPOINTS;
	// Where the first line does not tell, validation says what is wrong with it.
	const endpoint = wanted ?? firstRequest(format, head)?.url ?? usual;
	if (OPENAI_BATCH_ENDPOINTS.some((served) => served === endpoint)) return ok(endpoint);
	const whose = wanted === null ? "The url of the first line," : "The endpoint";
	const shown = endpoint.length > QUOTE_LENGTH ? `${endpoint.slice(0, QUOTE_LENGTH)}…` : endpoint;
	const message = `${whose} ${shown}${wanted === null ? "," : ""} is not served in batches; use one of ${OPENAI_BATCH_ENDPOINTS.join(", ")}.`;
	return refuse("unsupported-endpoint", "endpoint", message);
}

/** Longest text of the file or the wish quoted in a message, in characters. */
const QUOTE_LENGTH = 100;

/** Path of the model that answers every line; null: the one each line names. */
function chooseModel({ models }: DraftDeps, wish: BatchWish): Result<string | null, CreateFailure> {
	const { model } = wish.options;
	if (wish.modelOverride !== null || model === null) return ok(wish.modelOverride);
	const found = models.choose(model);
	return found.ok ? ok(found.value.path) : refuse("model-not-found", "model", found.error.message);
}

function checkWebhook(url: string | null, allowed: readonly string[]): Result<string | null, CreateFailure> {
	const host = url === null ? null : (URL.parse(url)?.host ?? "");
	if (host === null || allowed.includes(host)) return ok(url);
	const message = `Webhooks may not be sent to '${host}'. Add it to the setting webhooks.allowedHosts, or leave webhook_url out.`;
	return refuse("webhook-not-allowed", "webhook_url", message);
}

function milliseconds(seconds: number | null): number | null {
	return seconds === null ? null : seconds * 1_000;
}

function refuse(kind: CreateFailure["kind"], param: string, message: string): Result<never, CreateFailure> {
	return err({ kind, message, param });
}
