/**
 * What two machines say while they pair. The shower has a code on its screen, or gave out a token; the typer calls it.
 *
 * ```
 * typer  ── hello ──────▶  shower      who I am called, and what I was given
 *        ◀── challenge ──              its contribution to the key
 *        ── proof ──────▶              mine, and that I have the key: here the shower learns whether the code was right
 *        ◀── accepted ───              that it has it too; under the key, who is in the mesh
 *        ── members ────▶              under the key, whom I know
 * ```
 * Instead of challenge and accepted there may be a refusal.
 */
import { z } from "zod";
import type { FrameLimits } from "../frames/frames.ts";
import { deviceNameSchema } from "../identity/identity.ts";
import { manyOctetsSchema, octetsSchema } from "../identity/octets.ts";
import { CONFIRMATION_BYTES, SHARE_BYTES } from "./cpace.ts";

/** Random octets of each side; together they are used once. */
export const NONCE_BYTES = 16;
/** Of the name of a token. */
export const TOKEN_ID_BYTES = 8;

/** Machines answer each other without anybody in between; what takes longer is no pairing. Signing and storing are in it. */
const STEP_MS = 10_000;
/** Beyond the largest hello by half: a name of 64 characters, and the rest. */
export const smallMessage: FrameLimits = { sizeBytes: 1_024, withinMs: STEP_MS };
/** A whole membership under the key. As much as any message between machines may be (`reference/mesh.md` 2.4). */
export const largeMessage: FrameLimits = { sizeBytes: 1_024 * 1_024, withinMs: STEP_MS };
/** What may be under the key so that the message stays within its limit: base64 makes four octets of three, and JSON needs some. */
export const MOST_BOXED_BYTES = 700 * 1_024;

const boxSchema = manyOctetsSchema(MOST_BOXED_BYTES + 64);

/** First message of the typer. */
export const helloSchema = z.object({
	kind: z.literal("hello"),
	name: deviceNameSchema,
	nonce: octetsSchema(NONCE_BYTES),
	/** Null: a code. Else the name of the token. */
	tokenId: octetsSchema(TOKEN_ID_BYTES).nullable(),
	/** Whether this side can tell the connection by a key exported from it. It is used if both can. */
	canExport: z.boolean(),
});
/** First message of the typer. */
export type Hello = Readonly<z.infer<typeof helloSchema>>;

/** First message of the shower. */
export const challengeSchema = z.object({
	kind: z.literal("challenge"),
	name: deviceNameSchema,
	nonce: octetsSchema(NONCE_BYTES),
	canExport: z.boolean(),
	share: octetsSchema(SHARE_BYTES),
});
/** First message of the shower. */
export type Challenge = Readonly<z.infer<typeof challengeSchema>>;

/** Second message of the typer. */
export const proofSchema = z.object({
	kind: z.literal("proof"),
	share: octetsSchema(SHARE_BYTES),
	confirmation: octetsSchema(CONFIRMATION_BYTES),
});
/** Second message of the typer. */
export type Proof = Readonly<z.infer<typeof proofSchema>>;

/** Second message of the shower. */
export const acceptedSchema = z.object({
	kind: z.literal("accepted"),
	confirmation: octetsSchema(CONFIRMATION_BYTES),
	box: boxSchema,
});
/** Second message of the shower. */
export type Accepted = Readonly<z.infer<typeof acceptedSchema>>;

/** Last message. */
export const membersSchema = z.object({ kind: z.literal("members"), box: boxSchema });
/** Last message. */
export type Members = Readonly<z.infer<typeof membersSchema>>;

/** Why the shower does not go on. */
export const refusedSchema = z.object({
	kind: z.literal("refused"),
	reason: z.enum([
		/** Another pairing is under way. */
		"busy",
		/** No code is shown, or it was used, closed or wrong too often. */
		"closed",
		"expired",
		/** The token was used, is too old, or never was. */
		"no-such-token",
		"wrong-code",
		/** The typer was removed from this mesh. */
		"removed",
		/** The shower could not store the new member. */
		"failed",
	]),
});
/** Why the shower does not go on. */
export type Refused = Readonly<z.infer<typeof refusedSchema>>;

/** Schema of what is under the key: records, each of which is checked where it is taken in. */
export const boxedSchema = z.object({ records: z.array(z.unknown()) });
