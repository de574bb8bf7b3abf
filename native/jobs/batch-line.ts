import { z } from "zod";

const batchLineSchema = z.looseObject({ url: z.string(), body: z.looseObject({}) });

/** The parts of a batch line that say what to do. */
export type BatchLine = z.infer<typeof batchLineSchema>;

/** Reads a line that passed validation; throws on any other, which would mean that the ledger's bytes changed. */
export function parseBatchLine(bytes: Uint8Array): BatchLine {
	return batchLineSchema.parse(
		JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8")),
	);
}

/**
 * Text by which lines are put in order so that neighbours share as long a start of their prompts as possible: the model keeps
 * what it has already read of a shared start.
 */
export function promptText(bytes: Uint8Array): string {
	const { body } = parseBatchLine(bytes);
	return JSON.stringify([body.tools, body.messages ?? body.prompt ?? body.input]);
}
