/**
 * `/api/session`: how a browser gets in. One of our own tools asks for a code with its token and opens the page with it; the
 * page trades the code for a cookie that scripts can't read.
 */
import { z } from "zod";
import type { Wire } from "../openai/shared.ts";

/** Answer of `POST /api/session/codes`. */
export const sessionCodeSchema = z.strictObject({
	/** Works once. */
	code: z.string(),
	expiresAtMs: z.number(),
});
/** Answer of `POST /api/session/codes`. */
export type SessionCode = Wire<typeof sessionCodeSchema>;

/** `POST /api/session`; answered with 204 and the cookie. */
export const sessionCreateSchema = z.strictObject({ code: z.string().min(1).max(128) });
/** `POST /api/session`. */
export type SessionCreate = Wire<typeof sessionCreateSchema>;
