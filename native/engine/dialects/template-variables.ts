/** What a chat template may be told beyond messages and tools. */
import type { GenerateRequest } from "../request.ts";
import type { RequestFault } from "./translation.ts";

/** Variables by the names templates know them by. */
export type TemplateVariables = NonNullable<GenerateRequest["templateVariables"]>;

/** The dials of a request, each null or absent where it says nothing. */
export interface TemplateDials {
	/** How hard to think; `none` switches thinking off. */
	readonly effort: string | null | undefined;
	/** How much to say. */
	readonly verbosity: string | null | undefined;
	/** `chat_template_kwargs`: passed on as they are. */
	readonly kwargs: { readonly [name: string]: unknown } | null | undefined;
}

/**
 * How hard to think and how much to say are up to the model's chat template, which knows them by these names: `enable_thinking`
 * (Qwen and others), `reasoning_effort` (gpt-oss) and `verbosity`. A template that knows none of them has no such dial.
 */
export function templateVariables(dials: TemplateDials, faults: RequestFault[]): TemplateVariables | null {
	const variables = new Map<string, string | number | boolean>();
	const effort = dials.effort ?? null;
	if (effort !== null) variables.set("enable_thinking", effort !== "none");
	if (effort !== null && effort !== "none") variables.set("reasoning_effort", effort);
	if (typeof dials.verbosity === "string") variables.set("verbosity", dials.verbosity);
	for (const [name, value] of Object.entries(dials.kwargs ?? {})) {
		if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
			variables.set(name, value);
			continue;
		}
		faults.push({
			message: `Invalid type for 'chat_template_kwargs.${name}': expected a string, a number or a boolean.`,
			param: `chat_template_kwargs.${name}`,
			code: "invalid_type",
		});
	}
	return variables.size === 0 ? null : Object.fromEntries(variables);
}
