/**
 * How a connection between members begins, before HTTP: one message behind its length each way (`frames`), so that nothing larger
 * has to be understood of somebody who may turn out to be a stranger.
 *
 * ```
 * caller ── hello ────▶ callee      who I am, and the records that make me a member
 *        ◀── welcome ──             the same of the other side; from here on HTTP, and by it the link
 *        ◀── refused ──             or why not
 * caller ── blobs ────▶ callee      a member that wants bytes; from here on HTTP
 * ```
 */
import { z } from "zod";
import { deviceNameSchema } from "../../identity/identity.ts";
import { VERSION_CHARACTERS } from "./about.ts";
import { deviceIdSchema, idSchema, MOST_RECORDS_TOLD, naturalSchema, portSchema, textSchema } from "./limits.ts";

/** Which language this program speaks. The major number changes when an older machine could not follow. */
export const PROTOCOL = { major: 1, minor: 0 } as const;

const protocolSchema = z.object({ major: naturalSchema, minor: naturalSchema }).readonly();
/** Which language a machine speaks. */
export type Protocol = z.infer<typeof protocolSchema>;

/** What must be right whatever the version, to be able to say that it is another. */
export const openingSchema = z.discriminatedUnion("kind", [
	z.looseObject({ kind: z.literal("hello"), protocol: protocolSchema }),
	z.looseObject({ kind: z.literal("blobs"), protocol: protocolSchema }),
]);

const selfShape = {
	protocol: protocolSchema,
	deviceId: deviceIdSchema,
	/** Drawn at each start. */
	incarnation: idSchema,
	name: deviceNameSchema,
	/** Where it listens; null: it can't be called. */
	port: portSchema.nullable(),
	/** Version of Nightshift. */
	version: textSchema(VERSION_CHARACTERS),
	/** Records of the mesh's members: what admits it, and what it knows besides. */
	records: z.array(z.unknown()).max(MOST_RECORDS_TOLD).readonly(),
};

/** First message of who calls, for a link. */
export const helloSchema = z.object({ kind: z.literal("hello"), ...selfShape }).readonly();
/** First message of who calls, for a link. */
export type Hello = z.infer<typeof helloSchema>;

/** Why a link is not wanted. `doubled`: there is one already, and it stays. */
const refusalSchema = z.enum(["other-protocol", "doubled", "malformed"]);

/** Answer to a hello. */
export const answerSchema = z.discriminatedUnion("kind", [
	z.object({ kind: z.literal("welcome"), ...selfShape }).readonly(),
	z.object({ kind: z.literal("refused"), reason: refusalSchema, protocol: protocolSchema }).readonly(),
]);
/** Answer to a hello. */
export type Answer = z.infer<typeof answerSchema>;
/** The friendly one. */
export type Welcome = Extract<Answer, { readonly kind: "welcome" }>;

/** What an answer must have whatever the version. */
export const anyAnswerSchema = z.looseObject({ kind: z.string(), protocol: protocolSchema });
