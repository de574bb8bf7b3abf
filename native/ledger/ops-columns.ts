import { z } from "zod";

/** Shapes that operations and JSON columns share. */

/** Lower-case hex SHA-256. */
export const digestSchema = z.string().regex(/^[0-9a-f]{64}$/);
/** A count or a size. */
export const naturalSchema = z.number().int().nonnegative();
/** Schema of a list of blobs, for columns that hold it as JSON. */
export const blobListSchema = z
	.array(z.object({ digest: digestSchema, sizeBytes: naturalSchema }).readonly())
	.readonly();

const stored = { sizeBytes: naturalSchema, digest: digestSchema, blobs: blobListSchema };

/** Schema of what a stored file's bytes are, for columns that hold it as JSON. */
export const storedBytesSchema = z.object(stored).readonly();
/** Body of the operation that makes a file. */
export const fileBodySchema = z
	.object({ id: z.string(), filename: z.string(), purpose: z.string(), ...stored, expiresAtMs: z.number().nullable() })
	.readonly();

/** Runs of lines: pairs of first line and count. */
export const rangesSchema = z.array(z.tuple([naturalSchema, naturalSchema]).readonly()).readonly();

/** One fault. */
export const faultSchema = z
	.object({ code: z.string(), message: z.string(), param: z.string().nullable(), line: naturalSchema.nullable() })
	.readonly();
/** Schema of a batch's faults, for the column that holds them as JSON. */
export const faultsSchema = z.array(faultSchema).readonly();

const rehearsedFields = {
	lines: naturalSchema,
	failed: naturalSchema,
	inputTokens: naturalSchema,
	outputTokens: naturalSchema,
	durationMs: z.number(),
};
/** What rehearsed lines came to, in its operation. */
export const rehearsedBodySchema = z.object(rehearsedFields).readonly();
/** What rehearsed lines came to, in its column. */
export const rehearsedSchema = z.object({ ...rehearsedFields, atMs: z.number() }).readonly();

/** Why a batch stands still. */
export const pauseCauseSchema = z.enum(["user", "runaway", "budget"]);
/** A pause, in its column. */
export const pauseSchema = z.object({ cause: pauseCauseSchema, message: z.string(), atMs: z.number() }).readonly();
/** Causes that pause a batch no more, in their column. */
export const overruledSchema = z.array(pauseCauseSchema).readonly();
/** That a batch was given up, in its column. */
export const givenUpSchema = z.object({ fault: faultSchema, atMs: z.number() }).readonly();
/** A warning, in its column. */
export const warningSchema = z.object({ message: z.string(), atMs: z.number() }).readonly();

/** Lines that one machine finished in one minute, in the operation of their segment. */
export const workSchema = z
	.object({
		machine: z.string(),
		atMs: naturalSchema,
		lines: naturalSchema,
		failed: naturalSchema,
		retries: naturalSchema,
		inputTokens: naturalSchema,
		cachedTokens: naturalSchema,
		outputTokens: naturalSchema,
	})
	.readonly();

/** Token counts. */
export const usageSchema = z
	.object({
		inputTokens: naturalSchema,
		cachedTokens: naturalSchema,
		outputTokens: naturalSchema,
		reasoningTokens: naturalSchema,
	})
	.readonly();

/** What people are told of. */
export const noticeKindSchema = z.enum([
	"completed",
	"failed",
	"expired",
	"cancelled",
	"needs-attention",
	"deadline-at-risk",
	"rehearsed",
	"report",
]);

/** A tenure of a host, as `native/mesh` orders them; null in its place: a machine alone, before all others. */
export const epochSchema = z.object({ term: naturalSchema, rank: z.number().int(), device: z.string() }).readonly();

/** Figures of an ended batch, in their column. */
export const figuresSchema = z
	.object({ completed: naturalSchema, failed: naturalSchema, usage: usageSchema })
	.readonly();

/** Names of machines; more are in no mesh. */
export const machinesSchema = z.array(z.string().max(200)).max(1_000).readonly();
/** Which machines may work on a batch, in its column. */
export const machineChoiceSchema = z
	.object({ revision: naturalSchema, only: machinesSchema.nullable(), never: machinesSchema })
	.readonly();
