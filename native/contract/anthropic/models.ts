/** Models, as Anthropic lists them. */
import { z } from "zod";
import type { Wire } from "../openai/shared.ts";

/** A model that requests may name. Null where nothing is known: of local models most of it is not. */
export const modelInfoSchema = z.strictObject({
	type: z.literal("model"),
	id: z.string(),
	display_name: z.string(),
	/** RFC 3339; the epoch where it is not known. */
	created_at: z.iso.datetime(),
	max_input_tokens: z.int().min(1).nullable(),
	max_tokens: z.int().min(1).nullable(),
	capabilities: z.null(),
	lifecycle: z.literal("active"),
	line: z.null(),
	deprecated_at: z.null(),
	retires_at: z.null(),
});
/** A model that requests may name. */
export type ModelInfo = Wire<typeof modelInfoSchema>;

/** Reply of `GET /v1/models` to who sends `anthropic-version`. The ids are null when the page is empty. */
export const modelInfoListSchema = z.strictObject({
	data: z.array(modelInfoSchema),
	has_more: z.boolean(),
	first_id: z.string().nullable(),
	last_id: z.string().nullable(),
});
/** Reply of `GET /v1/models` to who sends `anthropic-version`. */
export type ModelInfoList = Wire<typeof modelInfoListSchema>;
