/** The lines of a trial's batches: the bundled tickets again and again, none like another, and what the answers should be. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";

const examplesDir = fileURLToPath(new URL("../../assets/examples", import.meta.url));

const ticketSchema = z.looseObject({ custom_id: z.string(), body: z.looseObject({}) });

/** Seeds of two batches are so far apart: more than a batch of a trial has lines. */
const SEEDS_A_BATCH = 1_000_000;

/** A batch to be made. */
export interface TrialLines {
	/** Whose number it is among the trial's requests. */
	readonly request: number;
	readonly text: string;
	readonly customIds: readonly string[];
	/** What is right, in the order of the lines. */
	readonly labels: readonly string[];
}

/** So many lines; each has a seed of its own, so that nothing is taken over from another line or batch. */
export function makeLines(request: number, count: number): TrialLines {
	const tickets = readFileSync(join(examplesDir, "tickets.jsonl"), "utf8").trimEnd().split("\n");
	const right = readLabels();
	const customIds: string[] = [];
	const labels: string[] = [];
	const texts: string[] = [];
	for (let at = 0; at < count; at += 1) {
		const ticket = ticketSchema.parse(JSON.parse(tickets[at % tickets.length] ?? ""));
		const customId = `${request}-${at}-${ticket.custom_id}`;
		const body = { ...ticket.body, seed: request * SEEDS_A_BATCH + at };
		texts.push(JSON.stringify({ ...ticket, custom_id: customId, body }));
		customIds.push(customId);
		labels.push(right.get(ticket.custom_id) ?? "");
	}
	return { request, text: `${texts.join("\n")}\n`, customIds, labels };
}

/** Id and label of each row; the text in between may have line ends, but none that is followed by an id. */
function readLabels(): ReadonlyMap<string, string> {
	const text = readFileSync(join(examplesDir, "tickets.csv"), "utf8");
	return new Map(
		[...text.matchAll(/^(ticket-\d+),(?:.|\n)*?,(billing|bug|feature_request|account|other)\r?$/gm)].map(
			([, id = "", label = ""]) => [id, label],
		),
	);
}
