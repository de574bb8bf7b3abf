/** Responses: tools, and the choice among them. */
import { z } from "zod";
import { jsonSchemaSchema } from "./chat.ts";
import type { Wire } from "./shared.ts";

const toolFields = {
	type: z.string(),
	name: z.string().min(1).optional(),
	description: z.string().nullish(),
	/** JSON Schema of a function's arguments. */
	parameters: jsonSchemaSchema.nullish(),
	strict: z.boolean().nullish(),
	/** What a custom tool's input looks like. */
	format: z.object({ type: z.string(), syntax: z.string().optional(), definition: z.string().optional() }).nullish(),
} as const;

const READ_TYPES: ReadonlySet<unknown> = new Set(["function", "custom", "namespace"]);

/** Fields of tools that no one calls here are not our business, so nothing in them is a fault. */
function keepTypeOnly(value: unknown): unknown {
	if (typeof value !== "object" || value === null || !("type" in value) || typeof value.type !== "string") return value;
	return READ_TYPES.has(value.type) ? value : { type: value.type };
}

/**
 * A tool: unlike chat's, flat. `function` and `custom` can be called here, and a `namespace` holds some of both; of all other types
 * (`web_search`, `local_shell` …) only the type is read, since clients send them to every server whether it has them or not.
 */
export const responsesToolSchema = z.preprocess(
	keepTypeOnly,
	z.object({ ...toolFields, tools: z.array(z.preprocess(keepTypeOnly, z.object(toolFields))).optional() }),
);
/** A tool. */
export type ResponsesToolParam = Wire<typeof responsesToolSchema>;

/** Whether a tool must be called, and which. */
export const responsesToolChoiceSchema = z.union([
	z.enum(["none", "auto", "required"]),
	z.object({
		type: z.string(),
		/** Of `function` and `custom`. */
		name: z.string().min(1).optional(),
		/** Of `allowed_tools`. */
		mode: z.enum(["auto", "required"]).optional(),
		tools: z
			.array(z.object({ type: z.string(), name: z.string().optional() }))
			.min(1)
			.optional(),
	}),
]);
/** Whether a tool must be called, and which. */
export type ResponsesToolChoiceParam = Wire<typeof responsesToolChoiceSchema>;
