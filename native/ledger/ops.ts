import { z } from "zod";
import {
	digestSchema,
	epochSchema,
	faultSchema,
	faultsSchema,
	fileBodySchema,
	machinesSchema,
	naturalSchema,
	noticeKindSchema,
	pauseCauseSchema,
	rangesSchema,
	rehearsedBodySchema,
	storedBytesSchema,
	usageSchema,
	workSchema,
} from "./ops-columns.ts";
import { manifestSchema } from "./ops-manifest.ts";
import { LINES_PER_BATCH } from "./schema.ts";

/**
 * The operations of the log. Bodies are small: bulk lies in blobs named by digest. Once released, a body's meaning never
 * changes; a new meaning is a new kind or a raised `OP_VERSION`. A field that came later has a default that says what bodies
 * without it meant.
 */

/** Version of the bodies written by this program. */
export const OP_VERSION = 1;

/** Bytes of a body at most, so that every operation fits a frame between machines (1 MiB) with room for what goes around it. */
export const MAX_OP_BYTES = 256 * 1024;

function op<Kind extends string, Body extends z.ZodType>(kind: Kind, body: Body) {
	return z.object({ kind: z.literal(kind), body }).readonly();
}

/** An operation on one batch. */
function batchOp<Kind extends string, Shape extends z.ZodRawShape>(kind: Kind, shape: Shape) {
	return op(kind, z.object({ batchId: z.string(), ...shape }).readonly());
}

const sealStatus = z.enum(["completed", "cancelled", "expired", "failed"]);

/** What people are told of an operation; null: nothing. Operations from before there were notices tell nothing. */
const told = z.string().nullable().default(null);

/** The round of the batch that an operation was meant for; null: that which its own log had come to, of operations from before. */
const roundThen = naturalSchema.nullable().default(null);

/** What published figures are; null: those of the results that were there, of operations from before. */
const finalCounts = {
	usage: usageSchema.nullable().default(null),
	finalizingAtMs: z.number().nullable().default(null),
};

const fileOps = [
	op("file", fileBodySchema),
	op("file-dropped", z.object({ id: z.string(), cause: z.enum(["deleted", "expired"]), round: roundThen }).readonly()),
	op(
		"upload",
		z
			.object({
				id: z.string(),
				filename: z.string(),
				purpose: z.string(),
				mimeType: z.string(),
				sizeBytes: naturalSchema,
				expiresAtMs: z.number(),
				fileExpiresAfterMs: z.number().nullable(),
			})
			.readonly(),
	),
	op("upload-part", z.object({ id: z.string(), uploadId: z.string(), bytes: storedBytesSchema }).readonly()),
	op(
		"upload-ended",
		z
			.object({
				id: z.string(),
				status: z.enum(["completed", "cancelled", "expired"]),
				file: fileBodySchema.nullable(),
			})
			.readonly(),
	),
] as const;

const lifeOps = [
	op("batch", z.object({ id: z.string(), manifest: manifestSchema, idempotencyKey: z.string().nullable() }).readonly()),
	batchOp("validated", {
		total: naturalSchema.max(LINES_PER_BATCH - 1),
		model: z.object({ name: z.string(), digest: z.string() }).readonly(),
		notices: faultsSchema.default([]),
	}),
	batchOp("invalid", { faults: faultsSchema, message: told }),
	batchOp("segment", {
		digest: digestSchema,
		sizeBytes: naturalSchema,
		lines: rangesSchema,
		errors: rangesSchema,
		/** That of the batch when they were committed: errors of an earlier one no longer count. */
		round: naturalSchema.default(0),
		/** Taken over from equal lines of other batches; such lines are not work. */
		adopted: z.boolean().default(false),
		work: z.array(workSchema).readonly().default([]),
		/** How long the lines ran: pairs of bucket (see `durations.ts`) and count. */
		durations: z
			.array(z.tuple([naturalSchema, naturalSchema]).readonly())
			.readonly()
			.default([]),
	}),
	batchOp("crash", { line: naturalSchema, round: roundThen }),
	batchOp("cancel", { round: roundThen }),
	batchOp("seal", {
		status: sealStatus,
		output: digestSchema.nullable(),
		errors: digestSchema.nullable(),
		completed: naturalSchema,
		failed: naturalSchema,
		round: roundThen,
		epoch: epochSchema.nullable().default(null),
		/** What its `published` names; null with the digest there: an operation from before, whose `published` names it. */
		outputFile: fileBodySchema.nullable().default(null),
		errorFile: fileBodySchema.nullable().default(null),
		faults: faultsSchema.default([]),
		message: told,
		...finalCounts,
	}),
	batchOp("published", {
		status: sealStatus,
		output: fileBodySchema.nullable(),
		errors: fileBodySchema.nullable(),
		/** Why it failed; of other ends none. */
		faults: faultsSchema.default([]),
		message: told,
		round: roundThen,
		/** Of the seal. */
		epoch: epochSchema.nullable().default(null),
		completed: naturalSchema.nullable().default(null),
		failed: naturalSchema.nullable().default(null),
		...finalCounts,
	}),
	batchOp("indexed", {
		digest: digestSchema,
		sizeBytes: naturalSchema,
		total: naturalSchema,
		/** Digest of the model that the lines are for. */
		model: z.string(),
	}),
] as const;

const controlOps = [
	batchOp("rehearsed", { figures: rehearsedBodySchema, message: told, round: roundThen }),
	batchOp("queued", { windowMs: naturalSchema, round: roundThen }),
	batchOp("paused", { cause: pauseCauseSchema, message: z.string(), round: roundThen }),
	batchOp("resumed", { round: roundThen }),
	batchOp("gave-up", { fault: faultSchema, round: roundThen }),
	batchOp("warned", { message: z.string().nullable(), round: roundThen }),
	batchOp("retried", {
		/** The round that begins. */
		round: naturalSchema,
		/** Those that lose their errors; null: all failed ones. */
		lines: rangesSchema.nullable(),
		/** How many had an error, so that replaying needs no segments for it. */
		putBack: naturalSchema,
		windowMs: naturalSchema,
	}),
	batchOp("collected", { round: roundThen }),
	batchOp("chosen", {
		/** Counts up with each choice; of equal ones that of the higher origin stands. */
		revision: naturalSchema,
		only: machinesSchema.nullable(),
		never: machinesSchema,
	}),
	batchOp("results-dropped", {
		cause: z.enum(["expired", "deleted"]),
		/** The figures that stay, so that replaying needs no segments for them. */
		completed: naturalSchema,
		failed: naturalSchema,
		usage: usageSchema,
		finalizingAtMs: z.number().nullable(),
	}),
] as const;

const figureOps = [
	batchOp("worked", {
		machine: z.string(),
		fromMs: naturalSchema,
		toMs: naturalSchema,
		wattHours: z.number().nonnegative(),
		isMeasured: z.boolean(),
	}),
	op("notice", z.object({ kind: noticeKindSchema, batchId: z.string().nullable(), message: z.string() }).readonly()),
	op(
		"delivery",
		z.object({ notice: naturalSchema, target: digestSchema, outcome: z.enum(["delivered", "given-up"]) }).readonly(),
	),
] as const;

/** Kind and body of an operation; what the log holds is checked against it whenever it is folded anew. */
export const opContentSchema = z.discriminatedUnion("kind", [...fileOps, ...lifeOps, ...controlOps, ...figureOps]);

/** What an operation says. */
export type OpContent = z.output<typeof opContentSchema>;

/** Kinds of operations that this program knows. */
export const KNOWN_KINDS: readonly string[] = opContentSchema.options.map((option) => {
	const { kind } = option.unwrap().shape;
	return kind.value;
});

/** Body of the operation of one kind. */
export type OpBody<Kind extends OpContent["kind"]> = Extract<OpContent, { readonly kind: Kind }>["body"];

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
