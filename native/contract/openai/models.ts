/** Models. */
import { z } from "zod";
import { unixSecondsSchema, type Wire } from "./shared.ts";

/** A model that requests may name. */
export const modelObjectSchema = z.strictObject({
	id: z.string(),
	object: z.literal("model"),
	created: unixSecondsSchema,
	owned_by: z.string(),
});
/** A model that requests may name. */
export type ModelObject = Wire<typeof modelObjectSchema>;

/** Reply of `GET /v1/models`; it has no pages. */
export const modelListSchema = z.strictObject({ object: z.literal("list"), data: z.array(modelObjectSchema) });
/** Reply of `GET /v1/models`. */
export type ModelList = Wire<typeof modelListSchema>;
