/** What the tests of this folder share. */
import { ok } from "../../base/base.ts";
import { batchDialectFor } from "../../engine/dialects/dialect.ts";
import type { IndexedLine } from "../../ledger/ledger.ts";
import { sampleManifest } from "../../ledger/testing/manifest.ts";
import { type FormatChoice, type LineFormat, openFormat } from "../formats/formats.ts";
import { type ValidationOptions, type ValidationReport, validateBatchFile } from "./validate.ts";

/** A format as a batch has it; `head` is for tables. */
export function formatOf(choice: Partial<FormatChoice> = {}, head = ""): LineFormat {
	const opened = openFormat(sampleManifest(choice), Buffer.from(head));
	if (!opened.ok) throw new Error(opened.error.message);
	return opened.value;
}

/** Two models by three names, chat lines, no limit to prompts. */
export const testOptions: ValidationOptions = {
	format: formatOf(),
	badLines: "refuse-file",
	endpoint: "/v1/chat/completions",
	modelOverride: null,
	resolveModel: (name) =>
		new Map([
			["demo", "demo"],
			["demo:latest", "demo"],
			["other", "other"],
		]).get(name ?? "") ?? null,
	modelNames: ["demo", "other"],
	contextTokens: null,
	templateOverheadTokens: 0,
	countPromptTokens: async (requests) => ok(requests.map(() => ok(1))),
	dialectFor: batchDialectFor,
};

/** A line that is in order, but for what is changed. `undefined` takes a key away. */
export function chatLine(id: string, changes: object = {}, bodyChanges: object = {}): string {
	const body = { model: "demo", messages: [{ role: "user", content: "Hello" }], ...bodyChanges };
	return JSON.stringify({ custom_id: id, method: "POST", url: "/v1/chat/completions", body, ...changes });
}

/** Bytes as chunks. */
export async function* chunksOf(chunks: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
	for (const chunk of chunks) yield typeof chunk === "string" ? Buffer.from(chunk) : chunk;
}

/** What validation says of a file, and the index it made. */
export async function validate(
	file: string | readonly (string | Uint8Array)[],
	options: Partial<ValidationOptions> = {},
): Promise<ValidationReport & { readonly lines: readonly IndexedLine[] }> {
	const lines: IndexedLine[] = [];
	const chunks = chunksOf(typeof file === "string" ? [file] : file);
	const sink = { lines: (slice: readonly IndexedLine[]) => void lines.push(...slice) };
	return { ...(await validateBatchFile(chunks, { ...testOptions, ...options }, sink)), lines };
}

/** Line, code and field of each fault. */
export function placesOf(report: ValidationReport): readonly (readonly [number | null, string, string | null])[] {
	return report.faults.map(({ line, code, param }) => [line, code, param]);
}
