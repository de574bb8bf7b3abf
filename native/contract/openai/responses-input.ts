/** Responses: what the model is given to go on from, a text or items. */
import { z } from "zod";
import { contentPartSchema } from "./chat.ts";
import { responsesToolSchema } from "./responses-tools.ts";
import type { Wire } from "./shared.ts";

const contentSchema = z.union([z.string(), z.array(contentPartSchema)]);

const textPartSchema = z.object({ type: z.string(), text: z.string() });

const callFields = { call_id: z.string(), name: z.string(), namespace: z.string().nullish() } as const;

const knownItems = [
	z.object({
		type: z.literal("message"),
		role: z.enum(["user", "assistant", "system", "developer"]),
		content: contentSchema,
	}),
	/** A call the model made; `arguments` is text that need not be JSON. */
	z.object({ type: z.literal("function_call"), ...callFields, arguments: z.string() }),
	z.object({ type: z.literal("function_call_output"), call_id: z.string(), output: contentSchema }),
	/** A call of a custom tool, whose input is free text. */
	z.object({ type: z.literal("custom_tool_call"), ...callFields, input: z.string() }),
	z.object({ type: z.literal("custom_tool_call_output"), call_id: z.string(), output: contentSchema }),
	/** What the model thought: `content` in full, or else `summary`. Encrypted content is of other servers and is not read. */
	z.object({
		type: z.literal("reasoning"),
		summary: z.array(textPartSchema).nullish(),
		content: z.array(textPartSchema).nullish(),
	}),
	/** Tools beside those of the request, for its whole length. */
	z.object({ type: z.literal("additional_tools"), tools: z.array(responsesToolSchema) }),
] as const;

const knownTypes: ReadonlySet<string> = new Set(knownItems.map((item) => item.shape.type.value));

/** An item of any other type: let through for the dialect to refuse in words. */
const otherItemSchema = z.object({ type: z.literal("other"), given: z.string() });

/** One item of the input. An item without `type` is a message, as OpenAI has it. */
export const responsesInputItemSchema = z.preprocess(
	nameItem,
	z.discriminatedUnion("type", [...knownItems, otherItemSchema]),
);
/** One item of the input. */
export type ResponsesInputItem = Wire<typeof responsesInputItemSchema>;

/** What the model is given to go on from; a text is one message of the user. */
export const responsesInputSchema = z.union([z.string(), z.array(responsesInputItemSchema).min(1)]);
/** What the model is given to go on from. */
export type ResponsesInput = Wire<typeof responsesInputSchema>;

function nameItem(value: unknown): unknown {
	if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
	const type = "type" in value ? value.type : undefined;
	if (type === undefined || type === null) return { ...value, type: "message" };
	if (typeof type !== "string") return { type: "other", given: Array.isArray(type) ? "array" : typeof type };
	return knownTypes.has(type) ? value : { type: "other", given: type };
}
