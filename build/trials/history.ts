/**
 * What was asked, answered and broken in one trial, in the order in which it happened: JSON lines in a file, checked afterwards. Times
 * are wall-clock milliseconds; all machines of a trial have the same clock. Owns the form of a history; must never judge one.
 */
import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { z } from "zod";
import { batchStatusSchema, durabilitySchema } from "../../native/contract/contract.ts";

/** Kinds of faults, and what each does to the machines that it names. */
export const faultKindSchema = z.enum([
	/** The host's processes are killed; they start again after a while. */
	"kill-host",
	/** Those of a machine that is not host. */
	"kill-other",
	/** Two machines can't reach each other, all others can. */
	"cut",
	/** The adapter is pulled out, and put in again with another address. */
	"pull",
	/** All processes of a machine stand still, and go on as if nothing had been. */
	"stop",
	/** Every machine's processes are killed at once. */
	"kill-all",
]);
/** Kinds of faults. */
export type FaultKind = z.infer<typeof faultKindSchema>;

const machine = z.string();
const http = z.int().nullable();
const range = z.tuple([z.int(), z.int()]);

const batchSchema = z.object({
	status: batchStatusSchema,
	total: z.int(),
	completed: z.int(),
	failed: z.int(),
	outputFileId: z.string().nullable(),
	errorFileId: z.string().nullable(),
});
/** A batch as a machine shows it. */
export type SeenBatch = z.infer<typeof batchSchema>;

const segmentSchema = z.object({
	batchId: z.string(),
	/** Log of the machine that ran its lines. */
	origin: z.string(),
	atMs: z.number(),
	/** Pairs of first line and count. */
	lines: z.array(range),
	errors: z.array(range),
});
/** Results that one machine recorded at once. */
export type SeenSegment = z.infer<typeof segmentSchema>;

const answerSchema = z.object({
	customId: z.string(),
	/** What the model said; null: the line is no answer. */
	text: z.string().nullable(),
});
/** One line of an output. */
export type SeenAnswer = z.infer<typeof answerSchema>;

/** Answers and requests that got none: `http` is null then. */
const happeningSchema = z.discriminatedUnion("kind", [
	z.object({ kind: z.literal("run"), seed: z.int(), machines: z.array(machine), lines: z.int() }),
	/** `faults`: from here on things break; `healed`: nothing is broken any more; `final`: what is seen now must be right. */
	z.object({ kind: z.literal("phase"), phase: z.enum(["faults", "healed", "final"]) }),
	z.object({ kind: z.literal("started"), machine }),
	z.object({ kind: z.literal("serving"), machine }),
	z.object({ kind: z.literal("ended"), machine, isOurs: z.boolean(), how: z.string() }),
	z.object({ kind: z.literal("fault"), id: z.int(), fault: faultKindSchema, machines: z.array(machine) }),
	z.object({ kind: z.literal("mended"), id: z.int() }),
	z.object({ kind: z.literal("create"), request: z.int(), machine, customIds: z.array(z.string()) }),
	z.object({
		kind: z.literal("created"),
		request: z.int(),
		machine,
		http,
		batchId: z.string().nullable(),
		level: durabilitySchema.shape.level.nullable(),
	}),
	z.object({ kind: z.literal("polled"), machine, batchId: z.string(), http, batch: batchSchema.nullable() }),
	z.object({
		kind: z.literal("fetched"),
		machine,
		batchId: z.string(),
		fileId: z.string(),
		http,
		digest: z.string().nullable(),
	}),
	/** What the bytes of a digest say; once a digest. */
	z.object({ kind: z.literal("content"), digest: z.string(), answers: z.array(answerSchema) }),
	z.object({
		kind: z.literal("mesh"),
		machine,
		host: z.string().nullable(),
		term: z.int().nullable(),
		online: z.int(),
		trouble: z.string().nullable(),
	}),
	z.object({
		kind: z.literal("ledger"),
		machine,
		origin: z.string(),
		problems: z.array(z.string()),
		segments: z.array(segmentSchema),
	}),
	/** Pairs of line and moment. */
	z.object({
		kind: z.literal("line-starts"),
		machine,
		batchId: z.string(),
		starts: z.array(z.tuple([z.int(), z.number()])),
	}),
	/** The lines of a request as one machine answers them that is alone, and what they should say. */
	z.object({
		kind: z.literal("alone"),
		request: z.int(),
		answers: z.array(answerSchema),
		labels: z.array(z.string()),
	}),
]);

/** Something that happened, without its moment. */
export type Happening = z.infer<typeof happeningSchema>;
/** Something that happened. */
export type TrialEvent = Happening & { readonly atMs: number };
/** Everything that happened in a trial. */
export type History = readonly TrialEvent[];

const eventSchema = z.intersection(happeningSchema, z.object({ atMs: z.number() }));

/** Writes a history as it happens. */
export interface Recorder extends Disposable {
	readonly history: History;
	record(happening: Happening): void;
}

/** Begins a history in a file. */
export function createRecorder(path: string): Recorder {
	const file = openSync(path, "w");
	const history: TrialEvent[] = [];
	return {
		history,
		record(happening) {
			const event = { atMs: Date.now(), ...happening };
			history.push(event);
			writeSync(file, `${JSON.stringify(event)}\n`);
		},
		[Symbol.dispose]: () => closeSync(file),
	};
}

/** Reads a history. Throws where it is none. */
export function readHistory(path: string): History {
	const lines = readFileSync(path, "utf8").split("\n");
	return lines.filter((line) => line !== "").map((line) => eventSchema.parse(JSON.parse(line)));
}

/** The events of one kind. */
export function eventsOf<Kind extends Happening["kind"]>(
	history: History,
	kind: Kind,
): readonly Extract<TrialEvent, { readonly kind: Kind }>[] {
	return history.filter((event): event is Extract<TrialEvent, { readonly kind: Kind }> => event.kind === kind);
}

/** What happened from the beginning of a phase on; nothing if it never began. */
export function sincePhase(history: History, phase: "faults" | "healed" | "final"): History {
	const at = history.findIndex((event) => event.kind === "phase" && event.phase === phase);
	return at < 0 ? [] : history.slice(at);
}
