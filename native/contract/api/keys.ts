/** `/api/keys`: the API keys that open `/v1` for other programs. With none made, `/v1` asks for none. */
import { z } from "zod";
import type { Wire } from "../openai/shared.ts";

/** What a key is called, to know later which program has it. */
export const apiKeyNameSchema = z
	.string()
	.trim()
	.min(1, { error: "A key needs a name, to know later which program has it." })
	.max(64, { error: "A key's name has at most 64 characters." })
	.regex(/^\P{Cc}*$/u, { error: "A key's name is one line of text." });

/** A key, without what makes it one: that is shown once, when it is made. */
export const apiKeySchema = z.strictObject({
	id: z.string(),
	name: z.string(),
	/** How the key begins, to recognize it by, e.g. `nsk_a1B2`. */
	prefix: z.string(),
	createdAtMs: z.number(),
	/** Since the service started; null: not yet. */
	lastUsedAtMs: z.number().nullable(),
});
/** A key, without what makes it one. */
export type ApiKey = Wire<typeof apiKeySchema>;

/** `GET /api/keys`, oldest first. */
export const apiKeyListSchema = z.strictObject({ keys: z.array(apiKeySchema) });
/** `GET /api/keys`, oldest first. */
export type ApiKeyList = Wire<typeof apiKeyListSchema>;

/** `POST /api/keys`. */
export const apiKeyCreateSchema = z.strictObject({ name: apiKeyNameSchema });
/** `POST /api/keys`. */
export type ApiKeyCreate = Wire<typeof apiKeyCreateSchema>;

/** Answer of `POST /api/keys`: the only time the secret is seen. */
export const apiKeyCreatedSchema = z.strictObject({
	key: apiKeySchema,
	/** What programs send, `nsk_` and 43 characters. */
	secret: z.string(),
});
/** Answer of `POST /api/keys`. */
export type ApiKeyCreated = Wire<typeof apiKeyCreatedSchema>;

/** Answer of `DELETE /api/keys/{id}`. */
export const apiKeyRevokedSchema = z.strictObject({ id: z.string(), deleted: z.literal(true) });
/** Answer of `DELETE /api/keys/{id}`. */
export type ApiKeyRevoked = Wire<typeof apiKeyRevokedSchema>;
