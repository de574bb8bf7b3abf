import { z } from "zod";

/**
 * The operations of the log. Bodies are small: bulk lies in blobs named by digest. Once released, a body's meaning never
 * changes; a new meaning is a new kind or a raised `OP_VERSION`.
 */

/** Version of the bodies written by this program. */
export const OP_VERSION = 1;

const digest = z.string().regex(/^[0-9a-f]{64}$/);
const natural = z.number().int().nonnegative();
const blobs = z.array(z.object({ digest, sizeBytes: natural }).readonly()).readonly();
const stored = { sizeBytes: natural, digest, blobs };
const storedBytes = z.object(stored).readonly();

const fileBody = z
	.object({ id: z.string(), filename: z.string(), purpose: z.string(), ...stored, expiresAtMs: z.number().nullable() })
	.readonly();

/** Runs of lines: pairs of first line and count. */
const ranges = z.array(z.tuple([natural, natural]).readonly()).readonly();

const manifest = z
	.object({
		inputFileId: z.string(),
		endpoint: z.string(),
		completionWindow: z.string(),
		windowMs: natural,
		metadata: z.record(z.string(), z.string()).readonly().nullable(),
		modelOverride: z.string().nullable(),
		outputExpiresAfterMs: natural.nullable(),
	})
	.readonly();

const fault = z
	.object({ code: z.string(), message: z.string(), param: z.string().nullable(), line: natural.nullable() })
	.readonly();

function op<Kind extends string, Body extends z.ZodType>(kind: Kind, body: Body) {
	return z.object({ kind: z.literal(kind), body }).readonly();
}

const sealStatus = z.enum(["completed", "cancelled", "expired"]);

/** Kind and body of an operation; what the log holds is checked against it whenever it is folded anew. */
export const opContentSchema = z.discriminatedUnion("kind", [
	op("file", fileBody),
	op("file-dropped", z.object({ id: z.string(), cause: z.enum(["deleted", "expired"]) }).readonly()),
	op(
		"upload",
		z
			.object({
				id: z.string(),
				filename: z.string(),
				purpose: z.string(),
				mimeType: z.string(),
				sizeBytes: natural,
				expiresAtMs: z.number(),
				fileExpiresAfterMs: z.number().nullable(),
			})
			.readonly(),
	),
	op("upload-part", z.object({ id: z.string(), uploadId: z.string(), bytes: storedBytes }).readonly()),
	op(
		"upload-ended",
		z
			.object({ id: z.string(), status: z.enum(["completed", "cancelled", "expired"]), file: fileBody.nullable() })
			.readonly(),
	),
	op("batch", z.object({ id: z.string(), manifest, idempotencyKey: z.string().nullable() }).readonly()),
	op(
		"validated",
		z
			.object({
				batchId: z.string(),
				total: natural,
				model: z.object({ name: z.string(), digest: z.string() }).readonly(),
			})
			.readonly(),
	),
	op("invalid", z.object({ batchId: z.string(), faults: z.array(fault).readonly() }).readonly()),
	op(
		"segment",
		z.object({ batchId: z.string(), digest, sizeBytes: natural, lines: ranges, errors: ranges }).readonly(),
	),
	op("crash", z.object({ batchId: z.string(), line: natural }).readonly()),
	op("cancel", z.object({ batchId: z.string() }).readonly()),
	op(
		"seal",
		z
			.object({
				batchId: z.string(),
				status: sealStatus,
				output: digest.nullable(),
				errors: digest.nullable(),
				completed: natural,
				failed: natural,
			})
			.readonly(),
	),
	op(
		"published",
		z
			.object({ batchId: z.string(), status: sealStatus, output: fileBody.nullable(), errors: fileBody.nullable() })
			.readonly(),
	),
]);

/** What an operation says. */
export type OpContent = z.output<typeof opContentSchema>;

/** Body of the operation of one kind. */
export type OpBody<Kind extends OpContent["kind"]> = Extract<OpContent, { readonly kind: Kind }>["body"];

/** Schema of what a stored file's bytes are, for columns that hold it as JSON. */
export const storedBytesSchema = storedBytes;
/** Schema of a list of blobs, for columns that hold it as JSON. */
export const blobListSchema = blobs;
/** Schema of a batch's manifest, for the column that holds it as JSON. */
export const manifestSchema = manifest;
/** Schema of a batch's faults, for the column that holds them as JSON. */
export const faultsSchema = z.array(fault).readonly();

/** JSON with the keys of every object sorted, so that equal values give equal bytes on every machine. */
export function canonicalJson(value: unknown): string {
	return JSON.stringify(value, (_, inner: unknown) => {
		if (typeof inner !== "object" || inner === null || Array.isArray(inner)) return inner;
		return Object.fromEntries(Object.entries(inner).sort(([left], [right]) => (left < right ? -1 : 1)));
	});
}

/** Packs ascending lines into runs of (first, count), so that an operation on neighbours stays small. */
export function toRanges(lines: readonly number[]): [number, number][] {
	const runs: [number, number][] = [];
	for (const line of lines) {
		const last = runs.at(-1);
		if (last !== undefined && last[0] + last[1] === line) last[1] += 1;
		else runs.push([line, 1]);
	}
	return runs;
}
