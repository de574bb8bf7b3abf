/** What the cores of two machines say to each other (`core/messages.ts`), as it goes over the wire. */
import { z } from "zod";
import { MAX_OPERATIONS_A_FRAME, MAX_SLICE_LINES } from "../../core/constants.ts";
import type { Message } from "../../core/messages.ts";
import { countLines, type LineRanges } from "../../core/ranges.ts";
import { deviceIdSchema, digestSchema, idSchema, MOST_FRAME_BYTES, naturalSchema, textSchema } from "./limits.ts";

/** Logs that a machine may name: far beyond one of each machine that ever was in a mesh of thirty. */
const MOST_LOGS = 1_024;
/** Slices and leases named at once: a machine works on two, and a host that was deposed meanwhile gave it two more. */
const MOST_SLICES = 16;
/** Leases told as done; the core tells eight. */
const MOST_FINISHED = 64;
/** Models that a machine can work with: more than fit on its disk. */
const MOST_MODELS = 256;
/** Of a model's name: a path on a hub with quantisation. */
const MODEL_CHARACTERS = 300;
/** Faster than any machine, and still a number to compute with. */
const MOST_LINES_PER_SECOND = 1e9;
/** Preferences and handicaps are small; the bound keeps sums of them exact. */
const rankSchema = z.int().min(-1_000_000).max(1_000_000);

const epochSchema = z.object({ term: naturalSchema, rank: rankSchema, device: deviceIdSchema }).readonly();

/** Ascending runs of at least one line that don't overlap: what the core's sums of lines take for granted. */
const linesSchema = z
	.array(z.tuple([naturalSchema, z.int().min(1)]).readonly())
	.max(MAX_SLICE_LINES)
	.refine(areAscending, "These are not ascending runs of lines")
	.refine((lines) => countLines(lines) <= MAX_SLICE_LINES, "These are more lines than a slice has")
	.readonly();

const slice = { leaseId: idSchema, batchId: idSchema, lines: linesSchema };

const helloSchema = z
	.object({
		kind: z.literal("hello"),
		incarnation: idSchema,
		epoch: epochSchema.nullable(),
		hosting: epochSchema.nullable(),
		witnessed: z
			.object({ epoch: epochSchema, ageMs: z.number().min(0) })
			.readonly()
			.nullable(),
		durable: z
			.record(idSchema, naturalSchema)
			.refine((versions) => Object.keys(versions).length <= MOST_LOGS, "These are too many logs")
			.readonly(),
		handicap: rankSchema,
		slices: z.array(z.object(slice).readonly()).max(MOST_SLICES).readonly(),
	})
	.readonly();

const wantSchema = z
	.object({
		kind: z.literal("want"),
		models: z.array(textSchema(MODEL_CHARACTERS)).max(MOST_MODELS).readonly(),
		linesPerSecond: z.number().min(0).max(MOST_LINES_PER_SECOND),
		holding: z.array(idSchema).max(MOST_SLICES).readonly(),
		finished: z.array(idSchema).max(MOST_FINISHED).readonly(),
	})
	.readonly();

/** An operation as the ledger stores it. What it means to the core is for the ledger to say; its hash is checked there too. */
export const wireOperationSchema = z
	.object({
		origin: idSchema,
		sequence: z.int().min(1),
		previous: digestSchema,
		hash: digestSchema,
		/** Kinds of later versions too: kept and passed on. */
		kind: idSchema,
		version: naturalSchema,
		/** Canonical JSON, verbatim. The largest names the chunks of an input: some 400 KB for 30 GB. */
		body: textSchema(MOST_FRAME_BYTES),
		atMs: z.number(),
	})
	.readonly();
/** An operation as the ledger stores it. */
export type WireOperation = z.infer<typeof wireOperationSchema>;

const operationsSchema = z
	.object({
		kind: z.literal("operations"),
		operations: z.array(wireOperationSchema).max(MAX_OPERATIONS_A_FRAME).readonly(),
	})
	.readonly();

/** Schema of what goes between two cores. */
export const wireMessageSchema = z.discriminatedUnion("kind", [
	helloSchema,
	operationsSchema,
	wantSchema,
	z.object({ kind: z.literal("grant"), epoch: epochSchema, ...slice }).readonly(),
	z.object({ kind: z.literal("shrink"), leaseId: idSchema, lines: linesSchema }).readonly(),
	z.object({ kind: z.literal("release"), leaseId: idSchema }).readonly(),
	z.object({ kind: z.literal("yield"), epoch: epochSchema }).readonly(),
	z.object({ kind: z.literal("goodbye") }).readonly(),
]);

/** What goes between two cores: the core's own messages, with operations as the ledger has them. */
export type WireMessage =
	| Exclude<Message, { readonly kind: "operations" }>
	| { readonly kind: "operations"; readonly operations: readonly WireOperation[] };

/**
 * How many of these operations, from the first, one frame can carry. At least one: larger ones than a frame the ledger never makes,
 * and `send` says so if it did.
 */
export function countThatFit(operations: readonly WireOperation[]): number {
	let sizeBytes = FRAME_WORDS_BYTES;
	for (const [at, operation] of operations.slice(0, MAX_OPERATIONS_A_FRAME).entries()) {
		sizeBytes += Buffer.byteLength(JSON.stringify(operation)) + 1;
		if (sizeBytes > MOST_FRAME_BYTES) return Math.max(1, at);
	}
	return Math.min(operations.length, MAX_OPERATIONS_A_FRAME);
}

/** What a frame of operations has besides them. */
const FRAME_WORDS_BYTES = 128;

function areAscending(lines: LineRanges): boolean {
	return lines.every(([first], at) => {
		const before = lines[at - 1];
		return before === undefined || before[0] + before[1] <= first;
	});
}
