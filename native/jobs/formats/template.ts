/** Prompts with places for the values of a row: `Classify: {{text}}`. */
import { err, ok, type Result } from "../../base/base.ts";
import type { RowTemplate } from "../../contract/contract.ts";
import type { JsonObject } from "./line-format.ts";

/** A place for a value: a column's name in double braces, with or without spaces around it. */
const PLACE = /\{\{([^{}]*)\}\}/g;

/** A template bound to the columns of a table. */
export interface FilledTemplate {
	/** The chat request that a row asks. The values stand in it as they are, whatever they look like. */
	fill(row: readonly string[]): JsonObject;
	/** Every value that the prompts have a place for is empty. */
	isEmpty(row: readonly string[]): boolean;
}

/** Text and, by the number of its column, values by turns. */
type Part = string | number;

/** Names offered where a column is unknown: as many as a person reads. */
const OFFERED_COLUMNS = 20;

/** Binds a template to columns by their names; the failure is a sentence for people. */
export function bindTemplate(template: RowTemplate, columns: readonly string[]): Result<FilledTemplate, string> {
	const prompt = parse(template.prompt, columns);
	const system = template.system === null ? ok([]) : parse(template.system, columns);
	if (!prompt.ok) return prompt;
	if (!system.ok) return system;
	const used = [...system.value, ...prompt.value].filter((part) => typeof part === "number");
	if (used.length === 0) {
		const [first = "column"] = columns;
		const message = `The template names no column, so that every row would ask the same. Write the name of one in double braces, e.g. {{${first}}}. ${offer(columns)}`;
		return err(message);
	}
	const { max_tokens: maxTokens, temperature } = template;
	return ok({
		fill: (row) => ({
			messages: [
				...(template.system === null ? [] : [{ role: "system", content: join(system.value, row) }]),
				{ role: "user", content: join(prompt.value, row) },
			],
			temperature,
			...(maxTokens === null ? {} : { max_tokens: maxTokens }),
		}),
		isEmpty: (row) => used.every((column) => (row[column] ?? "").trim() === ""),
	});
}

function parse(text: string, columns: readonly string[]): Result<readonly Part[], string> {
	const parts: Part[] = [];
	let end = 0;
	for (const match of text.matchAll(PLACE)) {
		const [whole, inside = ""] = match;
		const name = inside.trim();
		const column = columns.indexOf(name);
		if (column < 0)
			return err(`The template has a place for '${name}', but there is no such column. ${offer(columns)}`);
		parts.push(text.slice(end, match.index), column);
		end = match.index + whole.length;
	}
	parts.push(text.slice(end));
	return ok(parts);
}

function offer(columns: readonly string[]): string {
	const names = columns.slice(0, OFFERED_COLUMNS).map((name) => `'${name}'`);
	return `The columns are: ${names.join(", ")}${columns.length > OFFERED_COLUMNS ? ", …" : ""}.`;
}

function join(parts: readonly Part[], row: readonly string[]): string {
	return parts.map((part) => (typeof part === "number" ? (row[part] ?? "") : part)).join("");
}
