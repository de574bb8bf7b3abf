/** What `mesh-scale.ts` and its machines say to each other. */
import { z } from "zod";

/** How a machine is to be. */
export const wishSchema = z.object({
	dataDir: z.string(),
	name: z.string(),
	logLevel: z.string(),
	lanes: z.int().min(1),
	lineMs: z.number().min(1),
	answerCharacters: z.int().min(1),
});
/** How a machine is to be. */
export type NodeWish = z.infer<typeof wishSchema>;

/** A question to a machine. */
export const questionSchema = z.object({
	id: z.int(),
	ask: z.enum(["view", "show-code", "join", "submit", "figures", "stop"]),
	address: z.string().optional(),
	code: z.string().optional(),
	lines: z.int().optional(),
	batchId: z.string().optional(),
});
/** A question to a machine. */
export type NodeQuestion = z.infer<typeof questionSchema>;

/** What it answers; number 0 is its word that it stands. */
export const answerSchema = z.object({ id: z.int(), answered: z.unknown().optional(), failure: z.string().optional() });
/** What it answers. */
export type NodeAnswer = z.infer<typeof answerSchema>;

/** How a machine sees its mesh. */
export const viewSchema = z.object({
	self: z.string().nullable(),
	port: z.int().nullable(),
	host: z.string().nullable(),
	online: z.int(),
});

const flowSchema = z.object({ frames: z.number(), bytes: z.number() });

/** What a machine did so far. Moments are of the wall clock, in milliseconds. */
export const figuresSchema = z.object({
	status: z.string().nullable(),
	/** Lines with a result here, whoever made it. */
	done: z.int(),
	failed: z.int(),
	output: z.string().nullable(),
	validatedMs: z.number().nullable(),
	completedMs: z.number().nullable(),
	/** Lines this machine ran to their end. */
	lines: z.int(),
	firstBeganMs: z.number().nullable(),
	lastEndedMs: z.number().nullable(),
	traffic: z
		.object({
			sent: flowSchema,
			received: flowSchema,
			blobs: z.object({ sentBytes: z.number(), receivedBytes: z.number() }),
		})
		.nullable(),
	/** Of all logs. */
	operations: z.int(),
	cpuMs: z.number(),
	/** How late a timer of the service's thread came at worst. */
	latestMs: z.number(),
	atMs: z.number(),
});
/** What a machine did so far. */
export type NodeFigures = z.infer<typeof figuresSchema>;
